// Whether a final answer is the reference: four ways of saying so, each strict in its own terms.
import { RE2JS } from "re2js";

export const ANSWER_CHECKS = ["exact", "normalised", "numeric", "pattern"] as const;
export type AnswerCheck = (typeof ANSWER_CHECKS)[number];

/** Relative difference up to which two numbers count as the same. */
const CLOSE = 1e-6;

/**
 * @param reference the correct answer; for `pattern` a linear-time pattern that must be found in the answer
 * @returns null where the check cannot be made: no number in the reference, or no pattern
 */
export function answerIsRight(check: AnswerCheck, answer: string, reference: string): boolean | null {
	switch (check) {
		case "exact":
			return answer.trim() === reference.trim();
		case "normalised":
			return normalised(answer) === normalised(reference);
		case "numeric":
			return sameNumber(lastNumber(answer), lastNumber(reference));
		case "pattern":
			try {
				return RE2JS.compile(reference).matcher(answer).find();
			} catch {
				return null;
			}
	}
}

/** Lower case, without articles, punctuation and repeated spaces (after SQuAD's evaluation, Rajpurkar et al. 2016). */
function normalised(text: string): string {
	return text
		.toLowerCase()
		.replace(/[\p{P}\p{S}]/gu, " ")
		.replace(/\b(?:a|an|the)\b/g, " ")
		.replace(/\s+/g, " ")
		.trim();
}

/** The last number of a text: answers end with the result. */
function lastNumber(text: string): number | null {
	const found = [...text.matchAll(/[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?/gi)].at(-1)?.[0];
	return found === undefined ? null : Number(found.replace(/,/g, ""));
}

function sameNumber(one: number | null, reference: number | null): boolean | null {
	if (reference === null) return null;
	if (one === null) return false;
	return Math.abs(one - reference) <= CLOSE * Math.max(1, Math.abs(reference));
}
