// LangSmith runs: a flat list with parent ids (JSON Lines, an array, or `{runs}`), or a tree by `child_runs`.
import { RecordPlaces } from "../json/places.ts";
import type { JsonRecord } from "../json/record.ts";
import { pointerOf } from "../json/scan.ts";
import { blankRollout } from "../model/create.ts";
import {
	asArray,
	asId,
	asNumber,
	asObject,
	asString,
	isObject,
	type JsonObject,
	type JsonValue,
	member,
	memberAt,
	without,
} from "../model/json.ts";
import { outcomeOf } from "../model/outcome.ts";
import type { Place, Rollout, TokenUsage } from "../model/trajectory.ts";
import { oneLine } from "../text/line.ts";
import { finishRollout } from "./finish.ts";
import type { FileFormat, Framing, ReadContext, Sample } from "./format.ts";
import { firstObject, recordFraming } from "./layout.ts";
import { decodeNested, inputTurns, outputParts } from "./modelCalls.ts";
import { noParts, resultText } from "./parts.ts";
import { type Span, stepsOfSpans } from "./spanTree.ts";
import { readTime } from "./time.ts";
import { readUsage } from "./usage.ts";

export const langsmith: FileFormat = {
	id: "langsmith",
	title: "LangSmith runs",
	reads:
		"one rollout a trace: llm, tool and retriever runs with their messages in LangChain's or any vendor's shape; tokens, costs, errors; the dataset example as task, the project as run, feedback averages as named rewards",
	leaves: "chain, prompt and parser runs make no step; inputs kept in S3 are not fetched",
	unit: "file",
	sniff,
	framing: (sample): Framing => (isWrapped(sample) ? { kind: "elements", pointer: "/runs" } : recordFraming(sample)),
	readFile,
};

function isWrapped(sample: Sample): boolean {
	return sample.layout === "document" && Array.isArray(member(sample.values[0], "runs"));
}

function sniff(sample: Sample): number {
	const first = isWrapped(sample) ? asArray(member(sample.values[0], "runs"))?.[0] : (firstObject(sample) ?? undefined);
	if (asString(member(first, "run_type")) === null || member(first, "id") === undefined) return 0;
	const telling = ["dotted_order", "trace_id", "parent_run_id", "child_runs", "session_id", "session_name"];
	return telling.some((key) => member(first, key) !== undefined) ? 0.95 : 0.5;
}

interface Run {
	id: string;
	fields: JsonObject;
	place: Place;
	parent: string | null;
}

function readFile(records: JsonRecord[], context: ReadContext): Rollout[] {
	const runs = new Map<string, Run>();
	for (const record of records) {
		if (
			isObject(record.value) &&
			asString(member(record.value, "run_type")) === null &&
			!isUpdate(record.value, runs)
		) {
			context.problem(record.place, "not a run: it has no run_type");
		} else if (!isObject(record.value)) context.problem(record.place, "not an object");
		else for (const run of flatten(record, context)) addRun(runs, run);
	}
	return traces([...runs.values()]).map((trace) => readTrace(trace, context));
}

/** Clients send a run twice: when it starts, and with what is new when it ends. */
function isUpdate(fields: JsonObject, runs: ReadonlyMap<string, Run>): boolean {
	return runs.has(asId(member(fields, "id")) ?? "");
}

function addRun(runs: Map<string, Run>, run: Run): void {
	const started = runs.get(run.id);
	if (started === undefined) runs.set(run.id, run);
	else started.fields = { ...started.fields, ...run.fields };
}

/** The record's run and all runs below it. */
function flatten(record: JsonRecord, context: ReadContext): Run[] {
	const places = new RecordPlaces(record, context.locate);
	const found: Run[] = [];
	const waiting: { fields: JsonObject; pointer: string; parent: string | null }[] = [
		{ fields: asObject(record.value) ?? {}, pointer: "", parent: null },
	];
	for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
		const { fields, pointer } = next;
		const id = asId(member(fields, "id")) ?? `run-${record.ordinal}-${found.length}`;
		const children = asArray(member(fields, "child_runs")) ?? [];
		const place = places.before(fields, children.length > 0 ? member(fields, "child_runs") : undefined, pointer);
		found.push({ id, fields, place, parent: asId(member(fields, "parent_run_id")) ?? next.parent });
		children.forEach((child, index) => {
			const at = pointer + pointerOf("child_runs", index);
			if (isObject(child)) waiting.push({ fields: child, pointer: at, parent: id });
			else context.problem(place, `child run ${index} is not an object`);
		});
	}
	return found;
}

/** Runs by trace: by `trace_id` where they state it, else by the outermost run above them. */
function traces(runs: Run[]): Run[][] {
	const byId = new Map(runs.map((run) => [run.id, run]));
	const roots = new Map<Run, string>();
	const groups = new Map<string, Run[]>();
	for (const run of runs) {
		const id = asId(member(run.fields, "trace_id")) ?? rootOf(run, byId, roots);
		const group = groups.get(id);
		if (group === undefined) groups.set(id, [run]);
		else group.push(run);
	}
	return [...groups.values()];
}

function rootOf(run: Run, byId: ReadonlyMap<string, Run>, roots: Map<Run, string>): string {
	const path = new Set<Run>();
	let current = run;
	while (!roots.has(current) && !path.has(current)) {
		path.add(current);
		current = (current.parent === null ? undefined : byId.get(current.parent)) ?? current;
	}
	const root = roots.get(current) ?? current.id;
	for (const passed of path) roots.set(passed, root);
	return root;
}

const KINDS: Record<string, Span["kind"]> = { llm: "llm", tool: "tool", retriever: "tool" };

function spanOf(run: Run): Span {
	const { fields, place } = run;
	const type = asString(member(fields, "run_type")) ?? "chain";
	const kind = KINDS[type] ?? "other";
	const inputs = member(fields, "inputs");
	const outputs = member(fields, "outputs");
	const output = kind === "tool" ? toolOutput(outputs) : null;
	return {
		id: run.id,
		parent: run.parent,
		kind,
		name: asString(member(fields, "name")) ?? type,
		place,
		start: readTime(member(fields, "start_time")),
		end: readTime(member(fields, "end_time")),
		error: asString(member(fields, "error")),
		input: kind === "tool" ? [] : inputTurns(inputs, place),
		output: output === null ? outputParts(outputs, place) : noParts({ text: output.text }),
		call: {
			id: output?.callId ?? null,
			name: asString(member(fields, "name")) ?? type,
			arguments: toolInput(inputs),
			requestor: null,
		},
		fields: {
			model: modelOf(fields),
			tokens: kind === "llm" ? usageOf(fields, outputs) : null,
			cost: kind === "llm" ? costOf(fields) : null,
			extra: without(fields, READ),
		},
	};
}

const READ = new Set([
	"id",
	"trace_id",
	"parent_run_id",
	"parent_run_ids",
	"dotted_order",
	"child_runs",
	"child_run_ids",
	"direct_child_run_ids",
	"inputs",
	"outputs",
	"run_type",
	"name",
	"start_time",
	"end_time",
]);

/** `{input: "..."}`, whose text is often the arguments as JSON or as Python writes them. */
function toolInput(inputs: JsonValue | undefined): JsonValue {
	const only = isObject(inputs) && Object.keys(inputs).length === 1 ? member(inputs, "input") : undefined;
	return decodeNested(only ?? inputs);
}

/** A tool's output: a text, or LangChain's ToolMessage, which knows the call's id. */
function toolOutput(outputs: JsonValue | undefined): { text: string; callId: string | null } {
	const output = decodeNested(member(outputs, "output") ?? member(outputs, "documents") ?? outputs);
	const message = asObject(member(output, "kwargs")) ?? asObject(output);
	const callId = asString(member(message ?? undefined, "tool_call_id"));
	return { text: resultText(callId === null ? output : member(message ?? undefined, "content")), callId };
}

function modelOf(fields: JsonObject): string | null {
	return (
		asString(memberAt(fields, "extra", "metadata", "ls_model_name")) ??
		asString(memberAt(fields, "extra", "invocation_params", "model")) ??
		asString(memberAt(fields, "extra", "invocation_params", "model_name"))
	);
}

function usageOf(fields: JsonObject, outputs: JsonValue | undefined): TokenUsage | null {
	const message = memberAt(outputs, "generations", 0, 0, "message", "kwargs") ?? outputs;
	const usage = readUsage(member(message, "usage_metadata")) ?? readUsage(fields);
	if ((usage?.prompt ?? 0) + (usage?.completion ?? 0) === 0) return null;
	const cached = memberAt(fields, "prompt_token_details", "cache_read");
	const reasoning = memberAt(fields, "completion_token_details", "reasoning");
	return usage === null
		? null
		: { ...usage, cached: usage.cached ?? asNumber(cached), reasoning: usage.reasoning ?? asNumber(reasoning) };
}

/** Costs are numbers, or decimal numbers written as text. */
function costOf(fields: JsonObject): number | null {
	const cost = Number(member(fields, "total_cost") ?? Number.NaN);
	return Number.isFinite(cost) && cost > 0 ? cost : null;
}

function readTrace(runs: Run[], context: ReadContext): Rollout {
	const byId = new Map(runs.map((run) => [run.id, run]));
	const root = (runs.find((run) => run.parent === null || !byId.has(run.parent)) ?? runs[0]) as Run;
	const { fields, place } = root;
	const steps = stepsOfSpans(runs.map(spanOf), context);
	const example = asId(member(fields, "reference_example_id"));
	const rollout = blankRollout(place, asId(member(fields, "trace_id")) ?? root.id, example ?? "");
	rollout.run = asString(member(fields, "session_name")) ?? asId(member(fields, "session_id"));
	rollout.steps = steps;
	if (!steps.some((step) => step.role === "user")) rollout.title = oneLine(asString(member(fields, "name")) ?? "", 120);
	rollout.answer = outputParts(member(fields, "outputs"), place).text || null;
	rollout.ending = asString(member(fields, "error")) ?? asString(member(fields, "status"));
	rollout.time = readTime(member(fields, "start_time"));
	const end = readTime(member(fields, "end_time"));
	rollout.durationMs = rollout.time === null || end === null ? null : Math.max(0, end - rollout.time);
	rollout.cost = costOf(fields);
	for (const [name, feedback] of Object.entries(asObject(member(fields, "feedback_stats")) ?? {})) {
		const average = asNumber(member(feedback, "avg"));
		if (average !== null) rollout.rewards[name] = average;
	}
	rollout.reward = rollout.rewards.reward ?? null;
	rollout.outcome = outcomeOf(rollout.rewards, rollout.reward);
	rollout.extra = without(fields, new Set([...READ, "feedback_stats"]));
	return finishRollout(rollout);
}
