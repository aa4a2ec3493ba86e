// ReMax (arXiv 2310.10505): the baseline is the reward of the greedy response to the same prompt.
import { type Baseline, explainBaseline, relativeToBaseline } from "./baseline.ts";
import type { Batch } from "./batch.ts";
import { type Estimator, LEFT_OUT } from "./estimator.ts";
import { Reason } from "./reasons.ts";

function greedyOf(batch: Batch, group: number): Baseline {
	const value = batch.groupGreedy[group] as number;
	return Number.isNaN(value) ? { value: Number.NaN, reason: Reason.noGreedy } : { value, reason: Reason.none };
}

export const remax: Estimator = {
	id: "remax",
	title: "ReMax",
	level: "rollout",
	scope: "group",
	needs: ["reward", "greedy reward"],
	std: "none",
	epsilon: 0,
	formula: "A = r \u2212 r of the greedy rollout",
	source: { title: "ReMax", reference: "arXiv 2310.10505; verl", where: "greedy baseline" },
	grade: "A",
	choice: "the greedy reward is read from greedy_reward or reward_baselines of any rollout of the group",
	oneMember: "a number: the baseline does not come from the group",
	zeroVariance: "a number: 0 where the greedy rollout did as well",
	missingReward: LEFT_OUT,
	parameters: [],
	compute: (batch, options = {}) => relativeToBaseline(batch, (group) => greedyOf(batch, group), options),
	explain: (batch, at) =>
		explainBaseline(batch, at, "greedy reward", greedyOf(batch, batch.rolloutGroup[at.rollout] as number)),
};
