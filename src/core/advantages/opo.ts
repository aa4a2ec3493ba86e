// OPO (arXiv 2505.23585; verl): the baseline is the mean reward weighted by response length, the one of least variance
// when gradients grow with length.
import { type Baseline, explainBaseline, relativeToBaseline } from "./baseline.ts";
import type { Batch } from "./batch.ts";
import { type Estimator, LEFT_OUT, NO_BASELINE, NO_SIGNAL } from "./estimator.ts";
import { Reason } from "./reasons.ts";

function weightedMean(batch: Batch, group: number): Baseline {
	let tokens = 0;
	let sum = 0;
	let count = 0;
	let lowest = Number.POSITIVE_INFINITY;
	let highest = Number.NEGATIVE_INFINITY;
	const end = batch.groupStart[group + 1] as number;
	for (let index = batch.groupStart[group] as number; index < end; index++) {
		const reward = batch.reward[index] as number;
		if (Number.isNaN(reward)) continue;
		const length = batch.length[index] as number;
		tokens += length;
		sum += length * reward;
		count++;
		lowest = Math.min(lowest, reward);
		highest = Math.max(highest, reward);
	}
	if (count < 2) return { value: 0, reason: Reason.groupOfOne };
	if (lowest === highest) return { value: lowest, reason: Reason.noSignal };
	return tokens > 0 ? { value: sum / tokens, reason: Reason.none } : { value: Number.NaN, reason: Reason.noLength };
}

export const opo: Estimator = {
	id: "opo",
	title: "OPO",
	level: "rollout",
	scope: "group",
	needs: ["reward", "lengths"],
	std: "none",
	epsilon: 0,
	formula: "A = r \u2212 \u03a3(length \u00b7 r) / \u03a3 length over the group",
	source: {
		title: "On-Policy RL with Optimal Reward Baseline",
		reference: "arXiv 2505.23585; verl",
		where: "optimal reward baseline",
	},
	grade: "A",
	choice: "lengths are the tokens that the agent wrote; where any is missing there is no number",
	oneMember: NO_BASELINE,
	zeroVariance: NO_SIGNAL,
	missingReward: LEFT_OUT,
	parameters: [],
	compute: (batch, options = {}) => relativeToBaseline(batch, (group) => weightedMean(batch, group), options),
	explain: (batch, at) =>
		explainBaseline(batch, at, "length-weighted mean", weightedMean(batch, batch.rolloutGroup[at.rollout] as number)),
};
