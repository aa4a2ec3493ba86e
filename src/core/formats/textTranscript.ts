// What the readers of plain-text session logs share: lines of the text with their places.
import type { JsonRecord } from "../json/record.ts";
import type { Place } from "../model/trajectory.ts";
import { lineSpans } from "./frame.ts";

export interface TextLine {
	text: string;
	place: Place;
}

/** The lines of a record that is one text, without their line ends. */
export function textLines(record: JsonRecord): TextLine[] {
	const decoder = new TextDecoder();
	const { place, bytes } = record;
	let line = place.line - 1;
	return [...lineSpans(bytes)].map(({ start, end }) => {
		line++;
		return {
			text: decoder.decode(bytes.subarray(start, end)),
			place: { ...place, start: place.start + start, end: place.start + end, line },
		};
	});
}
