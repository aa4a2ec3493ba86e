// OTLP JSON traces with OpenTelemetry's GenAI conventions, also those of OpenLLMetry: one export or many.
import type { FileFormat, Sample } from "./format.ts";
import { recordFraming, sampleRecords } from "./layout.ts";
import { holdsSpans } from "./spanLayouts.ts";
import { readTraces } from "./traces.ts";

const SPEAKS_OF_MODELS = /"(?:gen_ai\.|traceloop\.|llm\.request\.type)/;

export const otlp: FileFormat = {
	id: "otlp",
	title: "OTLP traces (GenAI conventions)",
	reads:
		"one rollout a trace, agents that a tool call started as nested rollouts: model calls, tool runs, agents, messages from attributes or, before 1.37, from span events, each once; usage, errors, tools, evaluation results",
	leaves: "spans that are neither model calls, tool runs nor agents; metrics and logs",
	unit: "file",
	sniff,
	framing: recordFraming,
	readFile: readTraces,
};

function sniff(sample: Sample): number {
	if (!sampleRecords(sample).some(holdsSpans)) return 0;
	return SPEAKS_OF_MODELS.test(sample.text) ? 0.85 : 0.5;
}
