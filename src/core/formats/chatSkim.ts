// Reads of a chat record only what its summary needs: who spoke, which calls were answered, the question. What it makes
// of a record goes through the same code as what plain reading makes of it, so that both tell the same; anything out of
// the ordinary is left to plain reading.
import { Cursor, NameTable, OTHER } from "../json/cursor.ts";
import type { JsonRecord } from "../json/record.ts";
import type { Scanner } from "../json/scanner.ts";
import type { JsonObject } from "../model/json.ts";
import type { Place, Step, StepRole } from "../model/trajectory.ts";
import { messageTurn, roleNamed } from "./chatMessages.ts";
import type { RawRecord } from "./format.ts";
import { noParts } from "./parts.ts";
import { stepOfTurn } from "./turns.ts";

export interface SkimmedChat {
	record: JsonRecord;
	/** The members of the record beside its messages. */
	fields: JsonObject;
	/** Name of the member that held the messages. */
	key: string;
	/** The steps that hold something besides a text: the question, and those with a name, a time, a usage. */
	telling: Step[];
	/** How many steps there are. */
	steps: number;
}

const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_OF_NULL = 0x6e;

const [ROLE, CONTENT, CALLS, CALL_ID, NAME] = [0, 1, 2, 3, 4];
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
/** The usual names of roles; others are looked up by their text. */
const ROLE_NAMES = ["user", "assistant", "tool", "system", "developer", "function"];
const ROLES = new NameTable(ROLE_NAMES);
const ROLE_OF = ROLE_NAMES.map(roleNamed);

/** Members that say what a message holds in other ways than those above, or that objects treat in their own way. */
const UNUSUAL = new Set(["from", "value", "parts", "function_call", "__proto__"]);
/** Members that say more of single steps: a model's answer beside the messages, ratings of messages. */
const SPEAK_OF_STEPS = new Set(["response", "step_labels", "__proto__"]);

/** The question is looked for among so many steps where a task has no id. */
const OPENING = 3;
/** Calls in a record among which the one that a result answers is looked for. */
const MOST_CALLS = 4096;
/** Calls that are compared with one result before plain reading, which has a table of them, is left to it. */
const MOST_COMPARED = 64;

const skimmers = new WeakMap<Scanner, ChatSkimmer>();

/** Skims a record whose messages are in one of `listKeys`. Null where plain reading must tell what the record is. */
export function skimChat(raw: RawRecord, listKeys: readonly string[]): SkimmedChat | null {
	let skimmer = skimmers.get(raw.scanner);
	if (skimmer === undefined) {
		skimmer = new ChatSkimmer(raw.scanner);
		skimmers.set(raw.scanner, skimmer);
	}
	return skimmer.run(raw, listKeys);
}

/** One for all records of a scanner: it makes as few objects as it can, because it sees millions of messages. */
class ChatSkimmer {
	private readonly cursor: Cursor;
	private readonly bytes: Uint8Array;
	/** Where the ids of calls stand, as pairs of start and end. */
	private readonly callIds = new Int32Array(2 * MOST_CALLS);
	private calls = 0;
	private place: Place | null = null;
	private messages = 0;
	private steps = 0;
	private telling: Step[] = [];
	private asked = false;
	// of the current message:
	private met = 0;
	private role: StepRole | null = null;
	private contentStart = 0;
	private contentEnd = 0;
	private callIdStart = 0;
	private callIdEnd = 0;
	private callsBefore = 0;
	private name: string | null = null;
	private others: JsonObject | null = null;

	constructor(scanner: Scanner) {
		this.cursor = new Cursor(scanner);
		this.bytes = scanner.bytes;
	}

	run(raw: RawRecord, listKeys: readonly string[]): SkimmedChat | null {
		const { cursor } = this;
		this.calls = 0;
		this.messages = 0;
		this.steps = 0;
		this.telling = [];
		this.asked = false;
		this.place = raw.place;
		cursor.enter(raw.start, raw.end);
		if (cursor.peek() !== OPEN_OBJECT) return null;
		const fields: JsonObject = {};
		const key = this.readMembers(fields, listKeys);
		if (key === null || !this.asked || !cursor.atEnd()) return null;
		const { telling, steps } = this;
		const bytes = this.bytes.subarray(raw.start, raw.end);
		const record = { value: fields, place: raw.place, bytes, ordinal: raw.ordinal };
		return { record, fields, key, telling, steps };
	}

	/** Reads the record's members, and answers which held the messages; null where none did or something is unusual. */
	private readMembers(fields: JsonObject, listKeys: readonly string[]): string | null {
		const { cursor } = this;
		let key: string | null = null;
		if (!cursor.open(CLOSE_OBJECT)) return null;
		for (;;) {
			if (!cursor.name()) return null;
			const name = cursor.nameText();
			if (cursor.peek() === OPEN_ARRAY && listKeys.includes(name)) {
				if (key !== null || !this.readMessages()) return null;
				key = name;
			} else if (name === "tools") {
				if (!cursor.skip()) return null;
			} else {
				const value = cursor.value();
				if (value === undefined || SPEAK_OF_STEPS.has(name)) return null;
				fields[name] = value;
			}
			const next = cursor.next(CLOSE_OBJECT);
			if (next !== 1) return next === 0 ? key : null;
		}
	}

	private readMessages(): boolean {
		const { cursor } = this;
		if (!cursor.open(CLOSE_ARRAY)) return true;
		for (;;) {
			if (cursor.peek() !== OPEN_OBJECT || !this.readMessage() || !this.takeMessage()) return false;
			const next = cursor.next(CLOSE_ARRAY);
			if (next !== 1) return next === 0;
		}
	}

	private readMessage(): boolean {
		const { cursor } = this;
		this.met = 0;
		this.role = null;
		this.contentStart = 0;
		this.callIdStart = 0;
		this.callsBefore = this.calls;
		this.name = null;
		this.others = null;
		if (!cursor.open(CLOSE_OBJECT)) return false;
		for (;;) {
			if (!cursor.name() || !this.readMember()) return false;
			const next = cursor.next(CLOSE_OBJECT);
			if (next !== 1) return next === 0;
		}
	}

	/** Counts the message. False where what it is depends on more than was read of it. */
	private takeMessage(): boolean {
		const { role } = this;
		if (role === null) return false;
		const index = this.messages++;
		if (role === "environment") {
			// a result makes no step of its own where the call is known; what its calls are, only plain reading knows
			return this.calls === this.callsBefore && this.isAnswer();
		}
		this.steps++;
		if (role === "user" && !this.asked) {
			if (index >= OPENING) return false;
			this.asked = true;
			this.tell(role, index, this.question());
		} else if (this.others !== null || (this.name !== null && role === "agent")) this.tell(role, index, "");
		return true;
	}

	private question(): string {
		const text = this.contentStart === 0 ? "" : this.cursor.decode(this.contentStart, this.contentEnd);
		return typeof text === "string" ? text : "";
	}

	/** Keeps a step that holds more than a text, read by the code that reads all messages. */
	private tell(role: StepRole, index: number, text: string): void {
		const place = this.place as Place;
		const message: JsonObject = this.others ?? {};
		if (this.name !== null) message.name = this.name;
		const { fields = {} } = messageTurn(message, place, index, role);
		this.telling.push(stepOfTurn({ role, place, index, parts: noParts({ text }), fields }));
	}

	/** Whether the result's call id is that of a call before it. */
	private isAnswer(): boolean {
		if (this.callIdStart === 0) return false;
		const oldest = Math.max(0, this.calls - MOST_COMPARED);
		for (let call = this.calls - 1; call >= oldest; call--) {
			if (this.sameId(this.callIds[2 * call] as number, this.callIds[2 * call + 1] as number)) return true;
		}
		return false;
	}

	private sameId(start: number, end: number): boolean {
		const { bytes, callIdStart } = this;
		if (end - start !== this.callIdEnd - callIdStart) return false;
		for (let at = start; at < end; at++) if (bytes[at] !== bytes[callIdStart + at - start]) return false;
		return true;
	}

	private readMember(): boolean {
		const { cursor } = this;
		const code = MEMBERS.find(this.bytes, cursor.nameStart, cursor.nameEnd);
		if (code === OTHER) return this.readOther();
		// a repeated name is left to plain reading
		if ((this.met & (1 << code)) !== 0) return false;
		this.met |= 1 << code;
		const first = cursor.peek();
		if (code === ROLE) return first === QUOTE && this.readRole();
		// absent, in the words of many a library
		if (first === FIRST_OF_NULL) return cursor.value() === null;
		if (code === CALLS) return first === OPEN_ARRAY && this.readCalls();
		if (first !== QUOTE) return code > NAME && this.readOther();
		const start = cursor.at;
		if (!cursor.skip()) return false;
		if (code === CONTENT) {
			this.contentStart = start;
			this.contentEnd = cursor.at;
		} else if (code === CALL_ID) {
			this.callIdStart = start;
			this.callIdEnd = cursor.at;
			return this.isPlain(start, cursor.at);
		} else if (code === NAME) this.name = cursor.decode(start, cursor.at) as string;
		return true;
	}

	private readRole(): boolean {
		const { cursor } = this;
		const start = cursor.at + 1;
		if (!cursor.skip()) return false;
		const code = ROLES.find(this.bytes, start, cursor.at - 1);
		this.role = code === OTHER ? roleNamed(cursor.decode(start - 1, cursor.at) as string) : (ROLE_OF[code] as StepRole);
		return this.role !== null;
	}

	/** A member that plain reading must judge, such as a time or a usage. */
	private readOther(): boolean {
		const name = this.cursor.nameText();
		const value = this.cursor.value();
		if (value === null) return true;
		if (value === undefined || UNUSUAL.has(name)) return false;
		this.others ??= {};
		this.others[name] = value;
		return true;
	}

	private readCalls(): boolean {
		const { cursor } = this;
		if (!cursor.open(CLOSE_ARRAY)) return true;
		for (;;) {
			if (cursor.peek() !== OPEN_OBJECT || !this.readCall()) return false;
			const next = cursor.next(CLOSE_ARRAY);
			if (next !== 1) return next === 0;
		}
	}

	/** OpenAI's nested shape with an id; anything else is left to plain reading. */
	private readCall(): boolean {
		const { cursor } = this;
		let named = false;
		let idStart = 0;
		let idEnd = 0;
		if (!cursor.open(CLOSE_OBJECT)) return false;
		for (;;) {
			if (!cursor.name()) return false;
			const code = CALL_MEMBERS.find(this.bytes, cursor.nameStart, cursor.nameEnd);
			if (code === FUNCTION) {
				if (named || !this.readFunction()) return false;
				named = true;
			} else {
				const start = cursor.at;
				if (code === OTHER || (code === ENTRY_ID && idStart !== 0) || !cursor.skip()) return false;
				if (code !== TYPE) [idStart, idEnd] = [start, cursor.at];
			}
			const next = cursor.next(CLOSE_OBJECT);
			if (next === -1) return false;
			if (next === 0) break;
		}
		if (!named || idStart === 0 || this.calls === MOST_CALLS || !this.isPlain(idStart, idEnd)) return false;
		this.callIds[2 * this.calls] = idStart;
		this.callIds[2 * this.calls + 1] = idEnd;
		this.calls++;
		return true;
	}

	/** Whether a function with a name is there: only then it is a call. */
	private readFunction(): boolean {
		const { cursor } = this;
		let named = false;
		if (cursor.peek() !== OPEN_OBJECT || !cursor.open(CLOSE_OBJECT)) return false;
		for (;;) {
			if (!cursor.name()) return false;
			const code = FUNCTION_MEMBERS.find(this.bytes, cursor.nameStart, cursor.nameEnd);
			if (code === FUNCTION_NAME) {
				if (named || cursor.peek() !== QUOTE) return false;
				named = true;
			} else if (code !== ARGUMENTS) return false;
			if (!cursor.skip()) return false;
			const next = cursor.next(CLOSE_OBJECT);
			if (next !== 1) return next === 0 && named;
		}
	}

	/** A text without escapes: the same text is then the same bytes. */
	private isPlain(start: number, end: number): boolean {
		if (this.bytes[start] !== QUOTE) return false;
		for (let at = start; at < end; at++) if (this.bytes[at] === BACKSLASH) return false;
		return true;
	}
}
