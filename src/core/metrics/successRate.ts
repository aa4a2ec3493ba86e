// Success rate with Wilson's interval: per task over its rollouts, for the run over all rollouts with a known outcome.
import { wilson } from "../math/intervals.ts";
import { type Attempt, type Measured, type Metric, metricValue, successOf, taskOf, wholeRun } from "./metric.ts";

export function rateOf(attempts: readonly Attempt[]): Measured {
	const known = attempts.flatMap((attempt) => successOf(attempt) ?? []);
	const successes = known.filter((success) => success === 1).length;
	const interval = wilson(successes, known.length);
	if (interval === null) return { reason: "no outcome is known" };
	return { value: successes / known.length, count: known.length, ...interval };
}

export const successRate: Metric = {
	id: "success-rate",
	title: "Success rate",
	formulas: ["rate = successes / rollouts with a known outcome, with Wilson's 95 % interval"],
	source: { title: "Wilson 1927", reference: "score interval", where: "closed form" },
	grade: "M",
	choice: "the run's interval takes rollouts as independent; compare-runs resamples whole tasks",
	needs: "outcomes",
	better: "higher",
	parameters: [],
	compute: (run) => [
		...run.tasks.map((task) => metricValue(taskOf(run, task), "rate", rateOf(task.attempts))),
		metricValue(wholeRun(run), "rate", rateOf(run.tasks.flatMap((task) => task.attempts))),
	],
};
