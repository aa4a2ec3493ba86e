// A replayed observation against the recorded one: equal, equal after named normalisations, different, or an error.
import { parseJson } from "../json/parse.ts";
import { canonicalJson } from "../model/action.ts";
import type { JsonValue } from "../model/json.ts";
import { applyRule, type CompiledRule, withoutOrder } from "./normalise.ts";

export const VERDICTS = ["equal", "equivalent", "different", "error", "not recorded"] as const;
/** `equivalent`: equal once the named normalisations are applied. `error`: the call fails now and did not then. */
export type Verdict = (typeof VERDICTS)[number];

export interface Comparison {
	verdict: Verdict;
	/** Names of the normalisations without which the two differ; empty for all verdicts but `equivalent`. */
	after: string[];
}

export interface ObservedResult {
	text: string;
	isError: boolean;
}

/** Texts longer than this are compared letter for letter only. */
const LONGEST_NORMALISED = 1_000_000;

export function compareObservation(
	recorded: ObservedResult | null,
	replayed: ObservedResult,
	rules: readonly CompiledRule[],
): Comparison {
	if (recorded === null) return { verdict: "not recorded", after: [] };
	// logs seldom keep whether a result was an error, so equal texts are equal whatever the mark says
	if (recorded.text === replayed.text) return { verdict: "equal", after: [] };
	const after = normalisationsNeeded(recorded.text, replayed.text, rules);
	if (after !== null) return { verdict: "equivalent", after };
	return { verdict: replayed.isError && !recorded.isError ? "error" : "different", after: [] };
}

/** The first set of normalisations, from the mildest on, under which both are equal; null where none is. */
function normalisationsNeeded(one: string, other: string, rules: readonly CompiledRule[]): string[] | null {
	if (Math.max(one.length, other.length) > LONGEST_NORMALISED) return null;
	const values = [parsed(one), parsed(other)] as const;
	const structured = values[0] !== null && values[1] !== null;
	let pair: [string, string] = structured
		? [canonicalJson(values[0] as JsonValue), canonicalJson(values[1] as JsonValue)]
		: [one, other];
	if (pair[0] === pair[1]) return ["order"];
	const used: string[] = [];
	for (const rule of rules) {
		const next: [string, string] = [applyRule(pair[0], rule), applyRule(pair[1], rule)];
		if ((next[0] !== pair[0] || next[1] !== pair[1]) && !used.includes(rule.name)) used.push(rule.name);
		pair = next;
		if (pair[0] === pair[1]) return used;
	}
	return unordered(pair, structured) ? [...used, "order"] : null;
}

/**
 * Numbering by first appearance depends on the order, so ids lose their numbers here; how often each occurs must agree.
 */
function unordered([one, other]: [string, string], structured: boolean): boolean {
	if (idCounts(one) !== idCounts(other)) return false;
	const sorted = (text: string): string => {
		const plain = text.replace(NUMBERED, "<id>");
		// a replaced number leaves no JSON behind: then its lines are what can be sorted
		return withoutOrder((structured ? parsed(plain) : null) ?? plain);
	};
	return sorted(one) === sorted(other);
}

const NUMBERED = /<id \d+>/g;

function idCounts(text: string): string {
	const counts = new Map<string, number>();
	for (const [id] of text.matchAll(NUMBERED)) counts.set(id, (counts.get(id) ?? 0) + 1);
	return [...counts.values()].sort((a, b) => a - b).join();
}

/** The value of a text that is a JSON object or list. */
function parsed(text: string): JsonValue | null {
	if (!/^\s*[[{]/.test(text)) return null;
	const result = parseJson(text);
	return result.ok && typeof result.value === "object" ? result.value : null;
}
