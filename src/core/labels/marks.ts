// What stands at a step's heading for its labels: short signs that do without colour.
import { plain } from "../text/format.ts";
import { oneLine } from "../text/line.ts";
import type { LabelChange } from "./event.ts";
import type { PlacedLabel } from "./rolloutLabels.ts";

/** Longest piece of a person's own text in a mark. */
const LONGEST = 30;

/**
 * Signs of the labels at each step, one person's after the other's; names stand only where it is not `self`. Suggestions
 * that nobody confirmed yet are marked as such.
 */
export function marksByStep(
	labels: readonly PlacedLabel[],
	suggestions: readonly PlacedLabel[],
	self: string,
): Map<number, string> {
	const signs = new Map<number, string[]>();
	const add = ({ event, step }: PlacedLabel, end: string): void => {
		const sign = signOf(event.change);
		if (step === null || sign === "") return;
		const whose = event.annotator === self ? "" : `${oneLine(event.annotator, LONGEST)}: `;
		signs.set(step, [...(signs.get(step) ?? []), whose + sign + end]);
	};
	for (const label of labels) add(label, "");
	for (const label of suggestions) add(label, " (suggested)");
	return new Map([...signs].map(([step, list]) => [step, list.join("  ")]));
}

function signOf(change: LabelChange): string {
	switch (change.kind) {
		case "rating":
			return change.rating === 1 ? "● +1" : change.rating === -1 ? "● −1" : "● 0";
		case "firstError":
			return change.verdict === "none" ? "" : `⚑ ${FIRST_ERROR_WORDS[change.target]}`;
		case "errorType":
			return `⚠ ${oneLine(change.category ?? "", LONGEST)}`;
		case "milestone":
			return `◆ ${oneLine(change.name, LONGEST)}${change.progress === null ? "" : ` ${plain(change.progress * 100, 0)} %`}`;
		case "askUser":
			return "? should ask";
		case "note":
			return "✎ note";
		case "correction":
			return "✐ corrected";
		case "feedback":
			return "↩ feedback";
		default:
			return "";
	}
}

/** What the targets of a first error are called where people read them. */
export const FIRST_ERROR_WORDS = {
	firstWrong: "first wrong step",
	decisive: "decisive error",
	irrecoverable: "first irrecoverable step",
} as const;
