// OpenTelemetry spans as rollouts, one a trace: what the formats that carry such spans have in common.
import type { JsonRecord } from "../json/record.ts";
import { blankRollout, coveringPlace } from "../model/create.ts";
import { asArray, asId, asString, isObject, member } from "../model/json.ts";
import type { Rollout, ToolSchema } from "../model/trajectory.ts";
import { oneLine } from "../text/line.ts";
import { readTools } from "./chatMessages.ts";
import { storedLabel } from "./fields.ts";
import { finishRollout } from "./finish.ts";
import type { ReadContext } from "./format.ts";
import { decodeNested } from "./modelCalls.ts";
import { gather, meaningOf } from "./spanAttributes.ts";
import { type RawSpan, rawSpans } from "./spanLayouts.ts";
import { stepsOfSpans } from "./spanTree.ts";

/** The rollouts of all traces in these records, in the order in which the traces first appear. */
export function readTraces(records: JsonRecord[], context: ReadContext): Rollout[] {
	const traces = new Map<string, RawSpan[]>();
	for (const record of records) {
		const spans = rawSpans(record, context.locate);
		if (spans.length === 0) context.problem(record.place, isObject(record.value) ? "no spans" : "not an object");
		for (const span of spans) {
			const trace = traces.get(span.trace);
			if (trace === undefined) traces.set(span.trace, [span]);
			else trace.push(span);
		}
	}
	return [...traces].flatMap(([id, spans]) => readTrace(id, onlyOnce(spans, context), context));
}

/** Exporters that try again write spans again. */
function onlyOnce(spans: RawSpan[], context: ReadContext): RawSpan[] {
	const seen = new Set<string>();
	return spans.filter((span) => {
		if (seen.has(span.id)) context.problem(span.place, `duplicate id ${span.id}`);
		const isNew = !seen.has(span.id);
		seen.add(span.id);
		return isNew;
	});
}

/** The rollout of one trace; none where its spans tell nothing. */
export function readTrace(id: string, spans: RawSpan[], context: ReadContext): Rollout[] {
	const ids = new Set(spans.map((span) => span.id));
	const root = spans.find((span) => span.parent === null || !ids.has(span.parent)) ?? (spans[0] as RawSpan);
	const rollout = blankRollout({ ...coveringPlace(spans.map((span) => span.place)), pointer: "" }, id, "");
	rollout.steps = stepsOfSpans(spans.map(meaningOf), context);
	if (rollout.steps.length === 0) {
		context.problem(rollout.place, `trace ${id} holds no messages`);
		return [];
	}
	if (!rollout.steps.some((step) => step.role === "user")) rollout.title = oneLine(root.name, 120);
	rollout.time = root.start;
	rollout.durationMs = root.start === null || root.end === null ? null : Math.max(0, root.end - root.start);
	rollout.ending = root.failed ? root.status || "error" : null;
	rollout.tools = toolsOf(spans);
	rollout.extra = { resource: root.resource };
	for (const key of ["session.id", "gen_ai.conversation.id", "user.id"]) {
		const value = spans.map((span) => gather(span.attributes, key)).find((known) => known !== undefined);
		if (value !== undefined) rollout.extra[key] = value;
	}
	for (const span of spans) addEvaluations(rollout, span);
	return [finishRollout(rollout)];
}

/** The tools that the model calls were offered, each once. */
function toolsOf(spans: RawSpan[]): ToolSchema[] {
	const tools = new Map<string, ToolSchema>();
	for (const { attributes } of spans) {
		const listed = asArray(gather(attributes, "llm.tools"))?.map(
			(entry) => member(member(entry, "tool"), "json_schema") ?? entry,
		);
		const offered = listed ?? asArray(decodeNested(gather(attributes, "gen_ai.tool.definitions"))) ?? [];
		for (const tool of readTools(offered.map((entry) => decodeNested(entry)))) {
			if (!tools.has(tool.name)) tools.set(tool.name, tool);
		}
	}
	return [...tools.values()];
}

/** Verdicts that were recorded with the trace: GenAI's evaluation events. */
function addEvaluations(rollout: Rollout, span: RawSpan): void {
	for (const { name, attributes } of span.events) {
		if (name !== "gen_ai.evaluation.result") continue;
		const category = asString(member(attributes, "gen_ai.evaluation.name"));
		const score = member(attributes, "gen_ai.evaluation.score.value");
		if (typeof score === "number" && category !== null) rollout.rewards[category] = score;
		const step = rollout.steps.find(({ origin }) => origin.index === span.id);
		rollout.labels.push(
			storedLabel({
				target: "rating",
				step: step?.step ?? null,
				originalIndex: asId(span.id),
				category,
				annotatorKind: "model",
				severity: asString(member(attributes, "gen_ai.evaluation.score.label")),
				text: asString(member(attributes, "gen_ai.evaluation.explanation")),
			}),
		);
	}
}
