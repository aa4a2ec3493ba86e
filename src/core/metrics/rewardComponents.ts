// The named parts of a reward: their size, and how much each moves with the whole.
import { correlation } from "../math/moments.ts";
import { averaged, type Metric, type MetricValue, metricValue, type RunView, wholeRun } from "./metric.ts";

/** More names than this are metrics that came with the reward, not parts of it. */
const PARTS_SHOWN = 40;

function compute(run: RunView): MetricValue[] {
	const attempts = run.tasks.flatMap((task) => task.attempts);
	const names = [...new Set(attempts.flatMap(({ rollout }) => Object.keys(rollout.rewards)))].slice(0, PARTS_SHOWN);
	if (names.length === 0) return [metricValue(wholeRun(run), "mean", { reason: "no named rewards are logged" })];
	return names.flatMap((name) => [
		...averaged(run, `mean, ${name}`, ({ rollout }) => {
			const value = Object.hasOwn(rollout.rewards, name) ? rollout.rewards[name] : undefined;
			return value === undefined ? { reason: `not logged: ${name}` } : { value };
		}),
		withWhole(run, name),
	]);
}

function withWhole(run: RunView, name: string): MetricValue {
	const pairs = run.tasks
		.flatMap((task) => task.attempts)
		.flatMap(({ rollout }) => {
			const part = Object.hasOwn(rollout.rewards, name) ? rollout.rewards[name] : undefined;
			return part === undefined || rollout.reward === null ? [] : [[part, rollout.reward] as const];
		});
	const value = correlation(
		pairs.map(([part]) => part),
		pairs.map(([, whole]) => whole),
	);
	const measured = Number.isNaN(value) ? { reason: "one of the two does not vary" } : { value, count: pairs.length };
	return metricValue(wholeRun(run), `correlation with the reward, ${name}`, measured);
}

export const rewardComponents: Metric = {
	id: "reward-components",
	title: "Reward components",
	formulas: ["mean of each named part; its correlation with the whole reward over the run's rollouts"],
	source: { title: "The log", reference: "named rewards", where: "-" },
	grade: "M",
	choice: null,
	needs: "named rewards",
	better: "neither",
	parameters: [],
	compute,
};
