// Decodes JSON as logs really write it: `JSON.parse` first; where that fails, a parser without recursion that
// also takes NaN and Infinity, and that can close what a cut-off text left open (for looking at the head of a file).
import type { JsonObject, JsonValue } from "../model/json.ts";

export type ParseResult =
	| { ok: true; value: JsonValue; nonFinite: boolean; truncated: boolean }
	| { ok: false; reason: string; at: number };

/** Nesting beyond this is refused by the tolerant parser: nothing that people log is that deep. */
export const MAXIMUM_DEPTH = 2000;

/** Parses one JSON text. `at` in a failure counts UTF-16 units from the start of `text`. */
export function parseJson(text: string): ParseResult {
	try {
		return { ok: true, value: JSON.parse(text) as JsonValue, nonFinite: false, truncated: false };
	} catch {
		return new TolerantParser(text, false).run();
	}
}

/** Decodes JSON that was written as text inside of a log; undefined where it is none. */
export function decodeJson(text: string): JsonValue | undefined {
	try {
		return JSON.parse(text) as JsonValue;
	} catch {
		return undefined;
	}
}

/** Parses the head of a JSON text that may be cut off anywhere; whatever can be seen of it is in the value. */
export function parseHead(text: string): ParseResult {
	return new TolerantParser(text, true).run();
}

const LITERALS: [string, JsonValue][] = [
	["true", true],
	["false", false],
	["null", null],
	["NaN", Number.NaN],
	["Infinity", Number.POSITIVE_INFINITY],
	["-Infinity", Number.NEGATIVE_INFINITY],
];
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\r\n]*/y;

interface Frame {
	container: JsonValue[] | JsonObject;
	/** Name of the member whose value comes next; null in arrays and before a name. */
	key: string | null;
}

/** Thrown inside this file only, to leave the parser from any depth of calls. */
class Stop extends Error {
	readonly at: number;
	constructor(reason: string, at: number) {
		super(reason);
		this.at = at;
	}
}

/** The text ended inside a value. */
const CUT = Symbol("cut");

class TolerantParser {
	private readonly text: string;
	private readonly allowTruncated: boolean;
	private nonFinite = false;
	private at = 0;
	private root: JsonValue | undefined;
	private readonly frames: Frame[] = [];

	constructor(text: string, allowTruncated: boolean) {
		this.text = text;
		this.allowTruncated = allowTruncated;
	}

	run(): ParseResult {
		try {
			const truncated = this.parse();
			if (this.root === undefined)
				throw new Stop(this.text.trim() === "" ? "empty" : "ends too early", this.text.length);
			return { ok: true, value: this.root, nonFinite: this.nonFinite, truncated };
		} catch (error) {
			if (error instanceof Stop) return { ok: false, reason: error.message, at: error.at };
			throw error;
		}
	}

	/** Answers whether the text was cut off. */
	private parse(): boolean {
		for (;;) {
			this.skipSpace();
			if (this.at >= this.text.length) return this.cut();
			const top = this.frames.at(-1);
			if (top !== undefined && this.closes(top)) {
				this.frames.pop();
				if (this.frames.length === 0) return this.finish();
				this.afterValue();
				continue;
			}
			if (top !== undefined && !Array.isArray(top.container) && top.key === null) {
				if (!this.readKey(top)) return this.cut();
				continue;
			}
			const value = this.readValue();
			if (value === CUT) return this.cut();
			this.place(value);
			if (typeof value === "object" && value !== null) this.open(value);
			else if (this.frames.length === 0) return this.finish();
			else this.afterValue();
		}
	}

	private open(container: JsonValue[] | JsonObject): void {
		if (this.frames.length >= MAXIMUM_DEPTH) throw new Stop("nested too deeply", this.at);
		this.frames.push({ container, key: null });
	}

	private cut(): true {
		if (!this.allowTruncated) throw new Stop(this.text.trim() === "" ? "empty" : "ends too early", this.text.length);
		return true;
	}

	private finish(): false {
		this.skipSpace();
		if (this.at < this.text.length && !this.allowTruncated) {
			throw new Stop("text after the end of the value", this.at);
		}
		return false;
	}

	private skipSpace(): void {
		SPACE.lastIndex = this.at;
		SPACE.test(this.text);
		this.at = SPACE.lastIndex;
	}

	private closes(top: Frame): boolean {
		if (this.text[this.at] !== (Array.isArray(top.container) ? "]" : "}")) return false;
		this.at++;
		return true;
	}

	/** Steps over a comma between values; a closing bracket is left for the main loop. */
	private afterValue(): void {
		this.skipSpace();
		const character = this.text[this.at];
		if (character === ",") this.at++;
		else if (character !== "]" && character !== "}" && character !== undefined) {
			throw new Stop("a comma or a closing bracket is missing", this.at);
		}
	}

	private readKey(top: Frame): boolean {
		if (this.text[this.at] !== '"') throw new Stop("a member name is missing", this.at);
		if (this.closingQuote() === -1) {
			if (this.allowTruncated) return false;
			throw new Stop("a text has no closing quote", this.at);
		}
		const key = this.readString() as string;
		this.skipSpace();
		if (this.at >= this.text.length) return false;
		if (this.text[this.at] !== ":") throw new Stop("a colon is missing", this.at);
		this.at++;
		top.key = key;
		return true;
	}

	private place(value: JsonValue): void {
		if (this.root === undefined) this.root = value;
		const top = this.frames.at(-1);
		if (top === undefined) return;
		if (Array.isArray(top.container)) top.container.push(value);
		else {
			// defineProperty, because a log may well contain the key "__proto__"
			const key = top.key as string;
			Object.defineProperty(top.container, key, { value, writable: true, enumerable: true, configurable: true });
			top.key = null;
		}
	}

	private readValue(): JsonValue | typeof CUT {
		const character = this.text[this.at] as string;
		if (character === "{" || character === "[") {
			this.at++;
			return character === "{" ? {} : [];
		}
		if (character === '"') return this.readString();
		for (const [literal, value] of LITERALS) {
			if (!this.text.startsWith(literal, this.at)) continue;
			this.at += literal.length;
			if (typeof value === "number") this.nonFinite = true;
			return value;
		}
		NUMBER.lastIndex = this.at;
		const match = NUMBER.exec(this.text);
		if (match !== null) {
			this.at = NUMBER.lastIndex;
			return Number(match[0]);
		}
		if (this.allowTruncated && this.text.length - this.at < 10) return CUT;
		throw new Stop(`unexpected ${JSON.stringify(character)}`, this.at);
	}

	/** Position of the quote that closes the text at `this.at`; -1 where there is none. */
	private closingQuote(): number {
		let from = this.at + 1;
		for (;;) {
			const quote = this.text.indexOf('"', from);
			if (quote === -1) return -1;
			let backslashes = 0;
			while (this.text[quote - 1 - backslashes] === "\\" && quote - 1 - backslashes > this.at) backslashes++;
			if (backslashes % 2 === 0) return quote;
			from = quote + 1;
		}
	}

	private readString(): string {
		const quote = this.closingQuote();
		if (quote === -1) {
			if (!this.allowTruncated) throw new Stop("a text has no closing quote", this.at);
			const rest = this.text.slice(this.at + 1);
			this.at = this.text.length;
			return rest;
		}
		const raw = this.text.slice(this.at, quote + 1);
		try {
			const value = JSON.parse(raw) as string;
			this.at = quote + 1;
			return value;
		} catch {
			throw new Stop("a text with a bad escape or control character", this.at);
		}
	}
}
