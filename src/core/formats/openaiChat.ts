// OpenAI chat messages, one rollout a record: `messages` or `traj`, in JSON Lines or in one array.
// tau-bench results and AgentProcessBench files are of this family.
import { exactId, type JsonRecord } from "../json/record.ts";
import { blankRollout } from "../model/create.ts";
import {
	asArray,
	asNumber,
	asObject,
	asString,
	isObject,
	type JsonObject,
	type JsonValue,
	member,
	without,
} from "../model/json.ts";
import { outcomeOf } from "../model/outcome.ts";
import type { Rollout, Step } from "../model/trajectory.ts";
import { hashText } from "../text/hash.ts";
import { oneLine } from "../text/line.ts";
import { readMessages, readTools } from "./chatMessages.ts";
import type { Framing, ReadContext, RecordFormat, Sample } from "./format.ts";

const MESSAGE_KEYS = ["messages", "traj", "trajectory", "conversations", "conversation"];
const TASK_KEYS = [
	"task_id",
	"query_index",
	"example_id",
	"problem_id",
	"prompt_id",
	"group_id",
	"instance_id",
	"task",
];
const TRIAL_KEYS = ["trial", "sample_index", "rollout_index", "attempt", "epoch"];
const ID_KEYS = ["rollout_id", "trajectory_id", "id", "uuid"];

export const openaiChat: RecordFormat = {
	id: "openai-chat",
	title: "OpenAI chat messages",
	reads:
		"messages or traj with tool calls, results, rewards, task and trial ids, tools; ShareGPT conversations; content parts",
	leaves: "unknown members are kept raw; legacy function calls are read, refusals are shown raw",
	unit: "record",
	sniff,
	framing: (sample): Framing => {
		if (sample.layout === "lines") return { kind: "lines" };
		return Array.isArray(sample.values[0]) && !isMessage(sample.values[0][0])
			? { kind: "elements", pointer: "" }
			: { kind: "document" };
	},
	readRecord,
};

function sniff(sample: Sample): number {
	const first = firstRecord(sample);
	if (first === undefined) return 0;
	if (Array.isArray(first)) return first.some(isMessage) ? 0.5 : 0;
	const messages = messagesOf(asObject(first) ?? {});
	return messages?.list.some(isMessage) ? 0.6 : 0;
}

function firstRecord(sample: Sample): JsonValue | undefined {
	if (sample.layout === "lines") return sample.values.find((value) => isObject(value) && messagesOf(value) !== null);
	const document = sample.values[0];
	return Array.isArray(document) && !isMessage(document[0]) ? document[0] : document;
}

function isMessage(value: JsonValue | undefined): boolean {
	const role = asString(member(value, "role")) ?? asString(member(value, "from"));
	return (
		role !== null && ["content", "tool_calls", "function_call", "value"].some((key) => member(value, key) !== undefined)
	);
}

function messagesOf(record: JsonObject): { key: string; list: JsonValue[] } | null {
	for (const key of MESSAGE_KEYS) {
		const list = asArray(member(record, key));
		if (list !== null) return { key, list };
	}
	return null;
}

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	if (Array.isArray(record.value)) return [readRollout(record, {}, record.value, "", context)];
	const fields = asObject(record.value);
	const messages = fields === null ? null : messagesOf(fields);
	if (fields === null || messages === null) {
		context.problem(record.place, fields === null ? "not an object" : "no messages");
		return [];
	}
	return [readRollout(record, fields, messages.list, `/${messages.key}`, context)];
}

function readRollout(
	record: JsonRecord,
	fields: JsonObject,
	messages: JsonValue[],
	pointer: string,
	context: ReadContext,
): Rollout {
	const steps = readMessages(record, messages, pointer, context);
	const task = idOf(record, fields, TASK_KEYS) ?? promptTask(steps);
	const rollout = blankRollout(record.place, rolloutId(record, fields, task), task);
	rollout.steps = steps;
	rollout.reward = readReward(record, fields, context);
	rollout.outcome = outcomeOf(fields, rollout.reward);
	rollout.tools = readTools(member(fields, "tools"));
	rollout.title = titleOf(fields, steps);
	rollout.model = asString(member(fields, "model"));
	rollout.reference = asString(member(fields, "ground_truth")) ?? asString(member(fields, "answer"));
	rollout.advantage = asNumber(member(fields, "advantage"));
	rollout.extra = without(fields, new Set([pointer.slice(1), "tools"]));
	return rollout;
}

function idOf(record: JsonRecord, fields: JsonObject, keys: string[]): string | null {
	for (const key of keys) {
		const id = exactId(record, member(fields, key), `/${key}`);
		if (id !== null) return id;
	}
	return null;
}

function rolloutId(record: JsonRecord, fields: JsonObject, task: string): string {
	const own = idOf(record, fields, ID_KEYS.slice(0, 2));
	if (own !== null) return own;
	const trial = idOf(record, fields, TRIAL_KEYS);
	if (trial !== null) return `${task}/${trial}`;
	return idOf(record, fields, ID_KEYS.slice(2)) ?? `${task}/${record.ordinal}`;
}

/** Rollouts without ids belong together when their first question is the same. */
function promptTask(steps: Step[]): string {
	const asked = steps.filter((step, index) => step.role === "user" && index < 3).at(0) ?? steps[0];
	return `prompt-${hashText(asked?.text ?? "").slice(-8)}`;
}

function readReward(record: JsonRecord, fields: JsonObject, context: ReadContext): number | null {
	const value = member(fields, "reward") ?? member(fields, "score");
	if (typeof value === "number" && !Number.isFinite(value)) {
		context.problem(record.place, `the reward is ${value}, not a number that can be used`);
	}
	return typeof value === "boolean" ? Number(value) : asNumber(value);
}

function titleOf(fields: JsonObject, steps: Step[]): string {
	const question = asString(member(fields, "question")) ?? steps.find((step) => step.role === "user")?.text ?? "";
	return oneLine(question, 120);
}
