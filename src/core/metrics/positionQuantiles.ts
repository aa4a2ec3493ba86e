// Position-debiased quantiles (PDQ, arXiv 2602.17058): late steps are slower and longer than early ones, so each step is
// ranked among the steps at the same place of other rollouts, not among all.
import type { Parameter } from "../advantages/estimator.ts";
import type { Step } from "../model/trajectory.ts";
import {
	averaged,
	type Measured,
	type Metric,
	type MetricContext,
	type MetricValue,
	metricNumber,
	type RunView,
} from "./metric.ts";

const BUCKETS: Parameter = { name: "buckets", default: 5, meaning: "number of equally filled buckets" };

/** The buckets - 1 thresholds that split the numbers into equally filled buckets. */
export function equalFrequencyThresholds(numbers: readonly number[], buckets: number): number[] {
	const sorted = [...numbers].sort((a, b) => a - b);
	return Array.from(
		{ length: buckets - 1 },
		(_, index) => sorted[Math.ceil(((index + 1) * sorted.length) / buckets) - 1] as number,
	);
}

/** Number of thresholds that `value` exceeds: its bucket, from 0. */
export function bucketOf(value: number, thresholds: readonly number[]): number {
	let low = 0;
	let high = thresholds.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (value > (thresholds[middle] as number)) low = middle + 1;
		else high = middle;
	}
	return low;
}

/** Steps at similar places: 0, 1, 2-3, 4-7, 8-15, ... of the agent's own steps. */
export function positionGroup(position: number): number {
	return position === 0 ? 0 : Math.floor(Math.log2(position)) + 1;
}

interface Placed {
	step: number;
	group: number;
	value: number;
}

function placed(steps: readonly Step[], read: (step: Step) => number | null): Placed[] {
	const own = steps.flatMap((step, index) => (step.role === "agent" ? [{ step, index }] : []));
	return own.flatMap(({ step, index }, position) => {
		const value = read(step);
		return value === null ? [] : [{ step: index, group: positionGroup(position), value }];
	});
}

function thresholdsByGroup(run: RunView, read: (step: Step) => number | null, buckets: number): Map<number, number[]> {
	const values = new Map<number, number[]>();
	for (const { rollout } of run.tasks.flatMap((task) => task.attempts)) {
		for (const { group, value } of placed(rollout.steps, read)) {
			const list = values.get(group);
			if (list === undefined) values.set(group, [value]);
			else list.push(value);
		}
	}
	return new Map([...values].map(([group, numbers]) => [group, equalFrequencyThresholds(numbers, buckets)]));
}

function part(run: RunView, name: string, read: (step: Step) => number | null, context: MetricContext): MetricValue[] {
	const buckets = Math.max(2, Math.round(metricNumber("position-quantiles", BUCKETS, context)));
	const thresholds = thresholdsByGroup(run, read, buckets);
	return averaged(run, name, ({ rollout }): Measured => {
		const steps = placed(rollout.steps, read).map((entry) => ({
			...entry,
			bucket: bucketOf(entry.value, thresholds.get(entry.group) ?? []),
		}));
		if (steps.length === 0) return { reason: `no ${name} is logged for any step` };
		const sum = steps.reduce((total, { bucket }) => total + bucket / buckets, 0);
		const top = steps.filter(({ bucket }) => bucket === buckets - 1);
		const detail = top
			.slice(0, 20)
			.map(({ step, value }) => `step ${step} is in the top bucket for its place: ${value}`);
		return { value: sum / steps.length, count: steps.length, detail };
	});
}

export const positionQuantiles: Metric = {
	id: "position-quantiles",
	title: "Position-debiased latency and tokens (PDQ)",
	formulas: [
		"label of a step = its bucket among the steps at the same place / buckets; a rollout's value is the mean of its steps",
	],
	source: { title: "PDQ", reference: "arXiv 2602.17058", where: "equal-frequency thresholds by position" },
	grade: "B",
	choice: "places are grouped 0, 1, 2-3, 4-7, ...; the paper groups page positions",
	needs: "durations or token counts of steps",
	better: "lower",
	parameters: [BUCKETS],
	compute: (run, context) => [
		...part(run, "latency", (step) => step.durationMs, context),
		...part(run, "tokens", (step) => step.tokens?.completion ?? null, context),
	],
};
