// Which rollouts may count: those that failed for outside reasons are excluded by rule, truncated and cancelled ones are
// censored (nobody knows how they would have ended), never counted as failures.
import { batchOf } from "../advantages/batchOf.ts";
import { readingAt } from "../advantages/estimator.ts";
import { withoutRollouts } from "../advantages/exclude.ts";
import { grpo } from "../advantages/grpo.ts";
import type { Attempt, Metric, MetricValue, RunView, TaskView } from "./metric.ts";
import { metricValue, rolloutOf, taskOf, wholeRun } from "./metric.ts";
import { rateOf } from "./successRate.ts";

export interface ValidityRule {
	id: string;
	title: string;
	/** Matched against how the log says the rollout ended, and against its error fields. */
	pattern: RegExp;
}

/** The first rule that matches decides. */
export const VALIDITY_RULES: readonly ValidityRule[] = [
	{
		id: "judge-crash",
		title: "the judge or verifier failed",
		pattern:
			/(judge|grader|verifier|scor(er|ing)|reward[ _-]?(model|function)?)[ _-]*(crash|error|fail|exception|timeout)/i,
	},
	{
		id: "environment-error",
		title: "the environment failed",
		pattern:
			/(environment|env|sandbox|container|docker|infra(structure)?|setup|connection|network|api|rate[ _-]?limit|service)[ _-]*(crash|error|fail|exception|unavailable|reset|refused)|internal server error|out of memory|\boom\b|rate[ _-]?limited/i,
	},
	{ id: "time-out", title: "a time-out outside the agent", pattern: /time[ _-]?d?[ _-]?out|deadline exceeded/i },
];

const CENSORED =
	/(cancel|abort|interrupt|killed|stopped by|max[ _-]?(steps|turns|tokens|length|iterations)|length|truncat|budget|limit|context[ _-]?(window|length))/i;

/** Endings are a word or a message; a whole log in their place is not searched. */
const ENDING_READ = 2000;

export type Validity =
	| { kind: "valid" }
	| { kind: "excluded"; rule: ValidityRule }
	/** The outcome is not known to be a failure. */
	| { kind: "censored"; why: string };

/** A solved rollout is valid however it ended. */
export function validityOf({ summary, rollout }: Attempt, rules: readonly ValidityRule[] = VALIDITY_RULES): Validity {
	if (summary.outcome === "success") return { kind: "valid" };
	const ending = (rollout.ending ?? "").slice(0, ENDING_READ);
	const rule = rules.find(({ pattern }) => pattern.test(ending));
	if (rule !== undefined) return { kind: "excluded", rule };
	if (rollout.truncated) return { kind: "censored", why: ending === "" ? "truncated" : ending };
	return CENSORED.test(ending) ? { kind: "censored", why: ending } : { kind: "valid" };
}

/** The attempts that count. */
export function validAttempts(attempts: readonly Attempt[], rules = VALIDITY_RULES): Attempt[] {
	return attempts.filter((attempt) => validityOf(attempt, rules).kind === "valid");
}

/** GRPO advantages with and without the rollouts that do not count, for tasks that have any. */
function sideBySide(run: RunView, task: TaskView): MetricValue[] {
	const excluded = Uint8Array.from(task.attempts, (attempt) => (validityOf(attempt).kind === "valid" ? 0 : 1));
	if (!excluded.includes(1)) return [];
	const batch = batchOf(task.attempts);
	return [
		["advantage among all", batch] as const,
		["advantage among valid", withoutRollouts(batch, excluded)] as const,
	].flatMap(([part, of]) => {
		const advantages = grpo.compute(of);
		return task.attempts.map((attempt, rollout) => {
			const { value, reason } = readingAt(of, advantages, { rollout, step: null });
			return metricValue(rolloutOf(run, attempt), part, value === null ? { reason: reason ?? "" } : { value });
		});
	});
}

function compute(run: RunView): MetricValue[] {
	const attempts = run.tasks.flatMap((task) => task.attempts);
	const judged = attempts.map((attempt) => ({ attempt, validity: validityOf(attempt) }));
	const rows = judged.flatMap(({ attempt, validity }) => {
		if (validity.kind === "valid") return [];
		const detail = validity.kind === "excluded" ? validity.rule.title : validity.why;
		return [metricValue(rolloutOf(run, attempt), validity.kind, { value: 1, detail: [detail] })];
	});
	const share = (kind: Validity["kind"]) => {
		const count = judged.filter(({ validity }) => validity.kind === kind).length;
		return metricValue(wholeRun(run), kind, { value: count / attempts.length, count: attempts.length });
	};
	return [
		...rows,
		...run.tasks.flatMap((task) => sideBySide(run, task)),
		...run.tasks.map((task) =>
			metricValue(taskOf(run, task), "rate among valid", rateOf(validAttempts(task.attempts))),
		),
		share("valid"),
		share("excluded"),
		share("censored"),
		metricValue(wholeRun(run), "rate among valid", rateOf(validAttempts(attempts))),
		metricValue(wholeRun(run), "rate among all", rateOf(attempts)),
	];
}

export const validity: Metric = {
	id: "validity",
	title: "Validity of rollouts",
	formulas: [
		"excluded = failed for outside reasons (judge, environment, time-out), by rules on the logged ending",
		"censored = truncated or cancelled: not a failure, not a success",
		"success rate among valid rollouts beside that among all",
		"GRPO advantages with and without the rollouts that do not count, side by side, for the tasks that have any",
	],
	source: { title: "Survival analysis", reference: "Kaplan and Meier 1958", where: "censoring" },
	grade: "M",
	choice: "the rules read words of the ending; a solved rollout is always valid",
	needs: "endings (exit status, stop reason)",
	better: "neither",
	parameters: [],
	compute,
};
