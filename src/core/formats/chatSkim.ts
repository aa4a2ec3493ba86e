// Reads of a chat record only what its summary needs: messages without their text, calls without their arguments. What
// it makes of a record goes through the same code as what plain reading makes of it, so that both tell the same.
import { Cursor, NameTable, OTHER } from "../json/cursor.ts";
import type { JsonRecord } from "../json/record.ts";
import type { JsonObject } from "../model/json.ts";
import type { Place, Step, StepRole, ToolCall } from "../model/trajectory.ts";
import { messageTurn, roleNamed } from "./chatMessages.ts";
import type { RawRecord } from "./format.ts";
import { noParts, type ReadParts } from "./parts.ts";
import type { Turn } from "./turns.ts";

export interface SkimmedChat {
	/** The members of the record beside its messages. */
	record: JsonRecord;
	fields: JsonObject;
	turns: Turn[];
	/** Name of the member that held the messages. */
	key: string;
}

const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const QUOTE = 0x22;

const [ROLE, CONTENT, CALLS, CALL_ID, NAME, ...THOUGHTS] = [0, 1, 2, 3, 4, 5, 6, 7];
const MEMBERS = new NameTable([
	"role",
	"content",
	"tool_calls",
	"tool_call_id",
	"name",
	"reasoning_content",
	"reasoning",
	"thinking",
]);
const [ENTRY_ID, FUNCTION, TYPE] = [0, 1, 2];
const CALL_MEMBERS = new NameTable(["id", "function", "type"]);
const [FUNCTION_NAME, ARGUMENTS] = [0, 1];
const FUNCTION_MEMBERS = new NameTable(["name", "arguments"]);

/** Members that say what a message holds in other ways than those above, or that objects treat in their own way. */
const UNUSUAL = new Set(["from", "value", "parts", "function_call", "__proto__"]);

/** Steps among which the question is looked for when a task has no id. */
const OPENING = 3;

/**
 * Skims a record whose messages are in the first of `listKeys` that it has. Null where the record has anything out of
 * the ordinary: then plain reading tells what it is.
 */
export function skimChat(raw: RawRecord, listKeys: readonly string[]): SkimmedChat | null {
	const skimmer = new ChatSkimmer(raw);
	return skimmer.run(listKeys);
}

class ChatSkimmer {
	private readonly raw: RawRecord;
	private readonly cursor: Cursor;
	private readonly fields: JsonObject = {};
	private readonly turns: Turn[] = [];
	private key: string | null = null;
	/** Where the text of the first user's message stands; that of the others is not needed. */
	private question: { start: number; end: number } | null = null;

	constructor(raw: RawRecord) {
		this.raw = raw;
		this.cursor = new Cursor(raw.scanner);
	}

	run(listKeys: readonly string[]): SkimmedChat | null {
		const { cursor, raw } = this;
		cursor.enter(raw.start, raw.end);
		if (cursor.peek() !== OPEN_OBJECT || !this.readMembers(listKeys) || !cursor.atEnd()) return null;
		if (this.key === null) return null;
		const asked = this.turns.findIndex((turn) => turn.role === "user");
		if (asked === -1 || asked >= OPENING || this.question === null) return null;
		const text = cursor.decode(this.question.start, this.question.end);
		(this.turns[asked] as Turn).parts = noParts({ text: typeof text === "string" ? text : "" });
		const bytes = raw.scanner.bytes.subarray(raw.start, raw.end);
		const record = { value: this.fields, place: raw.place, bytes, ordinal: raw.ordinal };
		return { record, fields: this.fields, turns: this.turns, key: this.key };
	}

	private readMembers(listKeys: readonly string[]): boolean {
		const { cursor } = this;
		if (!cursor.open(CLOSE_OBJECT)) return true;
		for (;;) {
			if (!cursor.name()) return false;
			const name = cursor.nameText();
			if (listKeys.includes(name) && cursor.peek() === OPEN_ARRAY) {
				if (this.key !== null || !this.readMessages()) return false;
				this.key = name;
			} else if (name === "tools") {
				if (!cursor.skip()) return false;
			} else {
				const value = cursor.value();
				if (value === undefined || name === "__proto__" || name === "response") return false;
				this.fields[name] = value;
			}
			const next = cursor.next(CLOSE_OBJECT);
			if (next !== 1) return next === 0;
		}
	}

	private readMessages(): boolean {
		const { cursor } = this;
		if (!cursor.open(CLOSE_ARRAY)) return true;
		for (;;) {
			if (cursor.peek() !== OPEN_OBJECT || !this.readMessage()) return false;
			const next = cursor.next(CLOSE_ARRAY);
			if (next !== 1) return next === 0;
		}
	}

	private readMessage(): boolean {
		const { cursor, raw } = this;
		if (!cursor.open(CLOSE_OBJECT)) return false;
		const message = new SkimmedMessage();
		for (;;) {
			if (!cursor.name() || !this.readMember(message)) return false;
			const next = cursor.next(CLOSE_OBJECT);
			if (next === -1) return false;
			if (next === 0) break;
		}
		const turn = message.turn(raw.place, this.turns.length);
		if (turn === null) return false;
		if (turn.role === "user" && this.question === null) this.question = message.content;
		this.turns.push(turn);
		return true;
	}

	private readMember(message: SkimmedMessage): boolean {
		const { cursor } = this;
		const code = MEMBERS.find(this.raw.scanner.bytes, cursor.nameStart, cursor.nameEnd);
		if (code !== OTHER && !message.meet(code)) return false;
		// absent, in the words of many a library
		if (cursor.peek() === 0x6e && code !== ROLE) return cursor.value() === null;
		if (code === ROLE) {
			const name = cursor.text();
			message.role = name === null ? null : roleNamed(name);
			return message.role !== null;
		}
		if (code === CONTENT) {
			const start = cursor.at;
			if (cursor.peek() !== QUOTE || !cursor.skip()) return false;
			message.content = { start, end: cursor.at };
			return true;
		}
		if (code === CALLS) return cursor.peek() === OPEN_ARRAY && this.readCalls(message);
		if (code === CALL_ID) {
			message.callId = cursor.text();
			return message.callId !== null;
		}
		if (code === NAME) {
			message.name = cursor.text();
			return message.name !== null;
		}
		if (THOUGHTS.includes(code) && cursor.peek() === QUOTE) return cursor.skip();
		return this.readOther(message);
	}

	/** A member that plain reading must judge, such as a time or a usage. */
	private readOther(message: SkimmedMessage): boolean {
		const name = this.cursor.nameText();
		const value = this.cursor.value();
		if (value === undefined || UNUSUAL.has(name)) return false;
		message.others ??= {};
		message.others[name] = value;
		return true;
	}

	private readCalls(message: SkimmedMessage): boolean {
		const { cursor } = this;
		if (!cursor.open(CLOSE_ARRAY)) return true;
		for (;;) {
			const made = cursor.peek() === OPEN_OBJECT ? this.readCall() : null;
			if (made === null) return false;
			message.calls.push(made);
			const next = cursor.next(CLOSE_ARRAY);
			if (next !== 1) return next === 0;
		}
	}

	/** OpenAI's nested shape with an id; anything else is left to plain reading. */
	private readCall(): ToolCall | null {
		const { cursor } = this;
		let id: string | null = null;
		let name: string | null = null;
		if (!cursor.open(CLOSE_OBJECT)) return null;
		for (;;) {
			if (!cursor.name()) return null;
			const code = CALL_MEMBERS.find(this.raw.scanner.bytes, cursor.nameStart, cursor.nameEnd);
			if (code === ENTRY_ID && id === null) id = cursor.text();
			else if (code === FUNCTION && name === null) name = this.readFunction();
			else if (code !== TYPE || !cursor.skip()) return null;
			const next = cursor.next(CLOSE_OBJECT);
			if (next === -1) return null;
			if (next === 0) break;
		}
		return id === null || name === null ? null : { id, name, arguments: null, requestor: null };
	}

	private readFunction(): string | null {
		const { cursor } = this;
		let found: string | null = null;
		if (cursor.peek() !== OPEN_OBJECT || !cursor.open(CLOSE_OBJECT)) return null;
		for (;;) {
			if (!cursor.name()) return null;
			const code = FUNCTION_MEMBERS.find(this.raw.scanner.bytes, cursor.nameStart, cursor.nameEnd);
			if (code === FUNCTION_NAME && found === null) {
				found = cursor.text();
				if (found === null) return null;
			} else if (code !== ARGUMENTS || !cursor.skip()) return null;
			const next = cursor.next(CLOSE_OBJECT);
			if (next === -1) return null;
			if (next === 0) return found;
		}
	}
}

/** The members of one message, as far as a summary needs them. */
class SkimmedMessage {
	role: StepRole | null = null;
	content: { start: number; end: number } | null = null;
	callId: string | null = null;
	name: string | null = null;
	calls: ToolCall[] = [];
	others: JsonObject | null = null;
	private met = 0;

	/** False where the member was there before: a repeated name is left to plain reading. */
	meet(code: number): boolean {
		const bit = 1 << code;
		if ((this.met & bit) !== 0) return false;
		this.met |= bit;
		return true;
	}

	turn(place: Place, index: number): Turn | null {
		const { role, calls, callId, name } = this;
		if (role === null) return null;
		const fields = this.others === null ? { agent: name } : this.judged(this.others, place, index, role);
		const parts: ReadParts = noParts();
		if (role === "environment") {
			// without an id a result is paired by order, which plain reading knows
			if (callId === null) return null;
			parts.observations = [{ callId, tool: name, text: "", isError: false, images: [] }];
		} else parts.calls = calls;
		return { role, place, index, parts, fields };
	}

	/** What plain reading makes of the members that are not read here. */
	private judged(others: JsonObject, place: Place, index: number, role: StepRole): Partial<Step> {
		const message = this.name === null ? others : { ...others, name: this.name };
		return messageTurn(message, place, index, role).fields ?? {};
	}
}
