// The order in which siblings are drawn, and the unbranched runs between forks.
import type { RolloutTree } from "./merge.ts";
import { meanReward, successRate, type TreeStatistics } from "./statistics.ts";

/** The children of node n are `list[start[n]]` to `list[start[n + 1] - 1]`, top to bottom. Nodes left by grown rollouts are absent. */
export interface Children {
	start: Int32Array;
	list: Int32Array;
}

/**
 * Siblings by success rate, then mean reward, then number of rollouts, best first; equals in order of arrival.
 * With a `previous` order siblings that were there keep their places and new ones follow, so that nothing jumps.
 */
export function orderChildren(tree: RolloutTree, statistics: TreeStatistics, previous?: Children): Children {
	const nodes = tree.parent.length;
	const start = new Int32Array(nodes + 1);
	for (let node = 1; node < nodes; node++) {
		if ((statistics.reached[node] as number) > 0) start[(tree.parent[node] as number) + 1]! += 1;
	}
	for (let node = 0; node < nodes; node++) start[node + 1]! += start[node] as number;
	const children = { start, list: new Int32Array(start[nodes] as number) };
	if (previous === undefined) sortSiblings(tree, statistics, children);
	else keepOrder(tree, statistics, children, previous);
	return children;
}

function sortSiblings(tree: RolloutTree, statistics: TreeStatistics, { start, list }: Children): void {
	const nodes = tree.parent.length;
	const next = start.slice(0, nodes);
	for (let node = 1; node < nodes; node++) {
		if ((statistics.reached[node] as number) > 0) list[next[tree.parent[node] as number]!++] = node;
	}
	for (let node = 0; node < nodes; node++) {
		const siblings = list.subarray(start[node] as number, start[node + 1] as number);
		if (siblings.length > 1) siblings.sort((a, b) => compareSiblings(statistics, a, b));
	}
}

/** Siblings that were there stand as before; the others follow in the order of arrival. */
function keepOrder(tree: RolloutTree, statistics: TreeStatistics, { start, list }: Children, previous: Children): void {
	const nodes = tree.parent.length;
	const next = start.slice(0, nodes);
	const placed = new Uint8Array(nodes);
	const place = (node: number) => {
		if (statistics.reached[node] === 0 || placed[node] === 1) return;
		list[next[tree.parent[node] as number]!++] = node;
		placed[node] = 1;
	};
	for (const node of previous.list) place(node);
	for (let node = 1; node < nodes; node++) place(node);
}

export function childCount(children: Children, node: number): number {
	return (children.start[node + 1] as number) - (children.start[node] as number);
}

/** The nodes from `node` on up to the next fork, end of an attempt or leaf: drawn as beads on one string. */
export function runFrom(children: Children, statistics: TreeStatistics, node: number): number[] {
	const run = [node];
	for (let at = node; childCount(children, at) === 1 && statistics.ended[at] === 0; ) {
		at = children.list[children.start[at] as number] as number;
		run.push(at);
	}
	return run;
}

function compareSiblings(statistics: TreeStatistics, a: number, b: number): number {
	return (
		compareDescending(successRate(statistics, a), successRate(statistics, b)) ||
		compareDescending(meanReward(statistics, a), meanReward(statistics, b)) ||
		(statistics.through[b] as number) - (statistics.through[a] as number) ||
		a - b
	);
}

/** Larger first; NaN, which stands for "not known", last. */
function compareDescending(a: number, b: number): number {
	if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
	return b - a;
}
