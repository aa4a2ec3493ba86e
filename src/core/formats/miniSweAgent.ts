// mini-swe-agent trajectories, version 1 (commands in the text) and 1.1 (tool calls or actions beside the text).
import type { JsonRecord } from "../json/record.ts";
import { blankRollout, call, observation } from "../model/create.ts";
import {
	asArray,
	asId,
	asNumber,
	asObject,
	asString,
	type JsonObject,
	type JsonValue,
	member,
	memberAt,
	without,
} from "../model/json.ts";
import type { Rollout, Step, ToolCall } from "../model/trajectory.ts";
import { messageTurns } from "./chatMessages.ts";
import { finishRollout } from "./finish.ts";
import type { ReadContext, RecordFormat, Sample } from "./format.ts";
import { soleDocument } from "./layout.ts";
import { noParts } from "./parts.ts";
import { readTime } from "./time.ts";
import { stepsOfTurns, type Turn } from "./turns.ts";
import { readUsage } from "./usage.ts";

const RETURN_CODE = /^\s*<returncode>(-?\d+)<\/returncode>/;
const COMMAND_BLOCK = /```(?:bash|sh|mswea_bash_command)\s*\n([\s\S]*?)\n?```/;

export const miniSweAgent: RecordFormat = {
	id: "mini-swe-agent",
	title: "mini-swe-agent trajectories",
	reads:
		"messages with tool calls, actions or fenced commands, return codes, usage, cost, times, exit status, submission",
	leaves: "configuration and raw model answers are kept raw",
	unit: "record",
	sniff,
	framing: () => ({ kind: "document" }),
	readRecord,
};

function sniff(sample: Sample): number {
	const document = soleDocument(sample);
	if (asString(member(document, "trajectory_format"))?.startsWith("mini-swe-agent")) return 0.95;
	// the format's name stands at the end of the file, which may not be seen
	const version = asString(memberAt(document, "info", "mini_version"));
	return version !== null && Array.isArray(member(document, "messages")) ? 0.9 : 0;
}

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const fields = asObject(record.value);
	const messages = asArray(member(fields ?? undefined, "messages"));
	if (fields === null || messages === null) {
		context.problem(record.place, fields === null ? "not an object" : "no messages");
		return [];
	}
	const info = asObject(member(fields, "info")) ?? {};
	const instance = asId(member(fields, "instance_id")) ?? "";
	const rollout = blankRollout(record.place, instance, instance);
	const shared = messageTurns(record, messages, "/messages", context);
	rollout.steps = stepsOfTurns(
		shared.map((turn) => ownTurn(turn, messages)),
		context,
	);
	rollout.model = asString(memberAt(info, "config", "model", "model_name"));
	rollout.cost = asNumber(memberAt(info, "model_stats", "instance_cost"));
	rollout.ending = asString(member(info, "exit_status"));
	rollout.truncated = /Limit|Timeout|Interrupt/.test(rollout.ending ?? "");
	rollout.answer = asString(member(info, "submission"));
	rollout.extra = without(fields, new Set(["messages"]));
	finishRollout(rollout);
	rollout.id ||= rollout.task;
	return [rollout];
}

/** A message with what this agent keeps in `extra`, its commands as calls and their output as results. */
function ownTurn(turn: Turn, messages: JsonValue[]): Turn {
	const message = asObject(messages[Number(turn.index)]) ?? {};
	const extra = asObject(member(message, "extra")) ?? {};
	const fields: Partial<Step> = {
		...turn.fields,
		time: readTime(member(extra, "timestamp")),
		cost: asNumber(member(extra, "cost")),
		tokens: readUsage(memberAt(extra, "response", "usage")),
		model: asString(memberAt(extra, "response", "model")),
		extra: without(message, new Set(["role", "content", "tool_calls", "tool_call_id"])),
	};
	if (asString(member(message, "role")) === "exit") return { ...turn, role: "system", fields };
	const said = turn.parts.observations[0]?.text ?? turn.parts.text;
	const code = asNumber(member(extra, "returncode")) ?? codeIn(said);
	if (turn.role === "agent") {
		const calls = turn.parts.calls.length > 0 ? turn.parts.calls : commandsOf(extra, turn.parts.text);
		return { ...turn, parts: { ...turn.parts, calls }, fields };
	}
	if (turn.role === "system" || code === null) return { ...turn, fields };
	const result = observation(said, { callId: asId(member(message, "tool_call_id")), isError: code !== 0 });
	return { ...turn, role: "environment", parts: noParts({ observations: [result] }), fields };
}

function codeIn(text: string): number | null {
	const code = RETURN_CODE.exec(text.slice(0, 100))?.[1];
	return code === undefined ? null : Number(code);
}

function commandsOf(extra: JsonObject, text: string): ToolCall[] {
	const actions = asArray(member(extra, "actions")) ?? [];
	const commands = actions.flatMap((action): ToolCall[] => {
		const command = asString(action) ?? asString(member(action, "command"));
		return command === null ? [] : [call("bash", { command }, asId(member(action, "tool_call_id")))];
	});
	if (commands.length > 0) return commands;
	const block = COMMAND_BLOCK.exec(text)?.[1];
	return block === undefined ? [] : [call("bash", { command: block })];
}
