// One decoded JSON value of a file together with the bytes it came from, so that any part of it can be located.
import type { JsonValue } from "../model/json.ts";
import type { Place } from "../model/trajectory.ts";
import { elementSpans, pointerSpan, pointerTokens, type Span } from "./scan.ts";

export interface JsonRecord {
	value: JsonValue;
	/** Where the whole record stands in its file. */
	place: Place;
	/** The record's bytes; `bytes[0]` is at `place.start`. */
	bytes: Uint8Array;
	/** 0-based number of the record within its file. */
	ordinal: number;
}

/** The place of the value at `pointer` inside the record; the record's own place where the pointer leads nowhere. */
export function locate(record: JsonRecord, pointer: string): Place {
	const span = pointerSpan(record.bytes, { start: 0, end: record.bytes.length }, pointer);
	return span === null ? record.place : placeOf(record, span, pointer);
}

/** The places of all elements of the array at `pointer`, in one pass; empty where there is no array. */
export function locateElements(record: JsonRecord, pointer: string): Place[] {
	const array = pointerSpan(record.bytes, { start: 0, end: record.bytes.length }, pointer);
	if (array === null) return [];
	const lines = new LineCounter(record.bytes);
	return elementSpans(record.bytes, array).map((span, index) => ({
		...placeOf(record, span, `${pointer}/${index}`, lines),
	}));
}

/** The source text of a number at `pointer`: ids beyond 2^53 would lose digits as JavaScript numbers. */
export function numberText(record: JsonRecord, pointer: string): string | null {
	const span = pointerSpan(record.bytes, { start: 0, end: record.bytes.length }, pointer);
	return span === null ? null : new TextDecoder().decode(record.bytes.subarray(span.start, span.end));
}

/** An id as text, exact even where it is a number that JavaScript cannot hold. `key` is a member of the record. */
export function exactId(record: JsonRecord, value: JsonValue | undefined, pointer: string): string | null {
	if (typeof value === "string") return value;
	if (typeof value !== "number") return null;
	return Number.isInteger(value) && !Number.isSafeInteger(value) ? numberText(record, pointer) : String(value);
}

function placeOf(record: JsonRecord, span: Span, pointer: string, lines = new LineCounter(record.bytes)): Place {
	return {
		file: record.place.file,
		entry: record.place.entry,
		start: record.place.start + span.start,
		end: record.place.start + span.end,
		line: record.place.line + lines.newlinesBefore(span.start),
		pointer: record.place.pointer + (pointerTokens(pointer).length === 0 ? "" : pointer),
	};
}

/** Counts newlines forward only, so that a pass over an array stays linear. */
class LineCounter {
	private next = -2;
	private count = 0;
	private readonly bytes: Uint8Array;

	constructor(bytes: Uint8Array) {
		this.bytes = bytes;
	}

	newlinesBefore(offset: number): number {
		if (this.next === -2) this.next = this.bytes.indexOf(0x0a);
		while (this.next !== -1 && this.next < offset) {
			this.count++;
			this.next = this.bytes.indexOf(0x0a, this.next + 1);
		}
		return this.count;
	}
}
