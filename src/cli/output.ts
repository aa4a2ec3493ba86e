// What all commands share: reading paths, newline-delimited JSON, problems on standard error and the exit code.
import { describeProblem, type Problem } from "../core/model/problem.ts";

/** 0 all read, 2 wrong use, 3 nothing readable, 4 read with errors. */
export type ExitCode = 0 | 2 | 3 | 4;

export function exitCodeOf(rollouts: number, problems: Problem[]): ExitCode {
	if (rollouts === 0) return 3;
	return problems.length === 0 ? 0 : 4;
}

export function printProblems(problems: Problem[]): void {
	for (const problem of problems) process.stderr.write(`${describeProblem(problem)}\n`);
}

export function printJson(value: unknown): void {
	process.stdout.write(`${JSON.stringify(value)}\n`);
}
