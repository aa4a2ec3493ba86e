// One million steps in groups of eight: each estimator against one pass of summation over the columns that it reads;
// and the time of a hover.
import type { Batch } from "../../src/core/advantages/batch.ts";
import type { Estimator } from "../../src/core/advantages/estimator.ts";
import { explainAdvantage } from "../../src/core/advantages/explain.ts";
import { ESTIMATORS } from "../../src/core/advantages/registry.ts";
import type { Benchmark, BenchmarkRow } from "../support/benchmark.ts";
import { syntheticBatch } from "../support/syntheticBatch.ts";

const STEPS = 1_000_000;
const WARM_UP = 5;
const REPEATS = 25;

/** Fastest time in milliseconds, after a warm-up: whatever else the machine does only adds to it. */
function timed<Input>(run: (input: Input) => unknown, input: Input): number {
	for (let repeat = 0; repeat < WARM_UP; repeat++) run(input);
	let fastest = Number.POSITIVE_INFINITY;
	for (let repeat = 0; repeat < REPEATS; repeat++) {
		const start = performance.now();
		run(input);
		fastest = Math.min(fastest, performance.now() - start);
	}
	return fastest;
}

function sum(column: Float64Array): number {
	let total = 0;
	for (let index = 0; index < column.length; index++) total += column[index] as number;
	return total;
}

/**
 * Milliseconds that a summation takes for each number, measured first of all: later the compiler has seen so much of this
 * file that it makes the loop six times slower, which would flatter everything that is held against it.
 */
function summationPace(): number {
	const column = new Float64Array(STEPS).map((_, index) => index / 7);
	let kept = 0;
	const time = timed((numbers) => {
		kept += sum(numbers);
	}, column);
	if (kept === 0) throw new Error("the sum must be used");
	return time / STEPS;
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

function measured(batch: Batch, estimator: Estimator, pace: number): BenchmarkRow {
	const first = estimator.compute(batch);
	const columns = columnsOf(batch, estimator, first.values);
	const summation = pace * columns.reduce((numbers, { length }) => numbers + length, 0);
	const into = new Float64Array(first.values.length);
	const value = timed((options) => estimator.compute(batch, options), { into });
	return {
		measure: `${estimator.id}, 1,000,000 steps in groups of 8`,
		value,
		unit: "ms",
		baseline: { name: "one summation over the numbers of the same columns", value: summation },
		ratio: summation / value,
	};
}

function hover(batch: Batch, estimator: Estimator): BenchmarkRow {
	const rollout = batch.reward.length >> 1;
	const step = batch.stepStart[rollout] as number;
	const value = timed((at) => explainAdvantage(estimator, batch, at), { rollout, step });
	return { measure: `hover, ${estimator.id}`, value, unit: "ms", baseline: null, ratio: null };
}

async function run(): Promise<BenchmarkRow[]> {
	const pace = summationPace();
	const batch = syntheticBatch({ groups: STEPS / 80, members: 8, steps: 10, forked: true });
	return [
		...ESTIMATORS.map((estimator) => measured(batch, estimator, pace)),
		...ESTIMATORS.map((estimator) => hover(batch, estimator)),
	];
}

const benchmark: Benchmark = { name: "Advantages", run };
export default benchmark;
