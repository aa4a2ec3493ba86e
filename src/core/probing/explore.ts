// Spends a budget on a rollout tree without a question about it (V-STAR, arXiv 2602.10699, section on value-guided decoding):
// the node with the largest upper confidence bound of value plus entropy, if it is no worse than its depth's average.

export interface TreeNode {
	/** Steps from the root. */
	depth: number;
	/** Continuations from here and how many succeeded. */
	tries: number;
	successes: number;
	/** Value by a model or as logged; null where there is none and the tries alone speak. */
	value: number | null;
	/** Entropy of the next step's distribution, in nats; null where not logged. */
	entropy: number | null;
}

export interface ExploreSettings {
	/** Weight of the entropy. */
	lambda: number;
	/** Weight of the bound. */
	beta: number;
}

/** The paper's settings. */
export const EXPLORE_SETTINGS: ExploreSettings = { lambda: 0.1, beta: 1 };

/** G(s) = V(s) + lambda · H(s); without a logged value the mean of Beta(1 + successes, 1 + failures). */
export function scoreOf(node: TreeNode, settings: ExploreSettings = EXPLORE_SETTINGS): number {
	const value = node.value ?? (node.successes + 1) / (node.tries + 2);
	return value + settings.lambda * (node.entropy ?? 0);
}

/** U(s) = G(s) + beta · sqrt(ln(N_root + 1) / (N(s) + 1)). */
export function upperConfidence(
	node: TreeNode,
	rootTries: number,
	settings: ExploreSettings = EXPLORE_SETTINGS,
): number {
	return scoreOf(node, settings) + settings.beta * Math.sqrt(Math.log(rootTries + 1) / (node.tries + 1));
}

/**
 * Indices of the nodes to continue from in the next round, at most `count`, the same more than once where it stays best.
 * Empty where there are no nodes.
 */
export function nextToExplore(
	nodes: readonly TreeNode[],
	count: number,
	settings: ExploreSettings = EXPLORE_SETTINGS,
): number[] {
	const state = nodes.map((node) => ({ ...node }));
	let rootTries = nodes.reduce((sum, node) => sum + node.tries, 0);
	const chosen: number[] = [];
	while (chosen.length < count && state.length > 0) {
		const gate = meanByDepth(state, settings);
		let best = -1;
		let bound = Number.NEGATIVE_INFINITY;
		state.forEach((node, index) => {
			if (scoreOf(node, settings) < (gate.get(node.depth) as number) - 1e-12) return;
			const own = upperConfidence(node, rootTries, settings);
			if (own > bound) [best, bound] = [index, own];
		});
		chosen.push(best);
		// the result is not known yet: only the number of tries counts
		(state[best] as TreeNode).tries++;
		(state[best] as TreeNode).value ??= scoreOf(nodes[best] as TreeNode, { ...settings, lambda: 0 });
		rootTries++;
	}
	return chosen;
}

function meanByDepth(nodes: readonly TreeNode[], settings: ExploreSettings): Map<number, number> {
	const sums = new Map<number, { sum: number; count: number }>();
	for (const node of nodes) {
		const known = sums.get(node.depth) ?? { sum: 0, count: 0 };
		sums.set(node.depth, { sum: known.sum + scoreOf(node, settings), count: known.count + 1 });
	}
	return new Map([...sums].map(([depth, { sum, count }]) => [depth, sum / count]));
}
