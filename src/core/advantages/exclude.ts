// Advantages with and without the rollouts that should not count: the same batch, some rewards taken out.
import type { Batch } from "./batch.ts";
import { Reason } from "./reasons.ts";

/**
 * The batch as if the excluded rollouts had no reward: they are left out of every statistic and say why.
 * @param excluded [rollouts] 1 where a rollout does not count
 */
export function withoutRollouts(batch: Batch, excluded: Uint8Array): Batch {
	const reward = batch.reward.map((value, rollout) => (excluded[rollout] === 1 ? Number.NaN : value));
	const rewardFlaw = batch.rewardFlaw.map((flaw, rollout) => (excluded[rollout] === 1 ? Reason.excluded : flaw));
	return { ...batch, reward, rewardFlaw };
}
