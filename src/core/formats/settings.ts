// Settings, summaries and statistics as one JSON object: flat, or numbers all the way down. Nothing in it was said.
import { isObject, type JsonValue } from "../model/json.ts";
import { nothingToRead } from "./nothingToRead.ts";

/** Values that are looked at; a larger object is judged by its beginning. */
const LIMIT = 5000;
/** Members that hold what somebody said or did; a number there only counts it. */
const SPEECH =
	/^(content|text|messages?|prompt|input|output|response|completion|steps|history|events|role|parts|trajectory|conversations?|observations?|actions?)$/i;

export const settings = nothingToRead("settings", "Settings or statistics", (sample) => {
	const [value] = sample.values;
	if (sample.values.length !== 1 || !isObject(value) || sample.truncated) return 0;
	return isStill(value) ? 0.1 : 0;
});

/** No member speaks, no list holds objects; or there are numbers, names and nothing longer. */
function isStill(root: JsonValue): boolean {
	const waiting: JsonValue[] = [root];
	let seen = 0;
	let lists = 0;
	let numbers = 0;
	let longTexts = 0;
	for (let value = waiting.pop(); value !== undefined && seen < LIMIT; value = waiting.pop()) {
		seen++;
		if (typeof value === "number" || typeof value === "boolean") numbers++;
		if (typeof value === "string" && value.length > 200) longTexts++;
		if (Array.isArray(value)) {
			if (value.some(isObject)) lists++;
			waiting.push(...value.slice(0, 200));
		} else if (isObject(value)) {
			if (Object.entries(value).some(([key, entry]) => SPEECH.test(key) && typeof entry !== "number")) return false;
			waiting.push(...Object.values(value));
		}
	}
	return lists === 0 ? longTexts === 0 : numbers * 4 >= seen && longTexts <= 2;
}
