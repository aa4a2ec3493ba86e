// Where the objects and arrays of a record, and the parts of its texts, stand in the file. One pass over the bytes for
// all of them: looking each pointer up from the start would be quadratic in trees.
import type { JsonObject, JsonValue } from "../model/json.ts";
import { isObject, member } from "../model/json.ts";
import type { Place } from "../model/trajectory.ts";
import type { JsonRecord } from "./record.ts";
import { decodeKey, elementSpans, memberSpan, pointerOf, type Span, skipSpace, skipString, skipValue } from "./scan.ts";

/** The line numbers of a record's bytes, by binary search. */
class Lines {
	private readonly newlines: number[] = [];

	constructor(bytes: Uint8Array) {
		for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, at + 1)) this.newlines.push(at);
	}

	/** Newlines before `offset`. */
	before(offset: number): number {
		let low = 0;
		let high = this.newlines.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if ((this.newlines[middle] as number) < offset) low = middle + 1;
			else high = middle;
		}
		return low;
	}
}

/** Places of the objects and arrays of one record, found by the decoded values themselves. */
export class RecordPlaces {
	private readonly record: JsonRecord;
	private readonly spans: Map<JsonValue, Span>;
	private readonly lines: Lines;

	/** @param exact false answers the record's own place for everything, without looking at the bytes */
	constructor(record: JsonRecord, exact: boolean) {
		this.record = record;
		this.spans = exact ? containerSpans(record.bytes, record.value) : new Map();
		this.lines = new Lines(exact ? record.bytes : new Uint8Array(0));
	}

	/** The place of `container`, an object or array inside the record; `pointer` is where it stands there. */
	of(container: JsonValue, pointer: string): Place {
		const span = this.spans.get(container);
		return span === undefined ? this.whole(pointer) : this.at(span, pointer);
	}

	/** As `of`, but only up to where `child`, a later part of `container`, begins: a tree node without its subtree. */
	before(container: JsonValue, child: JsonValue | undefined, pointer: string): Place {
		const span = this.spans.get(container);
		const inner = child === undefined ? undefined : this.spans.get(child);
		if (span === undefined) return this.whole(pointer);
		return this.at({ start: span.start, end: inner?.start ?? span.end }, pointer);
	}

	/** The place of member `key` of the object `container`, whatever its kind; null where it is not known. */
	member(container: JsonValue, key: string, pointer: string): Place | null {
		const span = this.spans.get(container);
		const inner = span === undefined ? null : memberSpan(this.record.bytes, span, key);
		return inner === null ? null : this.at(inner, pointer + pointerOf(key));
	}

	/** The places of the elements of the array `list`, in one pass over it; empty where it is not known. */
	elements(list: JsonValue, pointer: string): Place[] {
		const span = this.spans.get(list);
		if (span === undefined) return [];
		return elementSpans(this.record.bytes, span).map((inner, index) => this.at(inner, `${pointer}/${index}`));
	}

	private whole(pointer: string): Place {
		return { ...this.record.place, pointer: this.record.place.pointer + pointer };
	}

	private at(span: Span, pointer: string): Place {
		const { file, entry, start, line } = this.record.place;
		return {
			file,
			entry,
			start: start + span.start,
			end: start + span.end,
			line: line + this.lines.before(span.start),
			pointer: this.record.place.pointer + pointer,
		};
	}
}

interface Frame {
	value: JsonValue | undefined;
	start: number;
	/** Index of the element, or name of the member, that comes next. */
	index: number;
	key: string | null;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;

/** Walks bytes and decoded value side by side. A repeated key keeps its last place, as it keeps its last value. */
function containerSpans(bytes: Uint8Array, root: JsonValue): Map<JsonValue, Span> {
	const spans = new Map<JsonValue, Span>();
	const frames: Frame[] = [];
	let at = skipSpace(bytes, 0, bytes.length);
	while (at < bytes.length) {
		const byte = bytes[at] as number;
		const top = frames.at(-1);
		if (byte === 0x7b || byte === 0x5b) {
			frames.push({ value: childOf(top, root), start: at, index: 0, key: null });
			at++;
		} else if (byte === 0x7d || byte === 0x5d) {
			const closed = frames.pop();
			at++;
			if (typeof closed?.value === "object" && closed.value !== null)
				spans.set(closed.value, { start: closed.start, end: at });
			if (frames.length === 0) return spans;
		} else if (byte === COMMA) {
			if (top !== undefined) {
				top.index++;
				top.key = null;
			}
			at++;
		} else if (byte === QUOTE && top !== undefined && isObject(top.value) && top.key === null) {
			const end = skipString(bytes, at, bytes.length);
			top.key = decodeKey(bytes, at, end);
			at = end;
		} else if (byte === COLON) at++;
		else at = Math.max(at + 1, skipValue(bytes, at, bytes.length));
		at = skipSpace(bytes, at, bytes.length);
	}
	return spans;
}

function childOf(frame: Frame | undefined, root: JsonValue): JsonValue | undefined {
	if (frame === undefined) return root;
	if (Array.isArray(frame.value)) return frame.value[frame.index];
	return frame.key === null ? undefined : member(frame.value as JsonObject | undefined, frame.key);
}

/** Units between two remembered positions of a text. */
const MARK_DISTANCE = 4096;

/**
 * Places of parts of one decoded text. Positions count UTF-16 units of the text; they are looked up with a cursor that
 * moves forward, and that goes back to the nearest remembered position where an earlier part is asked for.
 */
export class TextPlaces {
	private readonly record: JsonRecord;
	private readonly pointer: string;
	private readonly span: Span | null;
	private readonly escaped: boolean;
	private readonly lines: Lines;
	private unit = 0;
	private byte = 0;
	/** The byte at every `MARK_DISTANCE`th unit, as far as the cursor has been, and the unit that it really is. */
	private readonly marks: { unit: number; byte: number }[] = [];

	/** @param span the text in the record's bytes: with its quotes where it is a JSON string; null answers the record's own place */
	constructor(record: JsonRecord, pointer: string, span: Span | null) {
		this.record = record;
		this.pointer = pointer;
		this.escaped = span !== null && record.bytes[span.start] === QUOTE && typeof record.value !== "string";
		this.span =
			span === null || !this.escaped ? span : { start: span.start + 1, end: Math.max(span.start + 1, span.end - 1) };
		this.lines = new Lines(span === null ? new Uint8Array(0) : record.bytes);
		this.byte = this.span?.start ?? 0;
	}

	/** The place of the text's units `from` to `to`. */
	at(from: number, to: number): Place {
		const place = { ...this.record.place, pointer: this.record.place.pointer + this.pointer };
		if (this.span === null) return place;
		const start = this.advance(from);
		const end = this.advance(to);
		return {
			...place,
			start: this.record.place.start + start,
			end: this.record.place.start + end,
			line: this.record.place.line + this.lines.before(start),
		};
	}

	private advance(unit: number): number {
		const span = this.span as Span;
		if (unit < this.unit) {
			const mark = this.marks[Math.floor(unit / MARK_DISTANCE)] ?? { unit: 0, byte: span.start };
			this.unit = mark.unit <= unit ? mark.unit : 0;
			this.byte = mark.unit <= unit ? mark.byte : span.start;
		}
		while (this.unit < unit && this.byte < span.end) {
			if (this.unit >= this.marks.length * MARK_DISTANCE) this.marks.push({ unit: this.unit, byte: this.byte });
			this.step();
		}
		return Math.min(this.byte, span.end);
	}

	private step(): void {
		const byte = this.record.bytes[this.byte] as number;
		if (this.escaped && byte === 0x5c) {
			this.byte += this.record.bytes[this.byte + 1] === 0x75 ? 6 : 2;
			this.unit++;
			return;
		}
		// beyond U+FFFF, which UTF-8 writes in four bytes, a text counts two units
		this.byte += byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
		this.unit += byte < 0xf0 ? 1 : 2;
	}
}
