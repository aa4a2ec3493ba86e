// Complementary RL (arXiv 2603.17621): rollouts with and without experience are compared with their own kind only, so
// that the help of the experience does not leak into the baseline.
import { type Batch, groupCount } from "./batch.ts";
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
import { Reason } from "./reasons.ts";
import { type Moments, momentsOf, reasonOf, spreadOf } from "./relative.ts";

const EPSILON = 1e-6;
const SCALE: Parameter = {
	name: "scale",
	default: "std",
	choices: ["std", "none"],
	meaning: "whether the centred reward is divided by the condition's std",
};

/** The rewards of one condition of a group; NaN elsewhere. Conditions are numbered from 0 within the group. */
function rewardsOf(batch: Batch, start: number, end: number, condition: number): Float64Array {
	const answer = batch.reward.slice(start, end);
	for (let index = start; index < end; index++)
		if (batch.condition[index] !== condition) answer[index - start] = Number.NaN;
	return answer;
}

function conditionMoments(batch: Batch, group: number, condition: number): Moments {
	const rewards = rewardsOf(batch, batch.groupStart[group] as number, batch.groupStart[group + 1] as number, condition);
	return momentsOf(rewards, 0, rewards.length);
}

function divisor(moments: Moments, options: EstimatorOptions): number {
	if (choiceSetting(SCALE, options) === "none") return 1;
	return (moments.count < 2 ? 1 : spreadOf(moments.squares, moments.count, "sample")) + EPSILON;
}

function compute(batch: Batch, options: EstimatorOptions = {}): Advantages {
	const answer = newAdvantages("rollout", batch.reward.length, options);
	for (let group = 0; group < groupCount(batch); group++) {
		const start = batch.groupStart[group] as number;
		const end = batch.groupStart[group + 1] as number;
		const conditions = highest(batch.condition, start, end) + 1;
		answer.values.fill(Number.NaN, start, end);
		answer.reasons.fill(Reason.noCondition, start, end);
		for (let condition = 0; condition < conditions; condition++) fill(batch, group, condition, answer, options);
	}
	return answer;
}

function highest(column: Int32Array, start: number, end: number): number {
	let answer = -1;
	for (let index = start; index < end; index++) answer = Math.max(answer, column[index] as number);
	return answer;
}

function fill(batch: Batch, group: number, condition: number, answer: Advantages, options: EstimatorOptions): void {
	const moments = conditionMoments(batch, group, condition);
	const reason = reasonOf(moments);
	const mean = moments.count < 2 ? 0 : moments.mean;
	const scale = reason !== Reason.none && options.asTrainer !== true ? Number.NaN : 1 / divisor(moments, options);
	const end = batch.groupStart[group + 1] as number;
	for (let index = batch.groupStart[group] as number; index < end; index++) {
		if (batch.condition[index] !== condition) continue;
		const reward = batch.reward[index] as number;
		answer.values[index] = (reward - mean) * scale;
		answer.reasons[index] = Number.isNaN(reward) ? batch.rewardFlaw[index] || Reason.noReward : reason;
	}
}

function explain(batch: Batch, at: At, options: EstimatorOptions = {}): string[] {
	const group = batch.rolloutGroup[at.rollout] as number;
	const condition = batch.condition[at.rollout] as number;
	const own = batch.reward[at.rollout] as number;
	if (condition < 0) return [];
	const moments = conditionMoments(batch, group, condition);
	const std = spreadOf(moments.squares, moments.count, "sample");
	const lines = [
		`rollouts under the same condition: ${moments.count}, mean ${digits(moments.mean)}, sample std ${digits(std)}`,
	];
	if (reasonOf(moments) !== Reason.none || Number.isNaN(own)) return lines;
	const value = (own - moments.mean) / divisor(moments, options);
	const below = choiceSetting(SCALE, options) === "none" ? "" : ` / (${digits(std)} + ${EPSILON})`;
	return [...lines, `A = (${digits(own)} \u2212 ${term(moments.mean)})${below} = ${signedDigits(value)}`];
}

export const complementary: Estimator = {
	id: "complementary",
	title: "Complementary RL",
	level: "rollout",
	scope: "group",
	needs: ["reward", "conditions"],
	std: "sample",
	epsilon: EPSILON,
	formula: `A = (r \u2212 mean) / (std + ${EPSILON}) over the rollouts of the group that ran under the same condition`,
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
