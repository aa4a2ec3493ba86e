// The weights that come with the product, one entry a target that something was learned for.
import type { RankingWeights } from "./weights.ts";

export const SHIPPED: readonly RankingWeights[] = [];

/** Null where nothing was learned for the target. */
export function shippedWeights(target: RankingWeights["target"]): RankingWeights | null {
	return SHIPPED.find((weights) => weights.target === target) ?? null;
}
