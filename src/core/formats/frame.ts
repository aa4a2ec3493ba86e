// Cuts the bytes of one file into records, and says what could not be decoded.

import { type Frame, frameElements, frameLines } from "../index/frames.ts";
import { SlidingWindow } from "../index/window.ts";
import { parseJson } from "../json/parse.ts";
import { parseShared } from "../json/parseShared.ts";
import type { JsonRecord } from "../json/record.ts";
import type { Span } from "../json/scan.ts";
import { createScanner, type Scanner } from "../json/scanner.ts";
import type { JsonValue } from "../model/json.ts";
import type { Place } from "../model/trajectory.ts";
import type { Framing } from "./format.ts";

export interface Framed {
	records: JsonRecord[];
	header: JsonValue;
}

type Report = (place: Place, reason: string) => void;

/** The records of a file that is held whole. A last line that is cut off is reported, the rest is read. */
export function frameBytes(file: string, bytes: Uint8Array, framing: Framing, report: Report): Framed {
	const start = startOfText(bytes);
	if (framing.kind === "lines") {
		const frames = [...frameLines(windowOver(bytes), start, bytes.length)];
		return { records: decodeFrames(file, bytes, frames, null, report), header: null };
	}
	const whole: Span = { start, end: bytes.length };
	if (framing.kind === "elements") return frameArray(file, bytes, framing.pointer, report);
	const place = placeAt(file, whole, 1, "");
	const content = bytes.subarray(start);
	if (framing.kind === "text") {
		const value = new TextDecoder().decode(content);
		return { records: [{ value, place, bytes: content, ordinal: 0 }], header: null };
	}
	const record = decodeRecord(content, place, 0, report);
	return { records: record === null ? [] : [record], header: null };
}

/** The places of all lines of a text in memory, empty ones too, without line ends and without a byte-order mark. */
export function* lineSpans(bytes: Uint8Array): Generator<Span> {
	let start = startOfText(bytes);
	while (start < bytes.length) {
		const newline = bytes.indexOf(0x0a, start);
		const next = newline === -1 ? bytes.length : newline;
		const end = next > start && bytes[next - 1] === 0x0d ? next - 1 : next;
		yield { start, end };
		start = next + 1;
	}
}

/** Where the text begins behind a byte-order mark. */
export function startOfText(bytes: Uint8Array): number {
	return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

let framing: Scanner | undefined;
const FRAMING_BYTES = 1024 * 1024;

/** A window over bytes that are in memory; it is used up before another is asked for, so that all share one scanner. */
function windowOver(bytes: Uint8Array): SlidingWindow {
	framing ??= createScanner(FRAMING_BYTES);
	return new SlidingWindow(framing, (target, position) => {
		const piece = bytes.subarray(position, position + target.length);
		target.set(piece);
		return piece.length;
	});
}

export function placeAt(file: string, span: Span, line: number, pointer: string): Place {
	return { file, entry: null, start: span.start, end: span.end, line, pointer };
}

/** @param pointer of the array whose elements the frames are; null for lines */
function decodeFrames(
	file: string,
	bytes: Uint8Array,
	frames: Frame[],
	pointer: string | null,
	report: Report,
): JsonRecord[] {
	return frames.flatMap((frame) => {
		const place = placeAt(file, frame, frame.line, pointer === null ? "" : `${pointer}/${frame.ordinal}`);
		return decodeRecord(bytes.subarray(frame.start, frame.end), place, frame.ordinal, report) ?? [];
	});
}

function frameArray(file: string, bytes: Uint8Array, pointer: string, report: Report): Framed {
	const frames: Frame[] = [];
	const walk = frameElements(windowOver(bytes), pointer);
	let next = walk.next();
	for (; next.done !== true; next = walk.next()) frames.push(next.value);
	const { array, reason, line } = next.value;
	const records = decodeFrames(file, bytes, frames, pointer, report);
	if (reason !== null) {
		const at = array?.end ?? 0;
		report(placeAt(file, { start: at, end: at }, line, ""), reason);
	}
	const header =
		array === null || pointer === "" ? null : headerOf(bytes.subarray(0, array.start), bytes.subarray(array.end));
	return { records, header };
}

/** The document with its array of records emptied, from what stands before and behind the array; null where that is damaged. */
export function headerOf(before: Uint8Array, behind: Uint8Array): JsonValue {
	const decoder = new TextDecoder();
	const parsed = parseJson(`${decoder.decode(before)}[]${decoder.decode(behind)}`);
	return parsed.ok ? parsed.value : null;
}

/** Larger records are mostly so because they repeat themselves. */
const LARGE = 8 * 1024 * 1024;
/** Bytes that are decoded at a time only to see whether they can be. */
const PIECE = 1024 * 1024;

/** Decodes one record, whose bytes are given; null, with a report, where it is not JSON. */
export function decodeRecord(bytes: Uint8Array, place: Place, ordinal: number, report: Report): JsonRecord | null {
	const shared = bytes.length > LARGE && isUtf8(bytes) ? parseShared(bytes) : undefined;
	if (shared !== undefined) return { value: shared, place, bytes, ordinal };
	const text = new TextDecoder("utf-8").decode(bytes);
	if (text.includes("\ufffd") && !isUtf8(bytes)) report(place, "invalid UTF-8, shown with replacement characters");
	const parsed = parseJson(text);
	if (!parsed.ok) {
		report({ ...place, line: place.line + countNewlines(text, parsed.at) }, `not JSON: ${parsed.reason}`);
		return null;
	}
	return { value: parsed.value, place, bytes, ordinal };
}

function isUtf8(bytes: Uint8Array): boolean {
	const decoder = new TextDecoder("utf-8", { fatal: true });
	try {
		for (let at = 0; at < bytes.length; at += PIECE) decoder.decode(bytes.subarray(at, at + PIECE), { stream: true });
		decoder.decode();
		return true;
	} catch {
		return false;
	}
}

function countNewlines(text: string, end: number): number {
	let count = 0;
	for (let at = text.indexOf("\n"); at !== -1 && at < end; at = text.indexOf("\n", at + 1)) count++;
	return count;
}
