// Which rollouts may count: those that failed for outside reasons are excluded by rule, truncated and cancelled ones are
// censored (nobody knows how they would have ended), never counted as failures.
import { batchOf } from "../advantages/batchOf.ts";
import { type Parameter, readingAt } from "../advantages/estimator.ts";
import { withoutRollouts } from "../advantages/exclude.ts";
import { grpo } from "../advantages/grpo.ts";
import { compileQuery, type Query } from "../query/compile.ts";
import { oneLine } from "../text/line.ts";
import type { Attempt, Metric, MetricContext, MetricValue, RunView, TaskView } from "./metric.ts";
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
	| { kind: "excluded"; rule: Pick<ValidityRule, "id" | "title"> }
	/** The outcome is not known to be a failure. */
	| { kind: "censored"; why: string };

/** The user's own rule: a filter, asked before the others and of solved rollouts too. */
const EXCLUDE: Parameter = {
	name: "exclude",
	default: "",
	meaning: "a filter: rollouts that it accepts do not count, as in `ending ~ /503/`",
};

/** The filter that stands in the parameters; `error` says what is wrong with a broken one, which excludes nothing. */
export function ownRule(set: MetricContext["set"]): { own: Query | null; error: string | null } {
	const source = set["validity.exclude"];
	if (typeof source !== "string" || source.trim() === "") return { own: null, error: null };
	const compiled = compileQuery(source);
	return compiled.ok ? { own: compiled.query, error: null } : { own: null, error: compiled.error.reason };
}

export function isExcludedBy(own: Query | null, { summary, rollout }: Attempt): boolean {
	return own?.judge({ summary, rollout, firstError: undefined, advantage: () => null }) === true;
}

/** A solved rollout is valid however it ended, unless the user's own rule excludes it. */
export function validityOf(attempt: Attempt, own: Query | null = null): Validity {
	if (isExcludedBy(own, attempt)) return { kind: "excluded", rule: { id: "own", title: `own rule: ${own?.source}` } };
	const { summary, rollout } = attempt;
	if (summary.outcome === "success") return { kind: "valid" };
	const ending = (rollout.ending ?? "").slice(0, ENDING_READ);
	const rule = VALIDITY_RULES.find(({ pattern }) => pattern.test(ending));
	if (rule !== undefined) return { kind: "excluded", rule };
	if (rollout.truncated) return { kind: "censored", why: ending === "" ? "truncated" : ending };
	return CENSORED.test(ending) ? { kind: "censored", why: ending } : { kind: "valid" };
}

/** The verdict in words. */
export function validityText(validity: Validity): string {
	if (validity.kind === "valid") return "yes";
	return validity.kind === "excluded" ? `no: ${validity.rule.title}` : `censored: ${oneLine(validity.why, 60)}`;
}

/** The attempts that count. */
export function validAttempts(attempts: readonly Attempt[], own: Query | null = null): Attempt[] {
	return attempts.filter((attempt) => validityOf(attempt, own).kind === "valid");
}

/** GRPO advantages with and without the rollouts that do not count, for tasks that have any. */
function sideBySide(run: RunView, task: TaskView, own: Query | null): MetricValue[] {
	const excluded = Uint8Array.from(task.attempts, (attempt) => (validityOf(attempt, own).kind === "valid" ? 0 : 1));
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

function compute(run: RunView, { set }: MetricContext): MetricValue[] {
	const { own, error } = ownRule(set);
	const attempts = run.tasks.flatMap((task) => task.attempts);
	const judged = attempts.map((attempt) => ({ attempt, validity: validityOf(attempt, own) }));
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
		...(error === null ? [] : [metricValue(wholeRun(run), "own rule", { reason: error })]),
		...rows,
		...run.tasks.flatMap((task) => sideBySide(run, task, own)),
		...run.tasks.map((task) =>
			metricValue(taskOf(run, task), "rate among valid", rateOf(validAttempts(task.attempts, own))),
		),
		share("valid"),
		share("excluded"),
		share("censored"),
		metricValue(wholeRun(run), "rate among valid", rateOf(validAttempts(attempts, own))),
		metricValue(wholeRun(run), "rate among all", rateOf(attempts)),
	];
}

export const validity: Metric = {
	id: "validity",
	title: "Validity of rollouts",
	formulas: [
		"excluded = failed for outside reasons (judge, environment, time-out), by rules on the logged ending, or by your own filter",
		"censored = truncated or cancelled: not a failure, not a success",
		"success rate among valid rollouts beside that among all",
		"GRPO advantages with and without the rollouts that do not count, side by side, for the tasks that have any",
	],
	source: { title: "Survival analysis", reference: "Kaplan and Meier 1958", where: "censoring" },
	grade: "M",
	choice: "the rules read words of the ending; a solved rollout is always valid",
	needs: "endings (exit status, stop reason)",
	better: "neither",
	parameters: [EXCLUDE],
	compute,
};
