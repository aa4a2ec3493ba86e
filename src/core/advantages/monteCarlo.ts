// Monte-Carlo step advantage: success after this branch minus success before it, both estimated from the rollouts that
// passed (Math-Shepherd, arXiv 2312.08935; OmegaPRM, arXiv 2406.06592). Relative progress (GenPRM) is their quotient.
import type { Batch } from "./batch.ts";
import { finishBranches, newBranchAdvantages, nodeAt } from "./branches.ts";
import {
	type Advantages,
	type At,
	type Estimator,
	type EstimatorOptions,
	LEFT_OUT,
	NO_BASELINE,
	NO_SIGNAL,
	numberSetting,
	type Parameter,
} from "./estimator.ts";
import { digits, signedDigits, term } from "./explain.ts";
import { Reason } from "./reasons.ts";
import { type LeafSums, leafSums } from "./treeValues.ts";

const SAMPLES: Parameter = {
	name: "samples",
	default: 2,
	meaning: "rollouts through a step below which nothing is shown",
};

interface Samples extends LeafSums {
	/** [nodes] sum of squared rewards below. */
	squares: Float64Array;
}

function samplesOf(batch: Batch): Samples {
	const { nodeParent, leafOf } = batch.tree;
	const { count, sum } = leafSums(batch.tree, batch.reward);
	const squares = new Float64Array(sum.length);
	for (let rollout = 0; rollout < batch.reward.length; rollout++) {
		const reward = batch.reward[rollout] as number;
		if (!Number.isNaN(reward)) squares[leafOf[rollout] as number] = reward * reward;
	}
	for (let node = squares.length - 1; node > 0; node--) {
		const parent = nodeParent[node] as number;
		if (parent >= 0) squares[parent] = (squares[parent] as number) + (squares[node] as number);
	}
	return { count, sum, squares };
}

/**
 * Standard error of V(branch) - V(fork). The rollouts through the branch are part of those through the fork, so the
 * difference is (1 - share) times that of two separate samples, whose variance is pooled. NaN where all rewards on
 * both sides agree or fewer than three were taken: then nothing is known of the error.
 */
function standardError({ count, sum, squares }: Samples, node: number, parent: number): number {
	const own = count[node] as number;
	const others = (count[parent] as number) - own;
	if (own === 0 || others === 0 || own + others < 3) return Number.NaN;
	const ownSum = sum[node] as number;
	const otherSum = (sum[parent] as number) - ownSum;
	const deviations = (squares[parent] as number) - (ownSum * ownSum) / own - (otherSum * otherSum) / others;
	const variance = Math.max(deviations, 0) / (own + others - 2);
	if (variance < 1e-12) return Number.NaN;
	return (others / (own + others)) * Math.sqrt(variance * (1 / own + 1 / others));
}

function shownReason({ count }: LeafSums, node: number, parent: number, least: number): Reason {
	if (parent < 0 || count[node] === count[parent]) return Reason.noSibling;
	return (count[node] as number) < least ? Reason.tooFewSamples : Reason.none;
}

function compute(batch: Batch, options: EstimatorOptions = {}): Advantages {
	const samples = samplesOf(batch);
	const { count, sum } = samples;
	const least = numberSetting(SAMPLES, options);
	const errors = new Float64Array(sum.length).fill(Number.NaN);
	const answer = newBranchAdvantages(batch, options);
	for (let node = 0; node < sum.length; node++) {
		const parent = batch.tree.nodeParent[node] as number;
		const reason = shownReason(samples, node, parent, least);
		answer.reasons[node] = reason;
		if (parent < 0) continue;
		const before = (sum[parent] as number) / (count[parent] as number);
		answer.values[node] = (sum[node] as number) / (count[node] as number) - before;
		if (reason === Reason.none) errors[node] = standardError(samples, node, parent);
	}
	return { ...finishBranches(batch, answer, options), errors };
}

function explainCounts(batch: Batch, node: number, { count, sum }: LeafSums): string[] {
	const parent = batch.tree.nodeParent[node] as number;
	const mean = (index: number) => digits((sum[index] as number) / (count[index] as number));
	return [
		`before the step: ${count[parent]} rollouts, mean reward ${mean(parent)}`,
		`after it: ${count[node]} rollouts, mean reward ${mean(node)}`,
	];
}

function explain(batch: Batch, at: At): string[] {
	const node = nodeAt(batch, at);
	const parent = batch.tree.nodeParent[node] ?? -1;
	if (parent < 0) return [];
	const samples = samplesOf(batch);
	const { count, sum } = samples;
	const after = (sum[node] as number) / (count[node] as number);
	const before = (sum[parent] as number) / (count[parent] as number);
	const error = standardError(samples, node, parent);
	const shown = Number.isNaN(error)
		? "too few differing samples for a standard error"
		: `standard error ${digits(error, 3)}`;
	return [
		...explainCounts(batch, node, samples),
		`A = ${digits(after)} \u2212 ${term(before)} = ${signedDigits(after - before)}, ${shown}`,
	];
}

const SHARED = {
	level: "branch",
	scope: "group",
	needs: ["reward", "branches"],
	std: "none",
	epsilon: 0,
	oneMember: NO_BASELINE,
	missingReward: LEFT_OUT,
	parameters: [SAMPLES],
} as const;

export const monteCarlo: Estimator = {
	...SHARED,
	id: "monte-carlo",
	title: "Monte-Carlo step advantage",
	formula: "A = mean reward of the rollouts through the step \u2212 mean reward of those through the fork before it",
	source: {
		title: "Math-Shepherd; OmegaPRM",
		reference: "arXiv 2312.08935; 2406.06592",
		where: "Monte-Carlo value of a prefix",
	},
	grade: "M",
	choice:
		"the value of a stretch stands at all its steps; the standard error pools the variance of both sides and is ours",
	zeroVariance: NO_SIGNAL,
	compute,
	explain,
};

export const relativeProgress: Estimator = {
	...SHARED,
	id: "relative-progress",
	title: "Relative progress (GenPRM)",
	formula: "P = mean reward through the step / mean reward through the fork before it; below 0.8 the step is bad",
	source: { title: "GenPRM", reference: "arXiv 2504.00891", where: "relative progress estimation" },
	grade: "M",
	choice: "a quotient, not a difference: 1 means nothing changed",
	zeroVariance: "empty: no signal",
	compute: (batch, options = {}) => {
		const samples = leafSums(batch.tree, batch.reward);
		const { count, sum } = samples;
		const least = numberSetting(SAMPLES, options);
		const answer = newBranchAdvantages(batch, options);
		for (let node = 0; node < sum.length; node++) {
			const parent = batch.tree.nodeParent[node] as number;
			const reason = shownReason(samples, node, parent, least);
			const before = parent < 0 ? 0 : (sum[parent] as number) / (count[parent] as number);
			answer.reasons[node] = reason === Reason.none && before === 0 ? Reason.zeroDivisor : reason;
			answer.values[node] = before === 0 ? 1 : (sum[node] as number) / (count[node] as number) / before;
		}
		return finishBranches(batch, answer, options);
	},
	explain: (batch, at) => {
		const node = nodeAt(batch, at);
		const parent = batch.tree.nodeParent[node] ?? -1;
		if (parent < 0) return [];
		const samples = leafSums(batch.tree, batch.reward);
		const { count, sum } = samples;
		const after = (sum[node] as number) / (count[node] as number);
		const before = (sum[parent] as number) / (count[parent] as number);
		const lines = explainCounts(batch, node, samples);
		if (before === 0) return lines;
		const progress = after / before;
		return [
			...lines,
			`P = ${digits(after)} / ${digits(before)} = ${digits(progress)}: ${progress < 0.8 ? "bad (below 0.8)" : "kept"}`,
		];
	},
};
