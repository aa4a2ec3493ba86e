// The weights that rank a rollout: learned ones where there are any for its target, else those set by hand.
import { handSetWeights } from "./handSet.ts";
import { SHIPPED } from "./shipped.ts";
import type { FirstErrorTarget, RankingWeights } from "./weights.ts";

/** Null where nothing was learned for the target. */
export function shippedWeights(target: FirstErrorTarget, mode: RankingWeights["mode"]): RankingWeights | null {
	return SHIPPED.find((weights) => weights.target === target && weights.mode === mode) ?? null;
}

export function weightsFor(target: FirstErrorTarget, mode: RankingWeights["mode"]): RankingWeights {
	return shippedWeights(target, mode) ?? handSetWeights(target, mode);
}
