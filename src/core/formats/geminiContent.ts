// Gemini's content (`{role, parts}`) to turns: shared by API requests, ADK events and sessions of its command line.
import { isObject, type JsonObject, type JsonValue, member } from "../model/json.ts";
import type { Place, Step, StepRole } from "../model/trajectory.ts";
import { roleOf } from "./chatMessages.ts";
import { readParts } from "./parts.ts";
import type { Turn } from "./turns.ts";

/** One content as a turn. Results are the environment's, whatever role they are given. */
export function contentTurn(
	content: JsonObject,
	place: Place,
	index: number | string | null,
	fields: Partial<Step> = {},
	stated: StepRole = roleOf(content),
): Turn {
	const parts = readParts(withoutNulls(member(content, "parts")), "/parts", place);
	const onlyResults = parts.observations.length > 0 && parts.calls.length === 0 && parts.text === "";
	return { role: onlyResults ? "environment" : stated, place, index, parts, fields };
}

/** Python writes every kind that a part could be, as null where it is not; nothing of that is kept. */
function withoutNulls(parts: JsonValue | undefined): JsonValue | undefined {
	if (!Array.isArray(parts)) return parts;
	return parts.flatMap((part): JsonValue[] => {
		if (!isObject(part)) return [part];
		const stated = Object.entries(part).filter(([, value]) => value !== null);
		return stated.length === 0 ? [] : [Object.fromEntries(stated)];
	});
}

/** True for `{parts: [...]}`, with or without a role. */
export function isContent(value: JsonValue | undefined): value is JsonObject {
	return Array.isArray(member(value, "parts"));
}
