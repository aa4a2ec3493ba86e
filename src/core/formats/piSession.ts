// Pi and OpenClaw sessions: JSON Lines whose `id`/`parentId` links make a tree.
import type { JsonRecord } from "../json/record.ts";
import { blankRollout, coveringPlace } from "../model/create.ts";
import {
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
import type { Rollout, StepRole, TokenUsage } from "../model/trajectory.ts";
import { oneLine } from "../text/line.ts";
import { branchFrom, PrefixBudget } from "./branches.ts";
import { finishRollout } from "./finish.ts";
import type { FileFormat, ReadContext, Sample } from "./format.ts";
import { lineRecords } from "./layout.ts";
import { noParts, type ReadParts, readParts } from "./parts.ts";
import { type SessionLine, type SessionNode, sessionThreads, stepsOfNodes, type Thread } from "./sessionGraph.ts";
import { readTime } from "./time.ts";
import { stepsOfTurns, type Turn } from "./turns.ts";

export const piSession: FileFormat = {
	id: "pi-session",
	title: "Pi and OpenClaw sessions",
	reads:
		"messages with thinking, tool calls and results, usage and cost; branches by parentId; compaction and branch summaries, injected messages, session name; parent session of an OpenClaw sub-agent from sessions.json",
	leaves: "model and thinking level changes, labels, extension state; OpenClaw's own telemetry beside the session",
	unit: "file",
	sniff: (sample: Sample): number => {
		if (lineRecords(sample).some(isHeader)) return 0.95;
		return lineRecords(sample).some(isEntry) ? 0.8 : 0;
	},
	framing: () => ({ kind: "lines" }),
	companions: (_, stem) => ["sessions.json", `${stem}.trajectory.jsonl`, `${stem}.trajectory-path.json`],
	readFile,
};

function isHeader(value: JsonValue): boolean {
	return (
		member(value, "type") === "session" &&
		asId(member(value, "id")) !== null &&
		member(value, "timestamp") !== undefined
	);
}

function isEntry(value: JsonValue): boolean {
	const role = asString(memberAt(value, "message", "role"));
	return member(value, "type") === "message" && role !== null && member(value, "parentId") !== undefined;
}

function readFile(records: JsonRecord[], context: ReadContext): Rollout[] {
	const header = records.map(({ value }) => value).find(isHeader);
	const session = asId(member(header, "id")) ?? "session";
	const lines = records.flatMap((record) => lineOf(record, context) ?? []);
	const budget = new PrefixBudget();
	const made = new Map<Thread, Made>();
	for (const thread of sessionThreads(lines, context).flat()) {
		made.set(thread, readThread(thread, session, made, budget, context));
	}
	const rollouts = [...made.values()].map(({ rollout }) => rollout);
	const [main] = rollouts;
	if (main === undefined) {
		if (records[0] !== undefined) context.problem(records[0].place, "no messages");
		return [];
	}
	main.title = oneLine(sessionName(records), 120);
	if (isObject(header)) main.extra = without(header, new Set(["type", "id"]));
	linkParent(main, session, header, context);
	return rollouts.map(finishRollout);
}

function sessionName(records: JsonRecord[]): string {
	const named = records.findLast(({ value }) => member(value, "type") === "session_info");
	return asString(member(named?.value, "name")) ?? "";
}

/** Entries that say something; the others only link what stands before and after them. */
function lineOf(record: JsonRecord, context: ReadContext): SessionLine | null {
	const fields = asObject(record.value);
	const type = asString(member(fields ?? undefined, "type"));
	if (fields === null || type === null) {
		context.problem(record.place, fields === null ? "not an object" : "an entry without a type");
		return null;
	}
	if (type === "session") return null;
	const message = asObject(member(fields, "message"));
	if (type === "message" && message === null) {
		context.problem(record.place, "an entry without a message");
		return null;
	}
	const role = asString(member(message ?? undefined, "role"));
	const parts = partsOf(fields, message, role, record);
	return {
		place: record.place,
		fields,
		parts,
		kind: kindOf(type, role),
		uuid: asId(member(fields, "id")) ?? `line-${record.ordinal}`,
		parent: asId(member(fields, "parentId")),
		startsOver: member(fields, "parentId") === null,
		side: false,
		agent: null,
		startingCall: null,
		messageId: null,
		answersOnly: role === "toolResult",
	};
}

const NOTES = new Set(["compaction", "branch_summary", "custom_message"]);
const NOTE_ROLES = new Set(["custom", "branchSummary", "compactionSummary", "bashExecution"]);

function kindOf(type: string, role: string | null): SessionLine["kind"] {
	if (type === "message") return role === "assistant" ? "assistant" : NOTE_ROLES.has(role ?? "") ? "note" : "user";
	return NOTES.has(type) ? "note" : "silent";
}

function partsOf(fields: JsonObject, message: JsonObject | null, role: string | null, record: JsonRecord): ReadParts {
	if (message === null)
		return readParts(member(fields, "summary") ?? member(fields, "content"), "/content", record.place);
	if (role === "bashExecution")
		return noParts({
			text: `$ ${asString(member(message, "command")) ?? ""}\n${asString(member(message, "output")) ?? ""}`,
		});
	const parts = readParts(member(message, "content") ?? member(message, "summary"), "/message/content", record.place);
	if (role !== "toolResult") return parts;
	const result = {
		callId: asId(member(message, "toolCallId")),
		tool: asString(member(message, "toolName")),
		text: parts.text,
		isError: member(message, "isError") === true,
		images: parts.images,
	};
	return noParts({ observations: [result] });
}

interface Made {
	rollout: Rollout;
	stepOf: Map<SessionNode, number>;
}

function readThread(
	thread: Thread,
	session: string,
	made: ReadonlyMap<Thread, Made>,
	budget: PrefixBudget,
	context: ReadContext,
): Made {
	const lines = thread.nodes.flatMap((node) => node.lines);
	const first = lines[0] as SessionLine;
	const id = thread.parent === null ? session : `${session}/${first.uuid}`;
	const rollout = blankRollout(coveringPlace(lines.map((line) => line.place)), id, "");
	const own = stepsOfTurns(
		lines.flatMap((line) => (line.kind === "silent" ? [] : [turnOf(line)])),
		context,
	);
	rollout.steps = own;
	const parent = thread.parent === null ? undefined : made.get(thread.parent);
	if (parent !== undefined) {
		const after = thread.after === null ? -1 : (parent.stepOf.get(thread.after) ?? -1);
		branchFrom(rollout, parent.rollout, after === -1 ? null : after, own, budget);
	}
	const last = lines.findLast((line) => line.kind === "assistant");
	rollout.ending = asString(memberAt(last?.fields, "message", "stopReason"));
	rollout.truncated = rollout.ending === "length" || rollout.ending === "aborted";
	return { rollout, stepOf: stepsOfNodes(thread, own, rollout.sharedSteps) };
}

const ROLES: Record<SessionLine["kind"], StepRole> = {
	user: "user",
	assistant: "agent",
	note: "system",
	silent: "system",
};

function turnOf(line: SessionLine): Turn {
	const { fields } = line;
	const message = asObject(member(fields, "message")) ?? {};
	const failure = asString(member(message, "errorMessage"));
	const summary = asString(member(fields, "summary")) ?? asString(member(message, "summary"));
	return {
		role: ROLES[line.kind],
		place: line.place,
		index: line.uuid,
		parts: failure === null ? line.parts : withError(line.parts, failure),
		fields: {
			time: readTime(member(fields, "timestamp")),
			model: asString(member(message, "model")),
			tokens: usageOf(member(message, "usage")),
			cost: positive(memberAt(message, "usage", "cost", "total")),
			summary,
			extra: { ...without(fields, READ), ...without(message, READ) },
		},
	};
}

function withError(parts: ReadParts, text: string): ReadParts {
	return {
		...parts,
		observations: [...parts.observations, { callId: null, tool: null, text, isError: true, images: [] }],
	};
}

const READ = new Set([
	"type",
	"id",
	"parentId",
	"timestamp",
	"message",
	"role",
	"content",
	"summary",
	"usage",
	"model",
	"toolCallId",
	"toolName",
	"isError",
	"errorMessage",
	"command",
	"output",
]);

/** Pi counts cached tokens beside `input`. */
function usageOf(usage: JsonValue | undefined): TokenUsage | null {
	const input = asNumber(member(usage, "input"));
	const completion = asNumber(member(usage, "output"));
	if (input === null && completion === null) return null;
	const cached = asNumber(member(usage, "cacheRead"));
	return {
		prompt: input === null ? null : input + (cached ?? 0) + (asNumber(member(usage, "cacheWrite")) ?? 0),
		completion,
		cached,
		reasoning: null,
	};
}

function positive(value: JsonValue | undefined): number | null {
	const number = asNumber(value);
	return number !== null && number > 0 ? number : null;
}

/** A fork names the file it came from in its header; OpenClaw lists in sessions.json which session started which. */
function linkParent(rollout: Rollout, session: string, header: JsonValue | undefined, context: ReadContext): void {
	const forkedFrom = asString(member(header, "parentSession") ?? member(header, "branchedFrom"));
	if (forkedFrom !== null) {
		rollout.parent = /([0-9a-f-]{36}|[^/\\_]+)\.jsonl$/i.exec(forkedFrom)?.[1] ?? forkedFrom;
		rollout.relation = "continuation";
	}
	const listed = asObject(context.companions.get("sessions.json")?.[0]?.value);
	if (listed === null) return;
	const own = Object.values(listed).find((entry) => member(entry, "sessionId") === session);
	const starter = asString(member(own, "spawnedBy"));
	if (starter === null) return;
	rollout.parent = asId(memberAt(listed, starter, "sessionId")) ?? starter;
	rollout.relation = "sub-agent";
	rollout.agent = asString(member(own, "label"));
}
