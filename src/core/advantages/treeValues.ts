// Values of the nodes of rollout trees from the numbers at their leaves. Parents come before their children in the
// columns, so one pass from the end replaces every recursion. Trees are taken a part at a time, into columns that are used
// again for the next part, so that a pass finds what the one before it wrote in the processor's cache.
import { type Batch, type BranchTree, groupCount } from "./batch.ts";
import { isFlat } from "./moments.ts";

/** The trees of one group, or of some that follow each other. Columns "[nodes]" below count from `firstNode`. */
export interface TreePart {
	readonly tree: BranchTree;
	readonly firstGroup: number;
	readonly endGroup: number;
	/** Place of the first node in the batch's columns: the root of the first group. */
	readonly firstNode: number;
	readonly nodes: number;
	readonly firstRollout: number;
	readonly endRollout: number;
}

export function treePart(batch: Batch, firstGroup: number, endGroup: number): TreePart {
	const { tree } = batch;
	const firstNode = tree.nodeStart[firstGroup] as number;
	return {
		tree,
		firstGroup,
		endGroup,
		firstNode,
		nodes: (tree.nodeStart[endGroup] as number) - firstNode,
		firstRollout: batch.groupStart[firstGroup] as number,
		endRollout: batch.groupStart[endGroup] as number,
	};
}

/** Groups in a part: few enough that its columns stay in the cache. */
const GROUPS_AT_ONCE = 64;

/** All trees, part by part. */
export function treeParts(batch: Batch): TreePart[] {
	const parts: TreePart[] = [];
	for (let group = 0; group < groupCount(batch); group += GROUPS_AT_ONCE) {
		parts.push(treePart(batch, group, Math.min(group + GROUPS_AT_ONCE, groupCount(batch))));
	}
	return parts;
}

/** Nodes of the largest part: columns of this length serve for all. */
export function mostNodes(parts: readonly TreePart[]): number {
	return parts.reduce((most, { nodes }) => Math.max(most, nodes), 0);
}

export interface LeafSums {
	/** [nodes] leaves with a number below the node, itself included. */
	count: Int32Array;
	/** [nodes] sum of those numbers. */
	sum: Float64Array;
}

export function newLeafSums(nodes: number): LeafSums {
	return { count: new Int32Array(nodes), sum: new Float64Array(nodes) };
}

/** Puts the numbers at their leaves: [rollouts of the batch], NaN leaves are left out. */
function startAtLeaves(part: TreePart, leaf: Float64Array, value: Float64Array, count: Int32Array): void {
	const { firstNode, nodes } = part;
	const { leafOf } = part.tree;
	value.fill(0, 0, nodes);
	count.fill(0, 0, nodes);
	for (let rollout = part.firstRollout; rollout < part.endRollout; rollout++) {
		const number = leaf[rollout] as number;
		if (Number.isNaN(number)) continue;
		const node = (leafOf[rollout] as number) - firstNode;
		value[node] = number;
		count[node] = 1;
	}
}

/** @param leaf [rollouts of the batch] number at each rollout's leaf; NaN leaves are left out */
export function leafSums(part: TreePart, leaf: Float64Array, out = newLeafSums(part.nodes)): LeafSums {
	const { firstNode, nodes } = part;
	const { nodeParent } = part.tree;
	const { count, sum } = out;
	startAtLeaves(part, leaf, sum, count);
	for (let node = nodes - 1; node >= 0; node--) {
		const parent = (nodeParent[firstNode + node] as number) - firstNode;
		if (parent < 0) continue;
		count[parent] = (count[parent] as number) + (count[node] as number);
		sum[parent] = (sum[parent] as number) + (sum[node] as number);
	}
	return out;
}

/**
 * Like `leafSums`, but each sum becomes a mean as soon as it was handed on.
 * @returns [nodes] mean over the leaves below each node, NaN where none has a number; the counts are in `out`
 */
export function leafMeans(part: TreePart, leaf: Float64Array, out = newLeafSums(part.nodes)): Float64Array {
	const { firstNode, nodes } = part;
	const { nodeParent } = part.tree;
	const { count, sum } = out;
	startAtLeaves(part, leaf, sum, count);
	for (let node = nodes - 1; node >= 0; node--) {
		const parent = (nodeParent[firstNode + node] as number) - firstNode;
		const leaves = count[node] as number;
		const total = sum[node] as number;
		if (leaves !== 1) sum[node] = total / leaves;
		if (parent < 0) continue;
		count[parent] = (count[parent] as number) + leaves;
		sum[parent] = (sum[parent] as number) + total;
	}
	return sum;
}

export interface ChildMeans {
	/** [nodes] mean over the direct children's values, the leaf's own number at leaves: not the mean over leaves. */
	value: Float64Array;
	/** [nodes] children with a value; at a leaf with a number 1. */
	count: Int32Array;
}

export function newChildMeans(nodes: number): ChildMeans {
	return { value: new Float64Array(nodes), count: new Int32Array(nodes) };
}

/** @param leaf [rollouts of the batch] number at each rollout's leaf; NaN leaves are left out */
export function childMeans(part: TreePart, leaf: Float64Array, out = newChildMeans(part.nodes)): ChildMeans {
	const { firstNode, nodes } = part;
	const { nodeParent } = part.tree;
	const { value, count } = out;
	startAtLeaves(part, leaf, value, count);
	for (let node = nodes - 1; node >= 0; node--) {
		const children = count[node] as number;
		if (children !== 1) value[node] = (value[node] as number) / children;
		const parent = (nodeParent[firstNode + node] as number) - firstNode;
		if (parent < 0 || children === 0) continue;
		value[parent] = (value[parent] as number) + (value[node] as number);
		count[parent] = (count[parent] as number) + 1;
	}
	return out;
}

export interface SiblingMeans {
	/** [nodes] mean of the direct children's values. */
	mean: Float64Array;
	/** [nodes] children with a value. */
	count: Int32Array;
}

export function newSiblingMeans(nodes: number): SiblingMeans {
	return { mean: new Float64Array(nodes), count: new Int32Array(nodes) };
}

/** @param values [nodes] NaN values are left out */
export function siblingMeans(part: TreePart, values: Float64Array, out = newSiblingMeans(part.nodes)): SiblingMeans {
	const { firstNode, nodes } = part;
	const { nodeParent } = part.tree;
	const { mean, count } = out;
	mean.fill(0, 0, nodes);
	count.fill(0, 0, nodes);
	for (let node = nodes - 1; node >= 0; node--) {
		// children come later: a node's own sum is complete when it is reached
		if ((count[node] as number) > 0) mean[node] = (mean[node] as number) / (count[node] as number);
		const parent = (nodeParent[firstNode + node] as number) - firstNode;
		const value = values[node] as number;
		if (parent < 0 || Number.isNaN(value)) continue;
		count[parent] = (count[parent] as number) + 1;
		mean[parent] = (mean[parent] as number) + value;
	}
	return out;
}

/**
 * [nodes] population std over the direct children of each node; exactly 0 where they are equal.
 * @param values [nodes] NaN values are left out
 * @param mean [nodes] mean of the children's values
 * @param count [nodes] children with a value
 */
export function siblingStd(
	part: TreePart,
	values: Float64Array,
	mean: Float64Array,
	count: Int32Array,
	std: Float64Array = new Float64Array(part.nodes),
): Float64Array {
	const { firstNode, nodes } = part;
	const { nodeParent } = part.tree;
	std.fill(0, 0, nodes);
	for (let node = nodes - 1; node >= 0; node--) {
		if ((std[node] as number) > 0) {
			const spread = Math.sqrt((std[node] as number) / (count[node] as number));
			std[node] = isFlat(spread, mean[node] as number) ? 0 : spread;
		}
		const parent = (nodeParent[firstNode + node] as number) - firstNode;
		if (parent < 0) continue;
		const deviation = (values[node] as number) - (mean[parent] as number);
		if (!Number.isNaN(deviation)) std[parent] = (std[parent] as number) + deviation * deviation;
	}
	return std;
}
