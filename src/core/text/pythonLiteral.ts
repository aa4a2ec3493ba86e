// Python values and calls as logs write them (`str(dict)`, `[f(x=1)]`): read as data, never evaluated.
import type { JsonValue } from "../model/json.ts";

export interface PythonCall {
	name: string;
	/** Keyword arguments by name, positional ones by their number. */
	arguments: { [key: string]: JsonValue };
}

/** Nesting beyond this is not read: nothing that people log is that deep. */
const DEEPEST = 100;

/**
 * A dictionary, list, tuple, text, number, True, False or None; null where the text is anything else.
 * @param cut whether the text may end early, as texts do that were logged up to a length: what is there is then read
 */
export function readPython(text: string, cut = false): { value: JsonValue } | null {
	try {
		const reader = new Reader(text, cut);
		const value = reader.value(0);
		reader.end();
		return { value };
	} catch (error) {
		if (error instanceof Unreadable) return null;
		throw error;
	}
}

/** The calls of `[f(x=1), g()]` or `f(x=1)`; null where the text is anything else. */
export function readPythonCalls(text: string): PythonCall[] | null {
	try {
		const reader = new Reader(text, false);
		const calls = reader.calls();
		reader.end();
		return calls;
	} catch (error) {
		if (error instanceof Unreadable) return null;
		throw error;
	}
}

/** Thrown inside this file only. */
class Unreadable extends Error {}

const ESCAPES: Record<string, string> = {
	n: "\n",
	t: "\t",
	r: "\r",
	"\\": "\\",
	"'": "'",
	'"': '"',
	"0": "\0",
	a: "\x07",
	b: "\b",
	f: "\f",
	v: "\v",
	"\n": "",
};
const NUMBER = /[+-]?(?:\d[\d_]*\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)/y;
const NAME = /[A-Za-z_][\w.]*/y;
const WORDS: Record<string, JsonValue> = {
	True: true,
	False: false,
	None: null,
	true: true,
	false: false,
	null: null,
	nan: Number.NaN,
	inf: Number.POSITIVE_INFINITY,
};

class Reader {
	private readonly text: string;
	private readonly cut: boolean;
	private at = 0;

	constructor(text: string, cut: boolean) {
		this.text = text;
		this.cut = cut;
	}

	end(): void {
		this.space();
		if (this.at < this.text.length) throw new Unreadable();
	}

	calls(): PythonCall[] {
		this.space();
		if (!this.take("[")) return [this.call(0)];
		const calls: PythonCall[] = [];
		while (!this.take("]")) {
			calls.push(this.call(0));
			if (!this.take(",") && !this.peek("]")) throw new Unreadable();
		}
		return calls;
	}

	value(depth: number): JsonValue {
		if (depth > DEEPEST) throw new Unreadable();
		this.space();
		if (this.isCut()) return null;
		const character = this.text[this.at];
		if (character === "{") return this.braces(depth);
		if (character === "[") return this.list("[", "]", depth);
		if (character === "(") return this.list("(", ")", depth);
		const prefix = /[rbuf]{0,2}(?=['"])/iy;
		prefix.lastIndex = this.at;
		const marked = prefix.exec(this.text);
		if (marked !== null) {
			this.at += marked[0].length;
			return this.strings(marked[0].toLowerCase().includes("r"));
		}
		NUMBER.lastIndex = this.at;
		const number = NUMBER.exec(this.text);
		if (number !== null) {
			this.at = NUMBER.lastIndex;
			return Number(number[0].replaceAll("_", ""));
		}
		return this.named(depth);
	}

	/** A word such as True, or a nested call, which stays as the text that it is. */
	private named(depth: number): JsonValue {
		const start = this.at;
		const name = this.name();
		if (this.peek("(")) {
			this.arguments(depth + 1);
			return this.text.slice(start, this.at);
		}
		return Object.hasOwn(WORDS, name) ? (WORDS[name] ?? null) : name;
	}

	private call(depth: number): PythonCall {
		this.space();
		const name = this.name();
		return { name, arguments: this.arguments(depth + 1) };
	}

	private arguments(depth: number): PythonCall["arguments"] {
		if (depth > DEEPEST || !this.take("(")) throw new Unreadable();
		const given: [string, JsonValue][] = [];
		while (!this.take(")")) {
			given.push([this.keyword() ?? String(given.length), this.value(depth)]);
			if (!this.take(",") && !this.peek(")")) throw new Unreadable();
		}
		return Object.fromEntries(given);
	}

	private keyword(): string | null {
		this.space();
		const keyword = /([A-Za-z_]\w*)\s*=(?!=)/y;
		keyword.lastIndex = this.at;
		const match = keyword.exec(this.text);
		if (match === null) return null;
		this.at = keyword.lastIndex;
		return match[1] ?? null;
	}

	private braces(depth: number): JsonValue {
		this.take("{");
		const entries: [string, JsonValue][] = [];
		const members: JsonValue[] = [];
		while (!this.closes("}")) {
			const first = this.value(depth + 1);
			if (this.take(":")) entries.push([typeof first === "string" ? first : String(first), this.value(depth + 1)]);
			else members.push(first);
			if (!this.take(",") && !this.peek("}") && !this.isCut()) throw new Unreadable();
		}
		return entries.length === 0 && members.length > 0 ? members : Object.fromEntries(entries);
	}

	private list(open: string, close: string, depth: number): JsonValue[] {
		this.take(open);
		const values: JsonValue[] = [];
		while (!this.closes(close)) {
			values.push(this.value(depth + 1));
			if (!this.take(",") && !this.peek(close) && !this.isCut()) throw new Unreadable();
		}
		return values;
	}

	/** Texts that stand behind each other are one text. */
	private strings(raw: boolean): string {
		let whole = this.string(raw);
		for (;;) {
			this.space();
			const next = this.text[this.at];
			if (next !== "'" && next !== '"') return whole;
			whole += this.string(false);
		}
	}

	private string(raw: boolean): string {
		const quote = this.text[this.at] as string;
		const triple = this.text.startsWith(quote.repeat(3), this.at) ? quote.repeat(3) : quote;
		this.at += triple.length;
		const pieces: string[] = [];
		let from = this.at;
		while (!this.text.startsWith(triple, this.at)) {
			if (this.isCut()) break;
			if (this.at >= this.text.length) throw new Unreadable();
			if (this.text[this.at] !== "\\" || raw) {
				this.at++;
				continue;
			}
			pieces.push(this.text.slice(from, this.at), this.escape());
			from = this.at;
		}
		pieces.push(this.text.slice(from, this.at));
		this.at += triple.length;
		return pieces.join("");
	}

	private escape(): string {
		const code = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U(000[0-9a-fA-F]{5}|0010[0-9a-fA-F]{4}))/y;
		code.lastIndex = this.at;
		const match = code.exec(this.text);
		if (match !== null) {
			this.at = code.lastIndex;
			return String.fromCodePoint(Number.parseInt(match[1] ?? match[2] ?? match[3] ?? "0", 16));
		}
		const character = this.text[this.at + 1] ?? "";
		this.at += 2;
		return Object.hasOwn(ESCAPES, character) ? (ESCAPES[character] ?? "") : `\\${character}`;
	}

	private name(): string {
		NAME.lastIndex = this.at;
		const match = NAME.exec(this.text);
		if (match === null) throw new Unreadable();
		this.at = NAME.lastIndex;
		return match[0];
	}

	/** Whether this is the end of a text that may end anywhere: everything that is open then closes. */
	private isCut(): boolean {
		return this.cut && this.at >= this.text.length;
	}

	private closes(character: string): boolean {
		return this.take(character) || this.isCut();
	}

	private take(character: string): boolean {
		this.space();
		if (this.text[this.at] !== character) return false;
		this.at++;
		return true;
	}

	private peek(character: string): boolean {
		this.space();
		return this.text[this.at] === character;
	}

	private space(): void {
		while (this.at < this.text.length && this.text.charCodeAt(this.at) <= 0x20) this.at++;
	}
}
