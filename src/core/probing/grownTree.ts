// The tree that a search has grown, as a group of rollouts: the failed one and its continuations as branches. Hierarchical
// advantages and clip bounds are then those of any group.
import type { Rollout } from "../model/trajectory.ts";
import type { Verdict } from "./strategy.ts";

export interface Continuation {
	/** 0-based step of the failed rollout after which it begins. */
	after: number;
	/** The continued rollout in full: shared steps first. */
	rollout: Rollout;
}

/** The failed rollout and its continuations, each marked as a branch where it is not already. */
export function grownGroup(failed: Rollout, continuations: readonly Continuation[]): Rollout[] {
	const branches = continuations.map(({ after, rollout }) => ({
		...rollout,
		task: failed.task,
		run: failed.run,
		parent: failed.id,
		branchStep: after,
		relation: "branch" as const,
		sharedSteps: Math.max(rollout.sharedSteps, after + 1),
	}));
	return [failed, ...branches];
}

/**
 * 0-based step from which the looser clip bound holds: the one that a verdict names; null for other verdicts.
 * @param positions 0-based step of the rollout for each of the steps 1 to K that were searched
 */
export function criticalStep(verdict: Verdict, positions: readonly number[]): number | null {
	return verdict.kind === "step" ? (positions[verdict.step - 1] ?? null) : null;
}
