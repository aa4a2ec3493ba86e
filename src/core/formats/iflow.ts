// iFlow sessions: Claude Code's lines, but an answer is logged again and again while it grows, each time with the call
// before and the new one, and all of them hang on the same parent.
import type { JsonRecord } from "../json/record.ts";
import { coveringPlace } from "../model/create.ts";
import { asArray, asId, asString, isObject, type JsonValue, member, memberAt, without } from "../model/json.ts";
import type { Observation, Rollout } from "../model/trajectory.ts";
import { finishRollout } from "./finish.ts";
import type { FileFormat, ReadContext, Sample } from "./format.ts";
import { lineRecords } from "./layout.ts";
import { type ReadParts, readParts } from "./parts.ts";
import { type Line, objectLines, sessionRollout } from "./session.ts";
import { readTime } from "./time.ts";
import type { Turn } from "./turns.ts";
import { largerUsage, readUsage } from "./usage.ts";

export const iflow: FileFormat = {
	id: "iflow",
	title: "iFlow sessions",
	reads:
		"lines in their order; lines of one growing answer as one step, its calls once; results and their failures, model, times",
	leaves: "the parent links, which do not tell branches here; how results were displayed",
	unit: "file",
	sniff: (sample: Sample): number => (lineRecords(sample).some(isOwn) ? 0.97 : 0),
	framing: () => ({ kind: "lines" }),
	readFile,
};

/** What no other writer of such lines does: ids made of the time of the answer, results wrapped once more. */
function isOwn(value: JsonValue): boolean {
	if (member(value, "parentUuid") === undefined || !isObject(member(value, "message"))) return false;
	if (/^response-\d{13}/.test(asString(memberAt(value, "message", "id")) ?? "")) return true;
	const parts = asArray(memberAt(value, "message", "content")) ?? [];
	return parts.some((part) => memberAt(part, "content", "responseParts") !== undefined);
}

function readFile(records: JsonRecord[], context: ReadContext): Rollout[] {
	const lines = objectLines(records, true, context).filter((line) => {
		const told = isObject(member(line.fields, "message"));
		if (!told && (line.type === "user" || line.type === "assistant"))
			context.problem(line.place, "a line without a message");
		return told;
	});
	const [first] = records;
	if (first === undefined) return [];
	const session = lines.map((line) => asId(member(line.fields, "sessionId"))).find((id) => id !== null);
	const rollout = sessionRollout(
		session ?? "session",
		records.map((record) => record.place),
		turnsOf(lines),
		context,
	);
	rollout.agent = "iFlow";
	return [finishRollout(rollout)];
}

function turnsOf(lines: Line[]): Turn[] {
	const turns: Turn[] = [];
	const called = new Set<string>();
	for (const line of lines) {
		const turn = turnOf(line);
		const { calls } = turn.parts;
		turn.parts.calls = calls.filter((call) => call.id === null || !called.has(call.id));
		for (const call of calls) if (call.id !== null) called.add(call.id);
		const last = turns.at(-1);
		if (last !== undefined && last.role === "agent" && turn.role === "agent") grow(last, turn);
		else turns.push(turn);
	}
	return turns;
}

function turnOf(line: Line): Turn {
	const message = member(line.fields, "message");
	const parts = readParts(member(message, "content"), "/message/content", line.place);
	const status = asString(memberAt(line.fields, "toolUseResult", "status"));
	const results = asArray(member(message, "content"))?.filter((part) => member(part, "type") === "tool_result") ?? [];
	parts.observations = parts.observations.map((result, index) => unwrapped(result, results[index], status));
	return {
		role: line.type === "assistant" ? "agent" : "user",
		place: line.place,
		index: asId(member(line.fields, "uuid")),
		parts,
		fields: {
			time: readTime(member(line.fields, "timestamp")),
			model: asString(member(message, "model")),
			tokens: readUsage(member(message, "usage")),
			extra: without(line.fields, READ),
		},
	};
}

const READ = new Set([
	"uuid",
	"parentUuid",
	"sessionId",
	"type",
	"timestamp",
	"message",
	"isSidechain",
	"userType",
	"cwd",
	"version",
	"gitBranch",
]);

/** `{callId, responseParts: {functionResponse}, resultDisplay}`: the response is what the model saw. */
function unwrapped(result: Observation, part: JsonValue | undefined, status: string | null): Observation {
	const wrapped = readParts(memberAt(part, "content", "responseParts"), "").observations[0];
	const isError = result.isError || wrapped?.isError === true || status === "error";
	return wrapped === undefined
		? { ...result, isError }
		: { ...result, tool: wrapped.tool, text: wrapped.text, isError };
}

/** Adds to an answer what its next line knows more. */
function grow(turn: Turn, next: Turn): void {
	const { parts } = turn;
	const add = (text: string, more: string) =>
		more === "" || text.endsWith(more) ? text : [text, more].filter((part) => part !== "").join("\n");
	const grown: ReadParts = {
		...parts,
		text: add(parts.text, next.parts.text),
		reasoning: add(parts.reasoning, next.parts.reasoning),
		calls: [...parts.calls, ...next.parts.calls],
	};
	turn.parts = grown;
	turn.place = coveringPlace([turn.place, next.place]);
	turn.fields = { ...turn.fields, tokens: largerUsage(turn.fields?.tokens ?? null, next.fields?.tokens ?? null) };
}
