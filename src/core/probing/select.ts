// Which failed rollout of a group to search: ELPO's entropy gap (equation 4), the one in which the agent became least sure of
// itself after tool results.

export interface FailedRollout {
	/** Mean token entropy of the first response; null where not logged. */
	rootEntropy: number | null;
	/** Mean token entropy after each tool result; null entries where not logged. */
	toolEntropies: readonly (number | null)[];
	/** Steps that can be probed. */
	steps: number;
}

/** Index of the rollout with the largest gap; without entropies the longest, where most can be learned. Null for none. */
export function selectFailure(failures: readonly FailedRollout[]): number | null {
	if (failures.length === 0) return null;
	const gaps = failures.map(entropyGap);
	const scores = gaps.some((gap) => gap !== null)
		? gaps.map((gap) => gap ?? Number.NEGATIVE_INFINITY)
		: failures.map(({ steps }) => steps);
	return scores.indexOf(Math.max(...scores));
}

/** H_tool - H_root; null where either is missing. */
export function entropyGap({ rootEntropy, toolEntropies }: FailedRollout): number | null {
	const known = toolEntropies.filter((entropy) => entropy !== null);
	if (rootEntropy === null || known.length === 0) return null;
	return known.reduce((sum, entropy) => sum + entropy, 0) / known.length - rootEntropy;
}
