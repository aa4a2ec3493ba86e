// Cuts the bytes of one file into records, and says what could not be decoded.
import { parseJson } from "../json/parse.ts";
import type { JsonRecord } from "../json/record.ts";
import { elementSpans, pointerSpan, type Span } from "../json/scan.ts";
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
	if (framing.kind === "lines") return { records: frameLines(file, bytes, report), header: null };
	const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
	const whole: Span = { start, end: bytes.length };
	if (framing.kind === "elements") return frameElements(file, bytes, whole, framing.pointer, report);
	if (framing.kind === "text") {
		const value = new TextDecoder().decode(bytes.subarray(start));
		return {
			records: [{ value, place: placeAt(file, whole, 1, ""), bytes: bytes.subarray(start), ordinal: 0 }],
			header: null,
		};
	}
	const record = decodeRecord(file, bytes, whole, 1, "", 0, report);
	return { records: record === null ? [] : [record], header: null };
}

function placeAt(file: string, span: Span, line: number, pointer: string): Place {
	return { file, entry: null, start: span.start, end: span.end, line, pointer };
}

function frameLines(file: string, bytes: Uint8Array, report: Report): JsonRecord[] {
	const records: JsonRecord[] = [];
	let line = 0;
	for (const span of lineSpans(bytes)) {
		line++;
		if (isBlank(bytes, span)) continue;
		const record = decodeRecord(file, bytes, span, line, "", records.length, report);
		if (record !== null) records.push(record);
	}
	return records;
}

/** The places of all lines, without their line ends and without a byte-order mark. */
export function* lineSpans(bytes: Uint8Array): Generator<Span> {
	let start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
	while (start < bytes.length) {
		const newline = bytes.indexOf(0x0a, start);
		const next = newline === -1 ? bytes.length : newline;
		const end = next > start && bytes[next - 1] === 0x0d ? next - 1 : next;
		yield { start, end };
		start = next + 1;
	}
}

function isBlank(bytes: Uint8Array, span: Span): boolean {
	for (let at = span.start; at < span.end; at++) if ((bytes[at] as number) > 0x20) return false;
	return true;
}

function frameElements(file: string, bytes: Uint8Array, whole: Span, pointer: string, report: Report): Framed {
	const array = pointerSpan(bytes, whole, pointer);
	if (array === null) {
		report(placeAt(file, whole, 1, ""), `no array at ${pointer === "" ? "the top" : pointer}`);
		return { records: [], header: null };
	}
	let line = 1;
	let counted = 0;
	const records: JsonRecord[] = [];
	elementSpans(bytes, array).forEach((span, index) => {
		for (let at = bytes.indexOf(0x0a, counted); at !== -1 && at < span.start; at = bytes.indexOf(0x0a, at + 1)) {
			line++;
			counted = at + 1;
		}
		const record = decodeRecord(file, bytes, span, line, `${pointer}/${index}`, records.length, report);
		if (record !== null) records.push(record);
	});
	return { records, header: headerOf(bytes, whole, array) };
}

/** The document with its array of records emptied. */
function headerOf(bytes: Uint8Array, whole: Span, array: Span): JsonValue {
	if (array.start === whole.start) return null;
	const decoder = new TextDecoder();
	const text = `${decoder.decode(bytes.subarray(whole.start, array.start))}[]${decoder.decode(bytes.subarray(array.end, whole.end))}`;
	const parsed = parseJson(text);
	return parsed.ok ? parsed.value : null;
}

/** Decodes one record; null, with a report, where it is not JSON. */
export function decodeRecord(
	file: string,
	bytes: Uint8Array,
	span: Span,
	line: number,
	pointer: string,
	ordinal: number,
	report: Report,
): JsonRecord | null {
	const slice = bytes.subarray(span.start, span.end);
	const place = placeAt(file, span, line, pointer);
	const text = new TextDecoder("utf-8").decode(slice);
	if (text.includes("\ufffd") && !isUtf8(slice)) report(place, "invalid UTF-8, shown with replacement characters");
	const parsed = parseJson(text);
	if (!parsed.ok) {
		report({ ...place, line: line + countNewlines(text, parsed.at) }, `not JSON: ${parsed.reason}`);
		return null;
	}
	return { value: parsed.value, place, bytes: slice, ordinal };
}

function isUtf8(bytes: Uint8Array): boolean {
	try {
		new TextDecoder("utf-8", { fatal: true }).decode(bytes);
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
