// Reads what a judge answered: JSON somewhere in its text, with letters that were asked about and scores in their range.
// Everything else is nonsense, and said to be.
import { parseJson } from "../json/parse.ts";
import { asArray, asNumber, asObject, asString, type JsonObject, member } from "../model/json.ts";
import { fail, type Result, succeed } from "../model/problem.ts";

const HIGHEST = 10;

export interface Finding {
	letter: string;
	/** 0 to 1: how surely the step is wrong. */
	score: number;
	why: string;
	quote: string;
}

export function readFindings(text: string, letters: readonly string[]): Result<Finding[], string> {
	const answer = objectIn(text);
	const list = answer === null ? null : asArray(member(answer, "findings"));
	if (list === null) return fail("the answer holds no list of findings");
	const findings = list.flatMap((entry): Finding[] => {
		const letter = letterIn(member(entry, "step"), letters);
		const score = scoreIn(asNumber(member(entry, "score")));
		if (letter === null || score === null) return [];
		return [
			{ letter, score, why: asString(member(entry, "why")) ?? "", quote: asString(member(entry, "quote")) ?? "" },
		];
	});
	return list.length > 0 && findings.length === 0
		? fail("no finding names a step that was asked about")
		: succeed(findings);
}

/** Scores by letter, 0 to 1; letters that the answer leaves out are missing. */
export function readScores(text: string, letters: readonly string[]): Result<Map<string, number>, string> {
	const answer = objectIn(text);
	const given = answer === null ? null : asObject(member(answer, "scores"));
	if (given === null) return fail("the answer holds no scores");
	const scores = new Map<string, number>();
	for (const letter of letters) {
		const score = scoreIn(asNumber(member(given, letter)));
		if (score !== null) scores.set(letter, score);
	}
	return scores.size === 0 ? fail("no score is of something that was asked about") : succeed(scores);
}

/** The outermost object of the text: judges like to talk before and after it. */
function objectIn(text: string): JsonObject | null {
	const from = text.indexOf("{");
	const to = text.lastIndexOf("}");
	if (from === -1 || to < from) return null;
	const parsed = parseJson(text.slice(from, to + 1));
	return parsed.ok ? asObject(parsed.value) : null;
}

function letterIn(value: unknown, letters: readonly string[]): string | null {
	const text = typeof value === "string" ? value.trim().replace(/^step\s+/i, "") : "";
	return letters.find((letter) => letter === text) ?? null;
}

function scoreIn(value: number | null): number | null {
	if (value === null || !Number.isFinite(value) || value < 0 || value > HIGHEST) return null;
	return value / HIGHEST;
}
