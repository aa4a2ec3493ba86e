// Error-localised adaptive clipping (ELPO, arXiv 2602.09598, equations 11-12): from the first irrecoverable step of a
// failed rollout to its end the lower bound is looser, so that tokens with a negative advantage keep their gradient.
import type { Rollout } from "../model/trajectory.ts";

export interface ClipBounds {
	low: number;
	high: number;
	/** True where the looser lower bound is in force. */
	loosened: boolean;
}

export interface ClipSettings {
	epsilonLow: number;
	epsilonHigh: number;
	/** Added to epsilonLow from the critical step on. */
	epsilonExtra: number;
}

/** Table 2 of the paper. */
export const ELPO_CLIPPING: ClipSettings = { epsilonLow: 0.2, epsilonHigh: 0.315, epsilonExtra: 0.115 };

/**
 * Bounds of the ratio at each step; null for steps that the agent did not take (their tokens are masked out).
 * @param critical 0-based first irrecoverable step; null where none is known
 */
export function clipBounds(
	rollout: Rollout,
	critical: number | null,
	settings: ClipSettings = ELPO_CLIPPING,
): (ClipBounds | null)[] {
	const failed = rollout.outcome === "failure";
	return rollout.steps.map((step, index) => {
		if (step.role !== "agent") return null;
		const loosened = failed && critical !== null && index >= critical;
		const low = 1 - settings.epsilonLow - (loosened ? settings.epsilonExtra : 0);
		return { low, high: 1 + settings.epsilonHigh, loosened };
	});
}

/**
 * The clipped objective of one token and whether any gradient flows through the ratio.
 * @param ceiling ratio beyond which a negative advantage is cut off too (dual clip); Infinity without
 */
export function clippedTerm(
	advantage: number,
	ratio: number,
	bounds: Pick<ClipBounds, "low" | "high">,
	ceiling = Number.POSITIVE_INFINITY,
): { term: number; flows: boolean } {
	const free = ratio * advantage;
	const clipped = Math.min(Math.max(ratio, bounds.low), bounds.high) * advantage;
	const least = advantage < 0 ? ceiling * advantage : Number.NEGATIVE_INFINITY;
	return { term: Math.max(Math.min(free, clipped), least), flows: free <= clipped && free >= least };
}
