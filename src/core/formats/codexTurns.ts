// The entries of a Codex session as turns. Most things are logged twice, as an item of the model's context and as an
// event for the screen: an event makes a turn only where no item says the same.
import { call, observation } from "../model/create.ts";
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
import type { Observation, Place, StepRole, ToolCall } from "../model/trajectory.ts";
import { roleNamed } from "./chatMessages.ts";
import { noParts, type ReadParts, readArguments, readParts, readResultContent, resultText } from "./parts.ts";
import type { Turn } from "./turns.ts";
import { readUsage } from "./usage.ts";

/** One line of the log: an item or an event, whatever the version wrapped it in. */
export interface Entry {
	/** `printed`: an item of `codex exec --json`, in its last state. */
	kind: "item" | "event" | "printed";
	payload: JsonObject;
	place: Place;
	/** 0-based number of the line's record. */
	index: number;
	time: number | null;
}

/** Turns that were taken back: `after` is the index of the turn before them, null for the very start. */
export interface Abandoned {
	turns: Turn[];
	after: number | null;
}

export interface CodexTurns {
	turns: Turn[];
	abandoned: Abandoned[];
	/** Why the last turn was broken off; null where it was not. */
	aborted: string | null;
}

/** Texts with which the program itself fills the user's role. */
const INJECTED = /^\s*(?:<environment_context>|<user_instructions>|<turn_aborted>|<permissions|# AGENTS\.md)/;
const EXIT_CODE = /^Exit code: (-?\d+)/;

export function codexTurns(entries: Entry[]): CodexTurns {
	const builder = new Builder(entries);
	for (const entry of entries) {
		const type = asString(member(entry.payload, "type")) ?? "";
		builder[entry.kind](type, entry);
	}
	return { turns: builder.turns, abandoned: builder.abandoned, aborted: builder.aborted };
}

/** What the items of the log say, to tell which events only repeat them. */
class Told {
	readonly calls = new Set<string>();
	readonly results = new Set<string>();
	/** Final events of calls, by call id. */
	readonly ends = new Map<string, JsonObject>();
	private readonly texts = new Map<string, number>();

	constructor(entries: Entry[]) {
		for (const { kind, payload } of entries) {
			const id = callId(payload);
			const type = asString(member(payload, "type")) ?? "";
			if (kind === "event") {
				if (id !== null && type.endsWith("_end")) this.ends.set(id, payload);
				continue;
			}
			if (type.endsWith("_output") && id !== null) this.results.add(id);
			if (type.endsWith("_call")) this.calls.add(id ?? asId(member(payload, "id")) ?? "");
			for (const text of textsOf(payload)) this.texts.set(text, (this.texts.get(text) ?? 0) + 1);
		}
	}

	/** Whether an item says `text`; each item excuses one event. */
	takes(text: string): boolean {
		const left = this.texts.get(text.trim()) ?? 0;
		if (left === 0) return false;
		this.texts.set(text.trim(), left - 1);
		return true;
	}
}

function textsOf(payload: JsonObject): Set<string> {
	const lists = [member(payload, "content"), member(payload, "summary")];
	const parts = lists.flatMap((list) => asArray(list) ?? []).flatMap((part) => asString(member(part, "text")) ?? []);
	return new Set([...parts, readParts(member(payload, "content"), "").text].map((text) => text.trim()));
}

function callId(payload: JsonObject): string | null {
	return asId(member(payload, "call_id"));
}

class Builder {
	readonly turns: Turn[] = [];
	readonly abandoned: Abandoned[] = [];
	aborted: string | null = null;
	private readonly told: Told;
	/** The agent's turn that further items belong to; null after a result, a message or the end of a model call. */
	private open: Turn | null = null;
	private lastTotal = "";

	constructor(entries: Entry[]) {
		this.told = new Told(entries);
	}

	item(type: string, entry: Entry): void {
		const { payload, place } = entry;
		if (type === "message") this.message(entry, readParts(member(payload, "content"), "/payload/content", place));
		else if (type === "reasoning") this.agent(entry, { reasoning: reasoningOf(payload) });
		else if (type.endsWith("_output")) this.result(entry, outputOf(payload, this.told, place));
		else if (type.endsWith("_call")) this.agent(entry, { calls: [callOf(type, payload)] });
		else if (type === "compaction_summary" || type === "compacted") this.compaction(entry);
	}

	event(type: string, entry: Entry): void {
		const { payload } = entry;
		const text = asString(member(payload, "message")) ?? asString(member(payload, "text")) ?? "";
		if (type === "user_message" && !this.told.takes(text)) this.asked(entry, text);
		else if (type === "agent_message" && !this.told.takes(text)) this.agent(entry, { text });
		else if (type.startsWith("agent_reasoning") && text !== "" && !this.told.takes(text))
			this.agent(entry, { reasoning: text });
		else if (type === "token_count") this.usage(payload);
		else if (type === "thread_rolled_back") this.rollBack(asNumber(member(payload, "num_turns")) ?? 1);
		else if (type === "turn_aborted") this.aborted = asString(member(payload, "reason")) ?? "aborted";
		else if (type === "error") this.other("system", entry, noParts({ text }));
		else if (type.endsWith("_end")) this.ended(type, entry);
		if (type === "task_started" || type === "turn_started") this.aborted = null;
	}

	printed(type: string, entry: Entry): void {
		const { payload } = entry;
		const text = asString(member(payload, "text")) ?? "";
		if (type === "agent_message" || type === "assistant_message") this.agent(entry, { text });
		else if (type === "reasoning") this.agent(entry, { reasoning: text });
		else if (type === "error") this.other("system", entry, noParts({ text: resultText(member(payload, "message")) }));
		else {
			const id = asId(member(payload, "id"));
			this.agent(entry, { calls: [printedCall(type, payload, id)] });
			const result = endedText(payload);
			const failed = member(payload, "status") === "failed" || hasFailed(payload);
			if (result !== null) this.result(entry, observation(result, { callId: id, isError: failed }));
			this.open = null;
		}
	}

	private asked(entry: Entry, text: string): void {
		const paths = ["images", "local_images"].flatMap((key) => asArray(member(entry.payload, key)) ?? []);
		const images = paths.flatMap((path) =>
			typeof path !== "string" || path.startsWith("data:")
				? []
				: [{ mediaType: null, path, pointer: null, place: null }],
		);
		this.other("user", entry, noParts({ text, images }));
	}

	private message(entry: Entry, parts: ReadParts): void {
		const role = roleNamed(asString(member(entry.payload, "role")) ?? "") ?? "user";
		if (role === "agent") this.agent(entry, parts);
		else this.other(role === "user" && INJECTED.test(parts.text.slice(0, 100)) ? "system" : role, entry, parts);
	}

	private other(role: StepRole, entry: Entry, parts: ReadParts, fields: Turn["fields"] = {}): void {
		this.open = null;
		this.turns.push({ role, place: entry.place, index: entry.index, parts, fields: { time: entry.time, ...fields } });
	}

	/** Adds to the agent's open turn, or opens one. */
	private agent(entry: Entry, said: Partial<ReadParts>): void {
		if (this.open === null) {
			const { place, index, time } = entry;
			this.open = { role: "agent", place: { ...place }, index, parts: noParts(), fields: { time } };
			this.turns.push(this.open);
		}
		const { parts, place } = this.open;
		place.end = Math.max(place.end, entry.place.end);
		parts.text = joined(parts.text, said.text);
		parts.reasoning = joined(parts.reasoning, said.reasoning);
		parts.calls.push(...(said.calls ?? []));
		parts.images.push(...(said.images ?? []));
		parts.rest.push(...(said.rest ?? []));
	}

	private result(entry: Entry, result: Observation): void {
		this.other("environment", entry, noParts({ observations: [result] }));
	}

	/** The end of a call: a result only where no item is one, and a call where no item is that either. */
	private ended(type: string, entry: Entry): void {
		const { payload } = entry;
		const id = callId(payload);
		if (id === null || this.told.results.has(id)) return;
		if (!this.told.calls.has(id)) this.agent(entry, { calls: [endedCall(type, payload, id)] });
		// the result of drawing is the picture itself
		const text = type === "image_generation_end" ? null : endedText(payload);
		if (text !== null) this.result(entry, observation(text, { callId: id, isError: hasFailed(payload) }));
	}

	private compaction(entry: Entry): void {
		const text = asString(member(entry.payload, "message")) ?? asString(member(entry.payload, "summary")) ?? "";
		this.other("system", entry, noParts({ text: text === "" ? "Context compacted" : text }), { summary: text || null });
	}

	/** Closes the model call. The same totals again are only news about rate limits. */
	private usage(payload: JsonObject): void {
		const total = JSON.stringify(memberAt(payload, "info", "total_token_usage") ?? null);
		if (total === "null" || total === this.lastTotal) return;
		this.lastTotal = total;
		const last = this.turns.findLast((turn) => turn.role === "agent");
		const tokens = readUsage(memberAt(payload, "info", "last_token_usage"));
		if (last !== undefined && last.fields?.tokens === undefined) last.fields = { ...last.fields, tokens };
		this.open = null;
	}

	/** Takes back the last `count` questions of the user and all that followed. */
	private rollBack(count: number): void {
		let cut = this.turns.length;
		for (let left = count; left > 0 && cut > 0; left--) {
			cut = Math.max(
				0,
				this.turns.findLastIndex((turn, at) => at < cut && turn.role === "user"),
			);
		}
		const turns = this.turns.splice(cut);
		const after = this.turns.at(-1)?.index;
		if (turns.length > 0) this.abandoned.push({ turns, after: typeof after === "number" ? after : null });
		this.open = null;
	}
}

function joined(before: string, more: string | undefined): string {
	if (more === undefined || more === "") return before;
	return before === "" ? more : `${before}\n${more}`;
}

/** The reasoning itself where the log holds it, else the summary of it. */
function reasoningOf(payload: JsonObject): string {
	const content = asArray(member(payload, "content"));
	return resultText(content !== null && content.length > 0 ? content : member(payload, "summary"));
}

function callOf(type: string, payload: JsonObject): ToolCall {
	const name = asString(member(payload, "name")) ?? type.replace(/_call$/, "");
	const given = ["arguments", "input", "action", "revised_prompt"].map((key) => member(payload, key)).find(isGiven);
	return call(name, readArguments(given), callId(payload) ?? asId(member(payload, "id")));
}

function isGiven(value: JsonValue | undefined): value is JsonValue {
	return value !== undefined && value !== null;
}

function outputOf(payload: JsonObject, told: Told, place: Place): Observation {
	const id = callId(payload);
	const raw = member(payload, "output") ?? null;
	const decoded = typeof raw === "string" && raw.startsWith("{") ? readArguments(raw) : raw;
	const inner = isObject(decoded) ? (member(decoded, "output") ?? member(decoded, "content")) : undefined;
	const content = readResultContent(inner === undefined ? raw : inner, "/payload/output", place);
	const stated = asNumber(memberAt(decoded, "metadata", "exit_code")) ?? exitCodeIn(content.text);
	const end = id === null ? undefined : told.ends.get(id);
	const failed = (stated !== null && stated !== 0) || member(decoded, "success") === false;
	return observation("", { ...content, callId: id, isError: failed || (end !== undefined && hasFailed(end)) });
}

function exitCodeIn(text: string): number | null {
	const code = EXIT_CODE.exec(text.slice(0, 40))?.[1];
	return code === undefined ? null : Number(code);
}

function endedCall(type: string, payload: JsonObject, id: string): ToolCall {
	const invocation = asObject(member(payload, "invocation"));
	if (invocation !== null) {
		const tool = asString(member(invocation, "tool")) ?? type;
		return call(tool, member(invocation, "arguments") ?? null, id);
	}
	const command = member(payload, "command") ?? member(payload, "query") ?? member(payload, "changes");
	return call(type.replace(/_end$/, ""), command === undefined ? null : { command }, id);
}

function printedCall(type: string, payload: JsonObject, id: string | null): ToolCall {
	const tool = asString(member(payload, "tool"));
	if (tool !== null) return call(tool, member(payload, "arguments") ?? null, id);
	const said = new Set(["id", "type", "aggregated_output", "exit_code", "status", "result"]);
	return call(type, without(payload, said), id);
}

function endedText(payload: JsonObject): string | null {
	for (const key of ["aggregated_output", "formatted_output", "stdout", "result", "message"]) {
		const value = member(payload, key);
		if (value !== undefined && value !== null) return typeof value === "string" ? value : resultOf(value);
	}
	return null;
}

/** Rust's way of writing results: `{Ok: {content}}` or `{Err: text}`. */
function resultOf(value: JsonValue): string {
	const answer = member(value, "Ok") ?? member(value, "Err") ?? value;
	return resultText(member(answer, "content") ?? answer);
}

function hasFailed(payload: JsonObject): boolean {
	const code = asNumber(member(payload, "exit_code"));
	if (code !== null) return code !== 0;
	const result = member(payload, "result");
	return (
		member(payload, "success") === false ||
		member(result, "Err") !== undefined ||
		memberAt(result, "Ok", "isError") === true
	);
}
