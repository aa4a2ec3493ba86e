// One million steps in groups of eight: each estimator against one pass of summation over the columns that it reads;
// and the time of a hover.
import type { Batch } from "../../src/core/advantages/batch.ts";
import type { Estimator } from "../../src/core/advantages/estimator.ts";
import { explainAdvantage } from "../../src/core/advantages/explain.ts";
import { ESTIMATORS } from "../../src/core/advantages/registry.ts";
import type { Benchmark, BenchmarkRow } from "../support/benchmark.ts";
import { syntheticBatch } from "../support/syntheticBatch.ts";

const STEPS = 1_000_000;
const REPEATS = 15;

/** Median time in milliseconds, after a warm-up. */
function timed(run: () => void): number {
	for (let repeat = 0; repeat < 3; repeat++) run();
	const times = Array.from({ length: REPEATS }, () => {
		const start = performance.now();
		run();
		return performance.now() - start;
	});
	return times.sort((a, b) => a - b)[REPEATS >> 1] as number;
}

function sum(column: Float64Array): number {
	let total = 0;
	for (let index = 0; index < column.length; index++) total += column[index] as number;
	return total;
}

/**
 * What one pass of summation goes over: a column of the million steps, or all step columns that the estimator reads,
 * and the columns of rollouts that it reads and writes.
 */
function columnsOf(batch: Batch, estimator: Estimator, values: Float64Array): Float64Array[] {
	const needs = new Set(estimator.needs);
	const steps: Float64Array[] = [];
	if (needs.has("values")) steps.push(batch.stepValue);
	if (needs.has("values") || needs.has("step rewards") || needs.has("states")) steps.push(batch.stepReward);
	if (needs.has("entropies")) steps.push(batch.stepEntropy);
	if (needs.has("trainer and reference log-probabilities")) {
		steps.push(batch.stepPolicyLogprob, batch.stepReferenceLogprob);
	}
	if (steps.length === 0) steps.push(batch.stepLogged);
	const rollouts = needs.has("reward") ? [batch.reward] : [];
	if (needs.has("lengths")) rollouts.push(batch.length);
	return [...steps, ...rollouts, values];
}

function measured(batch: Batch, estimator: Estimator): BenchmarkRow {
	const first = estimator.compute(batch);
	const into = new Float64Array(first.values.length);
	const value = timed(() => estimator.compute(batch, { into }));
	const columns = columnsOf(
		batch,
		estimator,
		first.values.map((entry) => (Number.isNaN(entry) ? 0 : entry)),
	);
	let kept = 0;
	const summation = timed(() => {
		for (const column of columns) kept += sum(column);
	});
	if (kept === 0.5) throw new Error("the sum must be used");
	return {
		measure: `${estimator.id}, 1,000,000 steps in groups of 8`,
		value,
		unit: "ms",
		baseline: { name: "one summation over the same columns", value: summation },
		ratio: summation / value,
	};
}

function hover(batch: Batch, estimator: Estimator): BenchmarkRow {
	const rollout = batch.reward.length >> 1;
	const step = batch.stepStart[rollout] as number;
	const value = timed(() => explainAdvantage(estimator, batch, { rollout, step }));
	return { measure: `hover, ${estimator.id}`, value, unit: "ms", baseline: null, ratio: null };
}

async function run(): Promise<BenchmarkRow[]> {
	const batch = syntheticBatch({ groups: STEPS / 80, members: 8, steps: 10, forked: true });
	return [
		...ESTIMATORS.map((estimator) => measured(batch, estimator)),
		...ESTIMATORS.map((estimator) => hover(batch, estimator)),
	];
}

const benchmark: Benchmark = { name: "Advantages", run };
export default benchmark;
