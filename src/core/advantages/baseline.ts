// What estimators share whose baseline is one number for each group, computed in their own way, and that divide by nothing.
import { type Batch, groupCount } from "./batch.ts";
import { type Advantages, type At, type EstimatorOptions, newAdvantages } from "./estimator.ts";
import { digits, listed, signedDigits, term } from "./explain.ts";
import { Reason } from "./reasons.ts";

export interface Baseline {
	/** What is taken from each reward; 0 where the reason forbids it (trainers' code then gives the raw reward). */
	value: number;
	reason: Reason;
}

/** A = r - baseline(group); members without a reward are left out. */
export function relativeToBaseline(
	batch: Batch,
	baselineOf: (group: number) => Baseline,
	options: EstimatorOptions,
): Advantages {
	const answer = newAdvantages("rollout", batch.reward.length, options);
	for (let group = 0; group < groupCount(batch); group++) {
		const { value, reason } = baselineOf(group);
		const baseline = reason !== Reason.none && options.asTrainer !== true ? Number.NaN : value;
		const end = batch.groupStart[group + 1] as number;
		for (let index = batch.groupStart[group] as number; index < end; index++) {
			const reward = batch.reward[index] as number;
			answer.values[index] = reward - baseline;
			answer.reasons[index] = Number.isNaN(reward) ? batch.rewardFlaw[index] || Reason.noReward : reason;
		}
	}
	return answer;
}

export function explainBaseline(batch: Batch, at: At, name: string, baseline: Baseline): string[] {
	const group = batch.rolloutGroup[at.rollout] as number;
	const start = batch.groupStart[group] as number;
	const end = batch.groupStart[group + 1] as number;
	const own = batch.reward[at.rollout] as number;
	const lines = [`rewards of the group (${end - start}): ${listed(batch.reward, start, end, at.rollout)}`];
	if (baseline.reason !== Reason.none || Number.isNaN(own)) return lines;
	lines.push(`${name} ${digits(baseline.value)}`);
	lines.push(`A = ${digits(own)} \u2212 ${term(baseline.value)} = ${signedDigits(own - baseline.value)}`);
	return lines;
}
