// Walks through JSON in raw bytes, reading what is asked for and skipping the rest unread but checked.
// Every method answers false, null or 0 where the JSON is not valid, and the walk must end there.
import type { JsonValue } from "../model/json.ts";
import type { Scanner } from "./scanner.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Member names that are told apart while walking; all others are `OTHER`. */
export class NameTable {
	private readonly byLength: { name: string; code: number; bytes: Uint8Array }[][] = [];

	/** Codes count from 0 in the order of `names`. */
	constructor(names: readonly string[]) {
		names.forEach((name, code) => {
			const bytes = new TextEncoder().encode(name);
			this.byLength[bytes.length] ??= [];
			this.byLength[bytes.length]?.push({ name, code, bytes });
		});
	}

	find(bytes: Uint8Array, start: number, end: number): number {
		const candidates = this.byLength[end - start];
		if (candidates === undefined) return OTHER;
		for (const { code, bytes: wanted } of candidates) {
			let same = 0;
			while (same < wanted.length && bytes[start + same] === wanted[same]) same++;
			if (same === wanted.length) return code;
		}
		return OTHER;
	}
}

export const OTHER = -1;

export class Cursor {
	/** The next byte to look at. */
	at = 0;
	/** Where the name of the last member stands, without its quotes. */
	nameStart = 0;
	nameEnd = 0;
	private end = 0;
	private readonly scanner: Scanner;
	private readonly bytes: Uint8Array;

	constructor(scanner: Scanner) {
		this.scanner = scanner;
		this.bytes = scanner.bytes;
	}

	/** Puts the cursor on the first byte of the value between `start` and `end`. */
	enter(start: number, end: number): void {
		this.end = end;
		this.at = this.scanner.skipSpace(start, end);
	}

	/** The byte that the cursor is on; 0 at the end. */
	peek(): number {
		return this.at < this.end ? (this.bytes[this.at] as number) : 0;
	}

	/** Whether only white space is left. */
	atEnd(): boolean {
		this.skipSpace();
		return this.at >= this.end;
	}

	/** Steps onto the first member or element after an opening bracket. False where the next one closes it: it is taken. */
	open(closing: number): boolean {
		this.at++;
		this.skipSpace();
		if (this.peek() !== closing) return true;
		this.at++;
		return false;
	}

	/** After a value: 1 where another follows and the cursor is on it, 0 where the container was closed, -1 where neither. */
	next(closing: number): 1 | 0 | -1 {
		this.skipSpace();
		const byte = this.peek();
		this.at++;
		if (byte === closing) return 0;
		if (byte !== COMMA) return -1;
		this.skipSpace();
		return 1;
	}

	/** Reads a member's name and steps onto its value. A name with escapes is refused: plain reading must tell it. */
	name(): boolean {
		if (this.peek() !== QUOTE) return false;
		let end = this.at + 1;
		for (;;) {
			const byte = end < this.end ? (this.bytes[end] as number) : 0;
			if (byte === QUOTE) break;
			if (byte === BACKSLASH || byte < 0x20) return false;
			end++;
		}
		this.nameStart = this.at + 1;
		this.nameEnd = end;
		this.at = end + 1;
		this.skipSpace();
		if (this.peek() !== COLON) return false;
		this.at++;
		this.skipSpace();
		return true;
	}

	/** The name that `name` read last. */
	nameText(): string {
		return this.ascii(this.nameStart, this.nameEnd) ?? this.decoded(this.nameStart, this.nameEnd);
	}

	/** Skips the value that the cursor is on. */
	skip(): boolean {
		const after =
			this.peek() === QUOTE ? this.scanner.skipString(this.at, this.end) : this.scanner.skipValue(this.at, this.end);
		if (after !== 0) this.at = after;
		return after !== 0;
	}

	/** Reads the value that the cursor is on; undefined where it is not valid. */
	value(): JsonValue | undefined {
		const start = this.at;
		if (!this.skip()) return undefined;
		return this.smallNumber(start, this.at) ?? this.decode(start, this.at);
	}

	/** The value between two places that are known to hold a valid one. */
	decode(start: number, end: number): JsonValue {
		return JSON.parse(this.decoded(start, end)) as JsonValue;
	}

	private decoded(start: number, end: number): string {
		return decoder.decode(this.bytes.subarray(start, end));
	}

	/** The text between two places; null where it has escapes or is no ASCII. Short texts are quickest this way. */
	private ascii(start: number, end: number): string | null {
		let text = "";
		for (let at = start; at < end; at++) {
			const byte = this.bytes[at] as number;
			if (byte === BACKSLASH || byte >= 0x80) return null;
			text += String.fromCharCode(byte);
		}
		return text;
	}

	/** A number of a few digits, which ids and rewards mostly are. */
	private smallNumber(start: number, end: number): number | null {
		if (end - start > 9) return null;
		let number = 0;
		for (let at = start; at < end; at++) {
			const digit = (this.bytes[at] as number) - 0x30;
			if (digit < 0 || digit > 9) return null;
			number = number * 10 + digit;
		}
		return number;
	}

	private skipSpace(): void {
		const byte = this.bytes[this.at] as number;
		if (byte <= 0x20) this.at = this.scanner.skipSpace(this.at, this.end);
	}
}
