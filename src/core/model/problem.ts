// An expected failure: what was wrong and where. Never thrown, always shown beside what could be read.

import { plural } from "../text/format.ts";

export interface Problem {
	file: string;
	/** 1-based; 1 where the whole file is meant. */
	line: number;
	reason: string;
	/** Present where nothing is wrong, but a person should know how the file was read: what was guessed or left alone. */
	severity?: "notice";
}

/** `file:line: reason`, the form in which every front end shows a problem; notices say that they are one. */
export function describeProblem(problem: Problem): string {
	return `${problem.file}:${problem.line}: ${problem.severity === "notice" ? "note: " : ""}${problem.reason}`;
}

/** How many things went wrong, and how many there are only to know: `2 problems, 1 note`. */
export function countProblems(problems: readonly Problem[]): string {
	const notes = problems.filter((problem) => problem.severity === "notice").length;
	const wrong = problems.length - notes;
	const parts = [wrong === 0 && notes > 0 ? "" : plural(wrong, "problem"), notes === 0 ? "" : plural(notes, "note")];
	return parts.filter((part) => part !== "").join(", ");
}

export type Result<Value, Failure = Problem> = { ok: true; value: Value } | { ok: false; error: Failure };

export function succeed<Value>(value: Value): { ok: true; value: Value } {
	return { ok: true, value };
}

export function fail<Failure>(error: Failure): { ok: false; error: Failure } {
	return { ok: false, error };
}
