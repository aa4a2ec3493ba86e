// Monte-Carlo step advantage: success after this branch minus success before it, both estimated from the rollouts that
// passed (Math-Shepherd, arXiv 2312.08935; OmegaPRM, arXiv 2406.06592). Relative progress (GenPRM) is their quotient.
import type { Batch } from "./batch.ts";
import { type BranchPlace, branchAt, overTrees, type TreePass } from "./branches.ts";
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
import { type LeafSums, leafSums, newLeafSums, type TreePart } from "./treeValues.ts";

const SAMPLES: Parameter = {
	name: "samples",
	default: 2,
	meaning: "rollouts through a step below which nothing is shown",
};

interface Samples extends LeafSums {
	/** [nodes] sum of squared rewards below. */
	squares: Float64Array;
}

function newSamples(nodes: number): Samples {
	return { ...newLeafSums(nodes), squares: new Float64Array(nodes) };
}

function samplesOf(part: TreePart, reward: Float64Array, out = newSamples(part.nodes)): Samples {
	const { tree, firstNode, nodes } = part;
	const { squares } = out;
	leafSums(part, reward, out);
	squares.fill(0, 0, nodes);
	for (let rollout = part.firstRollout; rollout < part.endRollout; rollout++) {
		const own = reward[rollout] as number;
		if (!Number.isNaN(own)) squares[(tree.leafOf[rollout] as number) - firstNode] = own * own;
	}
	for (let node = nodes - 1; node >= 0; node--) {
		const parent = (tree.nodeParent[firstNode + node] as number) - firstNode;
		if (parent >= 0) squares[parent] = (squares[parent] as number) + (squares[node] as number);
	}
	return out;
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
	if (count[node] === count[parent]) return Reason.noSibling;
	return (count[node] as number) < least ? Reason.tooFewSamples : Reason.none;
}

function passOver(batch: Batch, options: EstimatorOptions, most: number, errors: Float64Array): TreePass {
	const { nodeParent } = batch.tree;
	const samples = newSamples(most);
	const { count, sum } = samples;
	const least = numberSetting(SAMPLES, options);
	return {
		prepare: (part) => samplesOf(part, batch.reward, samples),
		fill({ first, end, origin }, { values, reasons }) {
			values[first] = 0;
			reasons[first] = Reason.noSibling;
			for (let node = first + 1; node < end; node++) {
				const own = node - origin;
				const parent = (nodeParent[node] as number) - origin;
				const reason = shownReason(samples, own, parent, least);
				reasons[node] = reason;
				values[node] =
					(sum[own] as number) / (count[own] as number) - (sum[parent] as number) / (count[parent] as number);
				if (reason === Reason.none) errors[node] = standardError(samples, own, parent);
			}
		},
	};
}

function compute(batch: Batch, options: EstimatorOptions = {}): Advantages {
	const errors = new Float64Array(batch.tree.nodeParent.length).fill(Number.NaN);
	return { ...overTrees(batch, options, (most) => passOver(batch, options, most, errors)), errors };
}

/** Rollouts and mean reward through the place's node and through the fork before it. */
function beforeAndAfter({ node, parent }: BranchPlace, { count, sum }: LeafSums) {
	const after = (sum[node] as number) / (count[node] as number);
	const before = (sum[parent] as number) / (count[parent] as number);
	const lines = [
		`before the step: ${count[parent]} rollouts, mean reward ${digits(before)}`,
		`after it: ${count[node]} rollouts, mean reward ${digits(after)}`,
	];
	return { before, after, lines };
}

function explain(batch: Batch, at: At): string[] {
	const place = branchAt(batch, at);
	if (place === null) return [];
	const samples = samplesOf(place.part, batch.reward);
	const { before, after, lines } = beforeAndAfter(place, samples);
	const error = standardError(samples, place.node, place.parent);
	const shown = Number.isNaN(error)
		? "too few differing samples for a standard error"
		: `standard error ${digits(error, 3)}`;
	return [...lines, `A = ${digits(after)} \u2212 ${term(before)} = ${signedDigits(after - before)}, ${shown}`];
}

function progressPass(batch: Batch, options: EstimatorOptions, most: number): TreePass {
	const { nodeParent } = batch.tree;
	const samples = newLeafSums(most);
	const { count, sum } = samples;
	const least = numberSetting(SAMPLES, options);
	return {
		prepare: (part) => leafSums(part, batch.reward, samples),
		fill({ first, end, origin }, { values, reasons }) {
			values[first] = 1;
			reasons[first] = Reason.noSibling;
			for (let node = first + 1; node < end; node++) {
				const own = node - origin;
				const parent = (nodeParent[node] as number) - origin;
				const reason = shownReason(samples, own, parent, least);
				const before = (sum[parent] as number) / (count[parent] as number);
				reasons[node] = reason === Reason.none && before === 0 ? Reason.zeroDivisor : reason;
				values[node] = before === 0 ? 1 : (sum[own] as number) / (count[own] as number) / before;
			}
		},
	};
}

function explainProgress(batch: Batch, at: At): string[] {
	const place = branchAt(batch, at);
	if (place === null) return [];
	const { before, after, lines } = beforeAndAfter(place, leafSums(place.part, batch.reward));
	if (before === 0) return lines;
	const progress = after / before;
	return [
		...lines,
		`P = ${digits(after)} / ${digits(before)} = ${digits(progress)}: ${progress < 0.8 ? "bad (below 0.8)" : "kept"}`,
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
	compute: (batch, options = {}) => overTrees(batch, options, (most) => progressPass(batch, options, most)),
	explain: explainProgress,
};
