// Complementary RL (arXiv 2603.17621): rollouts with and without experience are compared with their own kind only, so
// that the help of the experience does not leak into the baseline.
import type { Batch } from "./batch.ts";
import {
	type Advantages,
	type At,
	choiceSetting,
	type Estimator,
	type EstimatorOptions,
	LEFT_OUT,
	newAdvantages,
	type Parameter,
} from "./estimator.ts";
import { digits, signedDigits, term } from "./explain.ts";
import { isFlat, spreadOf } from "./moments.ts";
import { Reason } from "./reasons.ts";

const EPSILON = 1e-6;
const SCALE: Parameter = {
	name: "scale",
	default: "std",
	choices: ["std", "none"],
	meaning: "whether the centred reward is divided by the condition's std",
};

/**
 * Moments by condition. Conditions are numbered from 0 within their group, so that `first rollout of the group +
 * condition` is a slot of its own for each.
 */
interface ConditionMoments {
	/** [rollouts] slot of each rollout's condition; -1 where the log names none. */
	slot: Int32Array;
	/** [rollouts, by slot] */
	count: Int32Array;
	mean: Float64Array;
	squares: Float64Array;
}

function conditionMoments(batch: Batch): ConditionMoments {
	const rollouts = batch.reward.length;
	const slot = new Int32Array(rollouts);
	const count = new Int32Array(rollouts);
	const mean = new Float64Array(rollouts);
	const squares = new Float64Array(rollouts);
	for (let rollout = 0; rollout < rollouts; rollout++) {
		const condition = batch.condition[rollout] as number;
		const own = condition < 0 ? -1 : (batch.groupStart[batch.rolloutGroup[rollout] as number] as number) + condition;
		slot[rollout] = own;
		const reward = batch.reward[rollout] as number;
		if (own < 0 || Number.isNaN(reward)) continue;
		count[own] = (count[own] as number) + 1;
		mean[own] = (mean[own] as number) + reward;
	}
	for (let own = 0; own < rollouts; own++) {
		if ((count[own] as number) > 0) mean[own] = (mean[own] as number) / (count[own] as number);
	}
	for (let rollout = 0; rollout < rollouts; rollout++) {
		const own = slot[rollout] as number;
		const deviation = (batch.reward[rollout] as number) - (mean[own] as number);
		if (own >= 0 && !Number.isNaN(deviation)) squares[own] = (squares[own] as number) + deviation * deviation;
	}
	return { slot, count, mean, squares };
}

function silence({ count, mean, squares }: ConditionMoments, slot: number): Reason {
	const members = count[slot] as number;
	if (members < 2) return Reason.groupOfOne;
	return isFlat(Math.sqrt(squares[slot] as number), mean[slot] as number) ? Reason.noSignal : Reason.none;
}

function divisor({ count, squares }: ConditionMoments, slot: number, scaled: boolean): number {
	if (!scaled) return 1;
	const members = count[slot] as number;
	return (members < 2 ? 1 : spreadOf(squares[slot] as number, members, "sample")) + EPSILON;
}

function compute(batch: Batch, options: EstimatorOptions = {}): Advantages {
	const answer = newAdvantages("rollout", batch.reward.length, options);
	const moments = conditionMoments(batch);
	const scaled = choiceSetting(SCALE, options) === "std";
	for (let rollout = 0; rollout < batch.reward.length; rollout++) {
		const slot = moments.slot[rollout] as number;
		const reward = batch.reward[rollout] as number;
		const reason = slot < 0 ? Reason.noCondition : silence(moments, slot);
		const baseline = (moments.count[slot] ?? 0) < 2 ? 0 : (moments.mean[slot] as number);
		const hidden = slot < 0 || (reason !== Reason.none && options.asTrainer !== true);
		answer.values[rollout] = hidden ? Number.NaN : (reward - baseline) / divisor(moments, slot, scaled);
		answer.reasons[rollout] = Number.isNaN(reward) ? batch.rewardFlaw[rollout] || Reason.noReward : reason;
	}
	return answer;
}

function explain(batch: Batch, at: At, options: EstimatorOptions = {}): string[] {
	const moments = conditionMoments(batch);
	const slot = moments.slot[at.rollout] as number;
	const own = batch.reward[at.rollout] as number;
	if (slot < 0) return [];
	const count = moments.count[slot] as number;
	const mean = moments.mean[slot] as number;
	const std = spreadOf(moments.squares[slot] as number, count, "sample");
	const lines = [`rollouts under the same condition: ${count}, mean ${digits(mean)}, sample std ${digits(std)}`];
	if (silence(moments, slot) !== Reason.none || Number.isNaN(own)) return lines;
	const scaled = choiceSetting(SCALE, options) === "std";
	const value = (own - mean) / divisor(moments, slot, scaled);
	const below = scaled ? ` / (${digits(std)} + ${digits(EPSILON)})` : "";
	return [...lines, `A = (${digits(own)} \u2212 ${term(mean)})${below} = ${signedDigits(value)}`];
}

export const complementary: Estimator = {
	id: "complementary",
	title: "Complementary RL",
	level: "rollout",
	scope: "group",
	needs: ["reward", "conditions"],
	std: "sample",
	epsilon: EPSILON,
	formula: `A = (r \u2212 mean) / (std + ${digits(EPSILON)}) over the rollouts of the group that ran under the same condition`,
	source: { title: "Complementary RL", reference: "arXiv 2603.17621", where: "split baselines" },
	grade: "B",
	choice: "sample std (the paper does not say); the condition is read from condition, experience_guided or the like",
	oneMember: "empty: a condition with one rollout has no baseline",
	zeroVariance: "empty: no signal within the condition",
	missingReward: LEFT_OUT,
	parameters: [SCALE],
	compute,
	explain,
};
