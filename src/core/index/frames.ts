// Frames the records of files of any size while they slide through a window: lines, and the elements of an array
// somewhere in one document. Memory is bounded by the window, whatever the records' sizes.
import { pointerTokens, type Span, skipValue } from "../json/scan.ts";
import { LooseSkipper } from "./looseSkipper.ts";
import type { SlidingWindow } from "./window.ts";

/** A record as framed: places are offsets in the file. */
export interface Frame extends Span {
	/** 1-based line on which it starts, counted from where framing began. */
	line: number;
	/** 0-based number among the records, damaged and empty ones counted too. */
	ordinal: number;
	/** Whether all its bytes are in the window now; those of a record that is longer than the window are not. */
	held: boolean;
	/** Whether the file ends before the newline that would end the line: more of it may be written yet. */
	open: boolean;
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * The lines that start from `from` to before `to`, without their line ends; empty ones are left out but numbered.
 * Returns the number of the line that comes next, which is the last one's where that is not ended.
 * @param from offset of the first byte of a line
 */
export function* frameLines(window: SlidingWindow, from: number, to: number): Generator<Frame, number> {
	let start = from;
	let ordinal = 0;
	for (; start < to; ordinal++) {
		const newline = findNewline(window, start);
		if (newline.at === start && newline.ended) break;
		const held = window.holds(start);
		const before = held && newline.at > start ? window.scanner.bytes[window.indexOf(newline.at) - 1] : 0;
		const end = before === RETURN ? newline.at - 1 : newline.at;
		if (!held || !isBlank(window, start, end)) {
			yield { start, end, line: ordinal + 1, ordinal, held, open: newline.ended };
		}
		if (newline.ended) break;
		start = newline.at + 1;
	}
	return ordinal + 1;
}

/** The newline that ends the line, or the file's end. The line is kept in the window as long as it fits. */
function findNewline(window: SlidingWindow, start: number): { at: number; ended: boolean } {
	let searched = start;
	if (!window.holds(start)) window.slideTo(start);
	for (;;) {
		const { bytes } = window.scanner;
		const found = bytes.subarray(0, window.end).indexOf(NEWLINE, window.indexOf(searched));
		if (found !== -1) return { at: window.offsetOf(found), ended: false };
		searched = window.offsetOf(window.end);
		if (window.more()) continue;
		if (window.ended) return { at: searched, ended: true };
		window.slideTo(window.startsAt(start) || !window.holds(start) ? searched : start);
	}
}

function isBlank(window: SlidingWindow, start: number, end: number): boolean {
	const last = window.indexOf(end);
	return window.scanner.skipSpace(window.indexOf(start), last) === last;
}

/** What is around the elements of an array. */
export interface ElementsEnd {
	/** The array from its opening bracket to one past its closing one; null where there is none. */
	array: Span | null;
	/** What ended the walk before the array's end, and where; null where it was seen in full. */
	reason: string | null;
	line: number;
}

/** The elements of the array that `pointer` names: RFC 6901, the first of members that repeat a name. */
export function* frameElements(window: SlidingWindow, pointer: string): Generator<Frame, ElementsEnd> {
	const walk = new DocumentWalk(window);
	for (const token of pointerTokens(pointer)) {
		if (!walk.enter(token)) return { array: null, reason: `no array at ${pointer}`, line: walk.line };
	}
	const start = walk.at;
	if (walk.byte() !== OPEN_ARRAY)
		return { array: null, reason: `no array at ${pointer || "the top"}`, line: walk.line };
	walk.step();
	for (let ordinal = 0; ; ordinal++) {
		const byte = walk.byte();
		if (byte === CLOSE_ARRAY) {
			walk.step();
			return { array: { start, end: walk.at }, reason: null, line: walk.line };
		}
		if (byte === END) return { array: { start, end: walk.at }, reason: "ends too early", line: walk.line };
		const element = { start: walk.at, line: walk.line, ordinal };
		const held = walk.skip();
		if (walk.at === element.start) break;
		yield { ...element, end: walk.at, held, open: false };
		const after = walk.byte();
		if (after === COMMA) walk.step();
		else if (after !== CLOSE_ARRAY && after !== END) break;
	}
	const reason = "a comma or a closing bracket is missing";
	return { array: { start, end: walk.at }, reason, line: walk.line };
}

const END = -1;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Walks over a document's values, holding the current one in the window where it fits. */
class DocumentWalk {
	/** Offset of the next byte. */
	at = 0;
	/** 1-based line of `at`. */
	line = 1;
	private readonly window: SlidingWindow;

	constructor(window: SlidingWindow) {
		this.window = window;
		window.slideTo(0);
		if (this.byte() === 0xef && this.peek(1) === 0xbb && this.peek(2) === 0xbf) this.at = 3;
	}

	/** The next byte that is no white space; the walk then stands on it. */
	byte(): number {
		const { window } = this;
		for (;;) {
			if (!window.holds(this.at)) window.slideTo(this.at);
			const index = window.scanner.skipSpace(window.indexOf(this.at), window.end);
			this.moveTo(window.offsetOf(index));
			if (index < window.end) return window.scanner.bytes[index] as number;
			if (!this.bringMore()) return END;
		}
	}

	/** Over one byte. */
	step(): void {
		this.moveTo(this.at + 1);
	}

	/** Over the value that the walk stands on, loosely where it is not valid. Answers whether the window holds it. */
	skip(): boolean {
		const { window } = this;
		const start = this.at;
		let end = this.endInWindow();
		if (end === null) {
			window.slideTo(start);
			while (window.more());
			end = this.endInWindow();
		}
		if (end === null) return this.skipBeyondWindow();
		this.moveTo(window.offsetOf(end));
		return true;
	}

	/** Into the member or element that `token` names; false where there is none. */
	enter(token: string): boolean {
		const opening = this.byte();
		if (opening !== OPEN_OBJECT && opening !== OPEN_ARRAY) return false;
		this.step();
		for (let index = 0; ; index++) {
			const byte = this.byte();
			if (byte === END || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) return false;
			const name = opening === OPEN_ARRAY ? String(index) : this.name();
			if (name === null) return false;
			if (name === token) {
				this.byte();
				return true;
			}
			this.byte();
			const before = this.at;
			this.skip();
			if (this.at === before) return false;
			if (this.byte() === COMMA) this.step();
		}
	}

	/** A member's name, the walk then stands behind its colon; null where there is none. */
	private name(): string | null {
		const { window } = this;
		const start = this.at;
		if (this.byte() !== QUOTE || !this.skip()) return null;
		const raw = window.scanner.bytes.subarray(window.indexOf(start), window.indexOf(this.at));
		const name = decodeName(raw);
		if (this.byte() !== COLON) return null;
		this.step();
		return name;
	}

	/** Index one past the value, or null where the window does not show its end. */
	private endInWindow(): number | null {
		const { scanner, end, ended } = this.window;
		const index = this.window.indexOf(this.at);
		const strict = scanner.skipValue(index, end);
		const found = strict === 0 ? skipValue(scanner.bytes, index, end) : strict;
		return found < end || ended || (strict !== 0 && isClosed(scanner.bytes[found - 1])) ? found : null;
	}

	private skipBeyondWindow(): false {
		const { window } = this;
		const skipper = new LooseSkipper();
		for (;;) {
			const found = skipper.push(window.scanner.bytes, window.indexOf(this.at), window.end);
			this.moveTo(window.offsetOf(found ?? window.end));
			if (found !== null || !this.bringMore()) return false;
		}
	}

	/** Lets go of what is behind the walk and reads on. False at the file's end. */
	private bringMore(): boolean {
		const { window } = this;
		if (window.full) window.slideTo(this.at);
		return window.more();
	}

	private moveTo(offset: number): void {
		const { window } = this;
		this.line += window.scanner.countNewlines(window.indexOf(this.at), window.indexOf(offset));
		this.at = offset;
	}

	private peek(ahead: number): number | undefined {
		return this.window.scanner.bytes[this.window.indexOf(this.at) + ahead];
	}
}

/** A number may go on behind the window; a text, list or object that was closed does not. */
function isClosed(last: number | undefined): boolean {
	return last === QUOTE || last === CLOSE_ARRAY || last === CLOSE_OBJECT;
}

function decodeName(raw: Uint8Array): string {
	const text = new TextDecoder().decode(raw);
	try {
		return JSON.parse(text) as string;
	} catch {
		return text.slice(1, -1);
	}
}
