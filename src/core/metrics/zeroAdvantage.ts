// How much of a run teaches nothing: rollouts of groups in which all rewards are equal have no advantage.
import type { Attempt, Metric, MetricValue, RunView } from "./metric.ts";
import { metricValue, successOf, taskOf, wholeRun } from "./metric.ts";

/** Why a group gives no signal, or null where it gives one. */
export function silenceOf(
	attempts: readonly Attempt[],
): "all solved" | "all failed" | "equal rewards" | "single" | "no rewards" | null {
	const rewards = attempts.flatMap((attempt) => attempt.summary.reward ?? successOf(attempt) ?? []);
	if (rewards.length === 0) return "no rewards";
	if (rewards.length === 1) return "single";
	if (rewards.some((reward) => reward !== rewards[0])) return null;
	const outcomes = new Set(attempts.map(successOf));
	if (outcomes.size > 1) return "equal rewards";
	if (outcomes.has(1)) return "all solved";
	return outcomes.has(0) ? "all failed" : "equal rewards";
}

function compute(run: RunView): MetricValue[] {
	const groups = run.tasks.map((task) => ({ task, silence: silenceOf(task.attempts) }));
	const rows = groups.map(({ task, silence }) =>
		metricValue(taskOf(run, task), "no signal", {
			value: silence === null ? 0 : 1,
			detail: silence === null ? [] : [silence],
		}),
	);
	if (groups.length === 0) return rows;
	const share = (part: string, of: typeof groups) =>
		metricValue(wholeRun(run), part, { value: of.length / groups.length, count: groups.length });
	const rollouts = run.tasks.reduce((sum, task) => sum + task.attempts.length, 0);
	const silent = groups.filter(({ silence }) => silence !== null);
	const wasted = silent.reduce((sum, { task }) => sum + task.attempts.length, 0);
	return [
		...rows,
		share("groups without signal", silent),
		...["all solved", "all failed", "equal rewards", "single", "no rewards"].map((reason) =>
			share(
				`groups, ${reason}`,
				groups.filter(({ silence }) => silence === reason),
			),
		),
		metricValue(wholeRun(run), "rollouts without signal", { value: wasted / rollouts, count: rollouts }),
	];
}

export const zeroAdvantage: Metric = {
	id: "zero-advantage",
	title: "Zero-advantage share",
	formulas: ["share of groups, and of rollouts in groups, in which all rewards are equal"],
	source: { title: "DAPO", reference: "arXiv 2503.14476", where: "section 3.2, dynamic sampling" },
	grade: "A",
	choice: "groups of one and groups without rewards count as silent, listed apart",
	needs: "rewards or outcomes",
	better: "lower",
	parameters: [],
	compute,
};
