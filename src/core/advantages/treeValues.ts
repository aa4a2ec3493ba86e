// Values of the nodes of a rollout tree from the numbers at its leaves. Parents come before their children in the
// columns, so one pass from the end replaces every recursion.
import type { BranchTree } from "./batch.ts";

export interface LeafSums {
	/** [nodes] leaves with a number below the node, itself included. */
	count: Int32Array;
	/** [nodes] sum of those numbers. */
	sum: Float64Array;
}

function nodeCount(tree: BranchTree): number {
	return tree.nodeParent.length;
}

/** @param leaf [rollouts] number at each rollout's leaf; NaN leaves are left out */
export function leafSums(tree: BranchTree, leaf: Float64Array): LeafSums {
	const count = new Int32Array(nodeCount(tree));
	const sum = new Float64Array(nodeCount(tree));
	for (let rollout = 0; rollout < leaf.length; rollout++) {
		const value = leaf[rollout] as number;
		if (Number.isNaN(value)) continue;
		const node = tree.leafOf[rollout] as number;
		count[node] = (count[node] as number) + 1;
		sum[node] = (sum[node] as number) + value;
	}
	for (let node = nodeCount(tree) - 1; node > 0; node--) {
		const parent = tree.nodeParent[node] as number;
		if (parent < 0) continue;
		count[parent] = (count[parent] as number) + (count[node] as number);
		sum[parent] = (sum[parent] as number) + (sum[node] as number);
	}
	return { count, sum };
}

/** [nodes] mean over the leaves below each node; NaN where none has a number. */
export function leafMeans(tree: BranchTree, leaf: Float64Array): Float64Array {
	const { count, sum } = leafSums(tree, leaf);
	for (let node = 0; node < sum.length; node++) sum[node] = (sum[node] as number) / (count[node] as number);
	return sum;
}

/** [nodes] mean over the direct children's values, the leaf's own number at leaves: not the mean over leaves. */
export function childMeans(tree: BranchTree, leaf: Float64Array): Float64Array {
	const values = new Float64Array(nodeCount(tree));
	const counts = new Int32Array(nodeCount(tree));
	for (let rollout = 0; rollout < leaf.length; rollout++) {
		const node = tree.leafOf[rollout] as number;
		if (Number.isNaN(leaf[rollout])) continue;
		values[node] = leaf[rollout] as number;
		counts[node] = 1;
	}
	for (let node = nodeCount(tree) - 1; node >= 0; node--) {
		const count = counts[node] as number;
		const value = (values[node] as number) / count;
		values[node] = value;
		const parent = tree.nodeParent[node] as number;
		if (parent < 0 || count === 0) continue;
		values[parent] = (values[parent] as number) + value;
		counts[parent] = (counts[parent] as number) + 1;
	}
	return values;
}

export interface SiblingMoments {
	/** [nodes] children with a value. */
	count: Int32Array;
	/** [nodes] mean of the children's values. */
	mean: Float64Array;
	/** [nodes] population std of the children's values; exactly 0 where they are equal. */
	std: Float64Array;
}

/** Moments over the direct children of each node. */
export function siblingMoments(tree: BranchTree, values: Float64Array): SiblingMoments {
	const count = new Int32Array(values.length);
	const mean = new Float64Array(values.length);
	const std = new Float64Array(values.length);
	for (let node = 0; node < values.length; node++) {
		const parent = tree.nodeParent[node] as number;
		const value = values[node] as number;
		if (parent < 0 || Number.isNaN(value)) continue;
		// Welford's update keeps equal values at exactly no deviation
		const seen = (count[parent] as number) + 1;
		const deviation = value - (mean[parent] as number);
		count[parent] = seen;
		mean[parent] = (mean[parent] as number) + deviation / seen;
		std[parent] = (std[parent] as number) + deviation * (value - (mean[parent] as number));
	}
	for (let node = 0; node < values.length; node++) {
		const seen = count[node] as number;
		std[node] = seen === 0 ? 0 : Math.sqrt((std[node] as number) / seen);
	}
	return { count, mean, std };
}
