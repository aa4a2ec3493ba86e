// Fields that an observation states: members of JSON, at any depth, as pairs of folded name and folded value.
import type { JsonValue } from "../model/json.ts";
import { foldWords } from "./words.ts";

/** Larger results are lists to search in, not states to be quoted. */
const LONGEST = 20_000;
const MOST_FIELDS = 400;
const SHORT_VALUE = 40;

/** Pairs in order; the same name may occur more than once. Empty where the text is not JSON. */
export function decodeObservation(text: string): [name: string, value: string][] {
	const trimmed = text.trimStart();
	if (text.length > LONGEST || (trimmed[0] !== "{" && trimmed[0] !== "[")) return [];
	let value: JsonValue;
	try {
		value = JSON.parse(text) as JsonValue;
	} catch {
		return [];
	}
	const fields: [string, string][] = [];
	const waiting: [string, JsonValue][] = [["", value]];
	while (waiting.length > 0 && fields.length < MOST_FIELDS) {
		const [name, next] = waiting.pop() as [string, JsonValue];
		if (Array.isArray(next)) for (const entry of next) waiting.push([name, entry]);
		else if (next !== null && typeof next === "object") {
			for (const [key, entry] of Object.entries(next)) waiting.push([key, entry]);
		} else if (name !== "" && next !== null && String(next).length <= SHORT_VALUE) {
			fields.push([foldWords(name), foldWords(String(next))]);
		}
	}
	return fields;
}
