// Which action follows which: the steps of a group as a graph of tools.
import { pathOf, type RolloutTree } from "./merge.ts";

export interface ToolNode {
	/** Index into the names. */
	name: number;
	/** Steps that bear the name, over all attempts. */
	steps: number;
	/** Mean place in its attempts: 0 the first step, 1 the last. */
	position: number;
}

export interface ToolEdge {
	from: number;
	to: number;
	/** How often `to` followed `from` at once. */
	count: number;
	/** Attempts in which it did, and how many of those succeeded and failed. */
	attempts: number;
	successes: number;
	failures: number;
}

/**
 * Counts over whole attempts, shared steps once for each attempt.
 * @param name by node: index into the names; -1 for none
 * @param wanted numbers of the rollouts that count
 */
export function toolTransitions(
	tree: RolloutTree,
	name: Int32Array,
	wanted: readonly number[],
): { nodes: ToolNode[]; edges: ToolEdge[] } {
	const nodes = new Map<number, ToolNode>();
	const edges = new Map<string, ToolEdge>();
	for (const number of wanted) {
		const rollout = tree.rollouts[number];
		if (rollout === undefined) continue;
		const names = pathOf(tree, rollout).map((node) => name[node] as number);
		const seen = new Set<ToolEdge>();
		names.forEach((at, index) => {
			const node = nodes.get(at) ?? { name: at, steps: 0, position: 0 };
			const place = names.length === 1 ? 0 : index / (names.length - 1);
			node.position += (place - node.position) / ++node.steps;
			nodes.set(at, node);
			const next = names[index + 1];
			if (next === undefined) return;
			const key = `${at} ${next}`;
			const edge = edges.get(key) ?? { from: at, to: next, count: 0, attempts: 0, successes: 0, failures: 0 };
			edge.count++;
			seen.add(edge);
			edges.set(key, edge);
		});
		for (const edge of seen) {
			edge.attempts++;
			edge.successes += rollout.outcome === "success" ? 1 : 0;
			edge.failures += rollout.outcome === "failure" ? 1 : 0;
		}
	}
	return {
		nodes: [...nodes.values()].sort((a, b) => a.position - b.position),
		edges: [...edges.values()].sort((a, b) => b.count - a.count),
	};
}
