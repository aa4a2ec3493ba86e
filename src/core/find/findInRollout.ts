// Where a text occurs in the steps of a rollout: in what was said, thought, called and answered.
import { canonicalJson } from "../model/action.ts";
import type { Rollout, Step } from "../model/trajectory.ts";
import { oneLine } from "../text/line.ts";

export type FoundIn = "text" | "reasoning" | "call" | "observation";

export interface Found {
	/** 0-based. */
	step: number;
	where: FoundIn;
	/** The occurrence with what stands around it, on one line; `before` and `after` may be cut. */
	before: string;
	match: string;
	after: string;
}

const CONTEXT = 60;
/** A text that stands everywhere need not be listed everywhere. */
const MOST_PER_STEP = 5;

/** @param caseSensitive false compares without regard to case */
export function findInRollout(rollout: Rollout, text: string, caseSensitive: boolean): Found[] {
	if (text === "") return [];
	const needle = caseSensitive ? text : text.toLowerCase();
	return rollout.steps.flatMap((step) => findInStep(step, needle, caseSensitive).slice(0, MOST_PER_STEP));
}

function findInStep(step: Step, needle: string, caseSensitive: boolean): Found[] {
	const places: [FoundIn, string][] = [
		["text", step.text],
		["reasoning", step.reasoning],
		...step.calls.map((call): [FoundIn, string] => ["call", `${call.name} ${readable(call.arguments)}`]),
		...step.observations.map((observation): [FoundIn, string] => ["observation", observation.text]),
	];
	return places.flatMap(([where, content]) =>
		findIn(content, needle, caseSensitive).map((around) => ({ step: step.step, where, ...around })),
	);
}

/** Arguments as they are read, not as they are escaped. */
function readable(value: Parameters<typeof canonicalJson>[0]): string {
	if (typeof value === "string") return value;
	if (value === null || typeof value !== "object" || Array.isArray(value)) return canonicalJson(value);
	return Object.entries(value)
		.map(([key, entry]) => `${key}: ${typeof entry === "string" ? entry : canonicalJson(entry)}`)
		.join(", ");
}

function findIn(content: string, needle: string, caseSensitive: boolean): Pick<Found, "before" | "match" | "after">[] {
	const haystack = caseSensitive ? content : content.toLowerCase();
	const found: Pick<Found, "before" | "match" | "after">[] = [];
	for (
		let at = haystack.indexOf(needle);
		at !== -1 && found.length < MOST_PER_STEP;
		at = haystack.indexOf(needle, at + needle.length)
	) {
		const end = at + needle.length;
		found.push({
			before: oneLine(content.slice(Math.max(0, at - CONTEXT), at).trimStart(), CONTEXT),
			match: oneLine(content.slice(at, end), 200),
			after: oneLine(content.slice(end, end + CONTEXT), CONTEXT),
		});
	}
	return found;
}
