// Makes the sample that sniffers look at from the head of a file: text or binary, lines or one document.
import { parseHead, parseJson } from "../json/parse.ts";
import type { JsonValue } from "../model/json.ts";
import type { Sample } from "./format.ts";

/** Bytes that are enough to recognise every format. */
export const HEAD_BYTES = 256 * 1024;
const MAXIMUM_RECORDS = 20;

/**
 * @param name the file's name, with or without folder
 * @param head the first bytes of the file, uncompressed
 * @param complete whether `head` is the whole file
 */
export function sampleOfHead(name: string, head: Uint8Array, complete: boolean): Sample {
	const text = decodeHead(head);
	const sample: Sample = { name: baseName(name), layout: "text", values: [], text, entries: [], truncated: !complete };
	const lines = lineValues(text, complete);
	if (lines !== null) return { ...sample, layout: "lines", values: lines };
	if (text.includes("\u0000")) return { ...sample, text: "" };
	if (!/^\s*[[{]/.test(text)) return sample;
	const document = parseHead(text);
	return document.ok
		? { ...sample, layout: "document", values: [document.value] }
		: { ...sample, ...brokenLines(text) };
}

/** A file name without folder and compression, in lower case. */
export function baseName(path: string): string {
	const name = path.split(/[/\\]/).at(-1) ?? path;
	return name.toLowerCase().replace(/\.(gz|zst)$/, "");
}

function decodeHead(head: Uint8Array): string {
	return new TextDecoder("utf-8").decode(head);
}

/**
 * The first records where the text is JSON Lines, else null. A single complete line holding one value is lines as well
 * as a document: it counts as a document, unless it ends in a newline and is an object cut to one line.
 */
function lineValues(text: string, complete: boolean): JsonValue[] | null {
	const lines = text.split("\n");
	if (!complete || text.endsWith("\n")) lines.pop();
	const values: JsonValue[] = [];
	let broken = 0;
	let seen = 0;
	for (const line of lines) {
		if (line.trim() === "") continue;
		seen++;
		const parsed = parseJson(line);
		if (parsed.ok && typeof parsed.value === "object") values.push(parsed.value);
		else broken++;
		if (values.length >= MAXIMUM_RECORDS || broken > values.length + 2) break;
	}
	if (values.length === 0) return null;
	if (seen === 1 && broken === 0)
		return complete && lines.length === 1 && text.trimStart().startsWith("[") ? null : values;
	return broken > values.length ? null : values;
}

/** A file whose first line is cut or broken may still be JSON Lines further down. */
function brokenLines(text: string): Partial<Sample> {
	const values = text
		.split("\n")
		.slice(1, MAXIMUM_RECORDS)
		.flatMap((line) => {
			const parsed = line.trim() === "" ? null : parseJson(line);
			return parsed?.ok === true && typeof parsed.value === "object" ? [parsed.value] : [];
		});
	return values.length === 0 ? {} : { layout: "lines", values };
}
