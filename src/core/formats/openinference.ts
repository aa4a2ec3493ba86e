// OpenInference traces: OTLP exports with its attributes, span lists of the JavaScript and Python libraries (also of
// the Vercel AI SDK), and spans exported from Phoenix.
import type { FileFormat, Sample } from "./format.ts";
import { recordFraming, sampleRecords } from "./layout.ts";
import { holdsSpans } from "./spanLayouts.ts";
import { readTraces } from "./traces.ts";

const OWN_KEYS = /"(?:openinference\.|llm\.(?:input|output)_messages|ai\.operationId"|openinference")/;
/** Spans as the libraries and Phoenix dump them, outside of an export. */
const LIBRARY_SPAN = /"(?:spanContext|span_kind|context)":/;

export const openinference: FileFormat = {
	id: "openinference",
	title: "OpenInference traces",
	reads:
		"one rollout a trace, agents that a tool call started as nested rollouts: flattened or nested messages, tool calls, tool runs, agents, usage, cost, tools, errors; span lists with pairs of seconds and nanoseconds; Phoenix spans",
	leaves: "retrievers, embeddings and chains make no step; documents are not read",
	unit: "file",
	sniff,
	framing: recordFraming,
	readFile: readTraces,
};

function sniff(sample: Sample): number {
	if (!sampleRecords(sample).some(holdsSpans)) return 0;
	if (OWN_KEYS.test(sample.text)) return 0.9;
	return LIBRARY_SPAN.test(sample.text) ? 0.6 : 0;
}
