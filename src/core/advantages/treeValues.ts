// Values of the nodes of a rollout tree from the numbers at its leaves. Parents come before their children in the
// columns, so one pass from the end replaces every recursion.
import type { BranchTree } from "./batch.ts";
import { isFlat } from "./moments.ts";

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
	const { nodeParent, leafOf } = tree;
	const count = new Int32Array(nodeCount(tree));
	const sum = new Float64Array(nodeCount(tree));
	for (let rollout = 0; rollout < leaf.length; rollout++) {
		const value = leaf[rollout] as number;
		if (Number.isNaN(value)) continue;
		const node = leafOf[rollout] as number;
		count[node] = (count[node] as number) + 1;
		sum[node] = (sum[node] as number) + value;
	}
	for (let node = nodeCount(tree) - 1; node > 0; node--) {
		const parent = nodeParent[node] as number;
		if (parent < 0) continue;
		count[parent] = (count[parent] as number) + (count[node] as number);
		sum[parent] = (sum[parent] as number) + (sum[node] as number);
	}
	return { count, sum };
}

/** [nodes] mean over the leaves below each node; NaN where none has a number. */
export function leafMeans(tree: BranchTree, leaf: Float64Array): Float64Array {
	const { count, sum } = leafSums(tree, leaf);
	for (let node = 0; node < sum.length; node++) {
		if (count[node] !== 1) sum[node] = (sum[node] as number) / (count[node] as number);
	}
	return sum;
}

export interface ChildMeans {
	/** [nodes] mean over the direct children's values, the leaf's own number at leaves: not the mean over leaves. */
	value: Float64Array;
	/** [nodes] children with a value; at a leaf with a number 1. */
	count: Int32Array;
}

export function childMeans(tree: BranchTree, leaf: Float64Array): ChildMeans {
	const { nodeParent, leafOf } = tree;
	const value = new Float64Array(nodeCount(tree));
	const count = new Int32Array(nodeCount(tree));
	for (let rollout = 0; rollout < leaf.length; rollout++) {
		const number = leaf[rollout] as number;
		if (Number.isNaN(number)) continue;
		const node = leafOf[rollout] as number;
		value[node] = number;
		count[node] = 1;
	}
	for (let node = nodeCount(tree) - 1; node >= 0; node--) {
		const children = count[node] as number;
		if (children !== 1) value[node] = (value[node] as number) / children;
		const parent = nodeParent[node] as number;
		if (parent < 0 || children === 0) continue;
		value[parent] = (value[parent] as number) + (value[node] as number);
		count[parent] = (count[parent] as number) + 1;
	}
	return { value, count };
}

export interface SiblingMeans {
	/** [nodes] mean of the children's values. */
	mean: Float64Array;
	/** [nodes] children with a value. */
	count: Int32Array;
}

/** Means over the direct children of each node. */
export function siblingMeans(tree: BranchTree, values: Float64Array): SiblingMeans {
	const { nodeParent } = tree;
	const count = new Int32Array(values.length);
	const mean = new Float64Array(values.length);
	for (let node = values.length - 1; node >= 0; node--) {
		// children come later: a node's own sum is complete when it is reached
		if ((count[node] as number) > 0) mean[node] = (mean[node] as number) / (count[node] as number);
		const parent = nodeParent[node] as number;
		const value = values[node] as number;
		if (parent < 0 || Number.isNaN(value)) continue;
		count[parent] = (count[parent] as number) + 1;
		mean[parent] = (mean[parent] as number) + value;
	}
	return { mean, count };
}

/**
 * Population std over the direct children of each node; exactly 0 where they are equal.
 * @param mean [nodes] mean of the children's values
 * @param count [nodes] children with a value
 */
export function siblingStd(
	tree: BranchTree,
	values: Float64Array,
	mean: Float64Array,
	count: Int32Array,
): Float64Array {
	const { nodeParent } = tree;
	const std = new Float64Array(values.length);
	for (let node = values.length - 1; node >= 0; node--) {
		if ((std[node] as number) > 0) {
			const spread = Math.sqrt((std[node] as number) / (count[node] as number));
			std[node] = isFlat(spread, mean[node] as number) ? 0 : spread;
		}
		const parent = nodeParent[node] as number;
		const deviation = (values[node] as number) - (mean[parent] as number);
		if (parent >= 0 && !Number.isNaN(deviation)) std[parent] = (std[parent] as number) + deviation * deviation;
	}
	return std;
}
