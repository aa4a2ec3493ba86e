// Codex sessions: the rollout files of all versions, and the stream that `codex exec --json` prints.
import type { JsonRecord } from "../json/record.ts";
import { blankRollout, coveringPlace } from "../model/create.ts";
import { asId, asObject, asString, type JsonObject, type JsonValue, member, memberAt } from "../model/json.ts";
import type { Rollout } from "../model/trajectory.ts";
import { fileStem } from "../text/path.ts";
import { branchFrom, PrefixBudget } from "./branches.ts";
import { codexTurns, type Entry } from "./codexTurns.ts";
import { finishRollout } from "./finish.ts";
import type { FileFormat, ReadContext, Sample } from "./format.ts";
import { lineRecords } from "./layout.ts";
import { readTime } from "./time.ts";
import { stepsOfTurns } from "./turns.ts";
import { readUsage } from "./usage.ts";

const WRAPPED = new Set(["session_meta", "turn_context", "response_item", "event_msg", "compacted"]);
const BARE_ITEMS = /^(?:message|reasoning|(?:function|custom_tool|local_shell|web_search)_call(?:_output)?)$/;

export const codex: FileFormat = {
	id: "codex",
	title: "Codex sessions",
	reads:
		"messages, reasoning, calls and results once, whether logged as item, event or both; exit codes, usage, compaction; turns taken back as branches; forks and sub-agents by their parent's id; old flat files; codex exec --json",
	leaves: "encrypted reasoning, rate limits, previews and other screen events",
	unit: "file",
	sniff,
	framing: () => ({ kind: "lines" }),
	readFile,
};

function sniff(sample: Sample): number {
	return Math.max(0, ...lineRecords(sample).map(confidence));
}

function confidence(value: JsonValue): number {
	const type = asString(member(value, "type")) ?? "";
	if (WRAPPED.has(type) && asObject(member(value, "payload")) !== null) return 0.95;
	if (/^(?:thread\.started|turn\.(?:started|completed|failed)|item\.(?:started|updated|completed))$/.test(type))
		return 0.9;
	if (type === "" && member(value, "instructions") !== undefined && asId(member(value, "id")) !== null) return 0.8;
	if (asString(memberAt(value, "msg", "type")) !== null && member(value, "id") !== undefined) return 0.7;
	const isItem =
		BARE_ITEMS.test(type) && (member(value, "call_id") !== undefined || Array.isArray(member(value, "content")));
	return isItem && member(value, "uuid") === undefined && member(value, "parentId") === undefined ? 0.6 : 0;
}

/** What the log says of the session as a whole. */
interface Session {
	id: string | null;
	meta: JsonObject;
	context: JsonObject;
	tokens: JsonValue;
	entries: Entry[];
}

function readFile(records: JsonRecord[], context: ReadContext): Rollout[] {
	const session = readSession(records, context);
	const first = session.entries[0];
	if (first === undefined) {
		const place = records[0]?.place;
		if (place !== undefined) context.problem(place, "no messages");
		return [];
	}
	const { turns, abandoned, aborted } = codexTurns(session.entries);
	const id = session.id ?? fileStem(context.file);
	const main = blankRollout(coveringPlace(records.map((record) => record.place)), id, "");
	main.steps = stepsOfTurns(turns, context);
	main.ending = aborted;
	main.truncated = aborted !== null;
	describeSession(main, session);
	const rollouts = [main];
	const owner = new Map(turns.map((turn) => [turn.index, main]));
	const budget = new PrefixBudget();
	// what was taken back last is what earlier retractions may have branched off
	for (const { turns: dead, after } of abandoned.toReversed()) {
		const parent = owner.get(after) ?? main;
		const branch = blankRollout(main.place, `${id}/line-${Number(dead[0]?.index ?? 0) + 1}`, "");
		branch.model = main.model;
		const shared = after === null ? 0 : stepsUpTo(parent, after);
		branchFrom(branch, parent, shared === 0 ? null : shared - 1, stepsOfTurns(dead, context), budget);
		for (const turn of dead) owner.set(turn.index, branch);
		rollouts.push(branch);
	}
	markCopied(main, session);
	return rollouts.map(finishRollout);
}

/** How many steps stem from lines up to the one numbered `index`; steps stand in the order of their lines. */
function stepsUpTo(rollout: Rollout, index: number): number {
	let low = 0;
	let high = rollout.steps.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (Number(rollout.steps[middle]?.origin.index) <= index) low = middle + 1;
		else high = middle;
	}
	return low;
}

function readSession(records: JsonRecord[], context: ReadContext): Session {
	const session: Session = { id: null, meta: {}, context: {}, tokens: null, entries: [] };
	const printed = new Map<string, Entry>();
	records.forEach((record, index) => {
		const fields = asObject(record.value);
		if (fields === null) {
			context.problem(record.place, "not an object");
			return;
		}
		const type = asString(member(fields, "type")) ?? "";
		const payload = asObject(member(fields, "payload"));
		const entry = { place: record.place, index, time: readTime(member(fields, "timestamp")) };
		const message = asObject(member(fields, "msg"));
		if (payload !== null) readWrapped(session, type, { ...entry, payload });
		else if (message !== null) addEvent(session, { ...entry, kind: "event", payload: message });
		else if (type.includes(".")) readPrinted(session, type, fields, entry, printed);
		else if (BARE_ITEMS.test(type)) session.entries.push({ ...entry, kind: "item", payload: fields });
		else if (type === "" && session.id === null && asId(member(fields, "id")) !== null) readMeta(session, fields);
		else if (WRAPPED.has(type)) context.problem(record.place, "a line without a payload");
		else if (type === "" && member(fields, "record_type") === undefined)
			context.problem(record.place, "a line without a type");
	});
	return session;
}

function readWrapped(session: Session, type: string, entry: Omit<Entry, "kind">): void {
	const { payload } = entry;
	if (type === "session_meta") readMeta(session, payload);
	else if (type === "turn_context") session.context = { ...session.context, ...payload };
	else if (type === "response_item") session.entries.push({ ...entry, kind: "item" });
	else if (type === "compacted") session.entries.push({ ...entry, kind: "item", payload: { ...payload, type } });
	else if (type === "event_msg") addEvent(session, { ...entry, kind: "event" });
}

/** The first header counts: a fork repeats the one of the session that it was forked from. */
function readMeta(session: Session, meta: JsonObject): void {
	if (session.id !== null) return;
	session.id = asId(member(meta, "id"));
	session.meta = meta;
}

function addEvent(session: Session, entry: Entry): void {
	session.entries.push(entry);
	session.tokens = memberAt(entry.payload, "info", "total_token_usage") ?? session.tokens;
}

/** A line of `codex exec --json`. An item is printed again as it proceeds: its last state counts. */
function readPrinted(
	session: Session,
	type: string,
	fields: JsonObject,
	entry: Pick<Entry, "place" | "index" | "time">,
	printed: Map<string, Entry>,
): void {
	if (type === "thread.started") session.id = asId(member(fields, "thread_id"));
	if (type === "turn.completed") session.tokens = member(fields, "usage") ?? null;
	const failure = type === "turn.failed" ? memberAt(fields, "error", "message") : undefined;
	if (failure !== undefined) {
		session.entries.push({ ...entry, kind: "event", payload: { type: "error", message: failure } });
	}
	const item = type.startsWith("item.") ? asObject(member(fields, "item")) : null;
	const id = asId(member(item ?? undefined, "id"));
	if (item === null || id === null) return;
	const before = printed.get(id);
	if (before === undefined) {
		const made: Entry = { ...entry, place: { ...entry.place }, kind: "printed", payload: item };
		printed.set(id, made);
		session.entries.push(made);
	} else {
		before.payload = item;
		before.place.end = entry.place.end;
	}
}

function describeSession(rollout: Rollout, session: Session): void {
	const { meta, context } = session;
	rollout.model = asString(member(context, "model"));
	rollout.tokens = readUsage(session.tokens);
	rollout.time = readTime(member(meta, "timestamp"));
	rollout.extra = { ...meta, turn_context: context };
	const spawn = memberAt(meta, "source", "subagent", "thread_spawn");
	const parentThread = asId(member(spawn, "parent_thread_id"));
	const forkedFrom = asId(member(meta, "forked_from_id"));
	rollout.agent = asString(member(spawn, "agent_nickname"));
	if (parentThread !== null) {
		rollout.relation = "sub-agent";
		rollout.parent = parentThread;
	} else if (forkedFrom !== null) {
		rollout.relation = "branch";
		rollout.parent = forkedFrom;
	}
}

/** A fork starts with the lines of the session that it was forked from, which are older than itself. */
function markCopied(rollout: Rollout, session: Session): void {
	const born = readTime(member(session.meta, "timestamp"));
	if (rollout.relation !== "branch" || born === null) return;
	const copied = rollout.steps.findIndex((step) => step.time === null || step.time >= born);
	rollout.sharedSteps = copied === -1 ? rollout.steps.length : copied;
	rollout.branchStep = rollout.sharedSteps === 0 ? null : rollout.sharedSteps - 1;
	for (const step of rollout.steps.slice(0, rollout.sharedSteps)) step.copied = true;
}
