// The agent debug log of Copilot Chat: JSON Lines of spans and events, written when they end, so children come first.

import { parseHead } from "../json/parse.ts";
import type { JsonRecord } from "../json/record.ts";
import { blankRollout, coveringPlace } from "../model/create.ts";
import { asId, asNumber, asObject, asString, type JsonObject, type JsonValue, member, without } from "../model/json.ts";
import type { Place, Rollout } from "../model/trajectory.ts";
import { finishRollout } from "./finish.ts";
import type { FileFormat, ReadContext, Sample } from "./format.ts";
import { lineRecords } from "./layout.ts";
import { outputParts } from "./modelCalls.ts";
import { noParts, readArguments } from "./parts.ts";
import { type Span, stepsOfSpans } from "./spanTree.ts";
import { readTime } from "./time.ts";
import { readUsage } from "./usage.ts";

export const copilotDebug: FileFormat = {
	id: "copilot-debug",
	title: "Copilot Chat agent debug log",
	reads:
		"one rollout a session: user messages, model requests with their answers and tokens, tool calls with results and errors, names of sub-agents, the parent session of a child",
	leaves: "discovery, hook and turn events; prompts are not in this log; texts that Copilot cut off stay cut off",
	unit: "file",
	sniff: (sample: Sample): number => {
		return lineRecords(sample).some(isEntry) ? 0.95 : 0;
	},
	framing: () => ({ kind: "lines" }),
	readFile,
};

const TYPES = new Set([
	"tool_call",
	"llm_request",
	"user_message",
	"agent_response",
	"subagent",
	"discovery",
	"error",
	"generic",
	"child_session_ref",
	"hook",
	"session_start",
	"turn_start",
	"turn_end",
]);

function isEntry(value: JsonValue): boolean {
	return (
		TYPES.has(asString(member(value, "type")) ?? "") &&
		asString(member(value, "sid")) !== null &&
		asNumber(member(value, "ts")) !== null &&
		member(value, "spanId") !== undefined
	);
}

interface Entry {
	type: string;
	id: string;
	fields: JsonObject;
	attributes: JsonObject;
	place: Place;
}

function readFile(records: JsonRecord[], context: ReadContext): Rollout[] {
	const sessions = new Map<string, Entry[]>();
	for (const record of records) {
		const fields = asObject(record.value);
		const type = asString(member(fields ?? undefined, "type"));
		if (fields === null || type === null) {
			context.problem(record.place, fields === null ? "not an object" : "an entry without a type");
			continue;
		}
		const session = asId(member(fields, "sid")) ?? "session";
		const entries = sessions.get(session) ?? [];
		sessions.set(session, entries);
		const id = asId(member(fields, "spanId")) ?? `entry-${record.ordinal}`;
		entries.push({ type, id, fields, attributes: asObject(member(fields, "attrs")) ?? {}, place: record.place });
	}
	return [...sessions].map(([id, entries]) => readSession(id, entries, context));
}

function readSession(id: string, entries: Entry[], context: ReadContext): Rollout {
	const first = entries[0] as Entry;
	const rollout = blankRollout(first.place, id, "");
	const answers = new Map(entries.filter((entry) => entry.type === "agent_response").map((entry) => [entry.id, entry]));
	rollout.steps = stepsOfSpans(
		entries.flatMap((entry) => spanOf(entry, answers) ?? []),
		context,
	);
	const start = entries.find((entry) => entry.type === "session_start");
	const parent = asString(member(start?.attributes, "parentSessionId"));
	rollout.agent = "Copilot Chat";
	if (parent !== null) {
		rollout.parent = parent;
		rollout.relation = "sub-agent";
		rollout.agent = asString(member(start?.attributes, "label")) ?? rollout.agent;
	}
	if (start !== undefined) rollout.extra = start.attributes;
	return finishRollout(rollout);
}

const KINDS: Record<string, Span["kind"]> = {
	llm_request: "llm",
	tool_call: "tool",
	subagent: "agent",
	user_message: "message",
	error: "other",
};

/** Null for events that neither act nor say anything. */
function spanOf(entry: Entry, answers: ReadonlyMap<string, Entry>): Span | null {
	const kind = Object.hasOwn(KINDS, entry.type) ? KINDS[entry.type] : undefined;
	if (kind === undefined) return null;
	const { fields, attributes, id } = entry;
	const answer = kind === "llm" ? answers.get(`agent-msg-${id}`) : undefined;
	const start = readTime(member(fields, "ts"));
	const duration = asNumber(member(fields, "dur")) ?? 0;
	const name = asString(member(fields, "name")) ?? entry.type;
	return {
		id: kind === "message" ? `${id} message` : id,
		parent: asId(member(fields, "parentSpanId")),
		kind,
		name,
		place: coveringPlace([entry.place, ...(answer === undefined ? [] : [answer.place])]),
		start,
		end: start === null ? null : start + duration,
		error: member(fields, "status") === "error" ? (asString(member(attributes, "error")) ?? "failed") : null,
		input: kind === "message" ? [userTurn(entry)] : [],
		output: kind === "llm" ? answerParts(answer) : noParts({ text: asString(member(attributes, "result")) ?? "" }),
		call: { id: null, name, arguments: readArguments(member(attributes, "args")), requestor: null },
		fields: {
			model: asString(member(attributes, "model")),
			tokens: kind === "llm" ? readUsage(attributes) : null,
			extra: without(attributes, READ),
		},
	};
}

const READ = new Set(["model", "inputTokens", "outputTokens", "cachedTokens", "args", "result", "error", "content"]);

function userTurn(entry: Entry): Span["input"][number] {
	const text = asString(member(entry.attributes, "content")) ?? "";
	return { role: "user", place: entry.place, index: entry.id, parts: noParts({ text }) };
}

const CUT = "[truncated]";

/** The answer is an entry of its own: messages as JSON text, which Copilot cuts off where it is long. */
function answerParts(answer: Entry | undefined): Span["output"] {
	if (answer === undefined) return noParts();
	const said = member(answer.attributes, "response") ?? member(answer.attributes, "content");
	const parts = outputParts(completed(said), answer.place);
	const thoughts = asString(member(answer.attributes, "reasoning"));
	return thoughts === null || parts.reasoning !== "" ? parts : { ...parts, reasoning: thoughts };
}

/** What can be seen of JSON text that was cut off; anything else as it is. */
function completed(said: JsonValue | undefined): JsonValue | undefined {
	if (typeof said !== "string" || !said.endsWith(CUT) || !/^\s*[[{]/.test(said)) return said;
	const head = parseHead(said.slice(0, -CUT.length));
	return head.ok ? head.value : said;
}
