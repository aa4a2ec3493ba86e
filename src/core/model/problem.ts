// An expected failure: what was wrong and where. Never thrown, always shown beside what could be read.

export interface Problem {
	file: string;
	/** 1-based; 1 where the whole file is meant. */
	line: number;
	reason: string;
}

/** `file:line: reason`, the form in which every front end shows a problem. */
export function describeProblem(problem: Problem): string {
	return `${problem.file}:${problem.line}: ${problem.reason}`;
}

export type Result<Value, Failure = Problem> = { ok: true; value: Value } | { ok: false; error: Failure };

export function succeed<Value>(value: Value): { ok: true; value: Value } {
	return { ok: true, value };
}

export function fail<Failure>(error: Failure): { ok: false; error: Failure } {
	return { ok: false, error };
}
