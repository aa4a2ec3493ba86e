// Rewards on steps: what step-level estimators count from, whether the log gives a reward to each step or only to the end.
import type { Batch } from "./batch.ts";

/** Index of the last step in which the agent acted; -1 where it never did. */
export function lastActing(batch: Batch, rollout: number): number {
	const first = batch.stepStart[rollout] as number;
	for (let step = (batch.stepStart[rollout + 1] as number) - 1; step >= first; step--) {
		if (batch.stepActs[step] === 1) return step;
	}
	return -1;
}

/** True where any step of the rollout has a reward of its own. */
export function hasStepRewards(batch: Batch, rollout: number): boolean {
	const end = batch.stepStart[rollout + 1] as number;
	for (let step = batch.stepStart[rollout] as number; step < end; step++) {
		if (!Number.isNaN(batch.stepReward[step])) return true;
	}
	return false;
}
