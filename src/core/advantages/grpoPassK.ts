// GRPO for pass@k (verl, after arXiv 2503.19595): only the best rollout of a group learns, by its lead over the second.
import { type Batch, groupCount } from "./batch.ts";
import {
	type Advantages,
	type At,
	type Estimator,
	type EstimatorOptions,
	LEFT_OUT,
	NO_BASELINE,
	newAdvantages,
} from "./estimator.ts";
import { digits, listed, signedDigits, term } from "./explain.ts";
import { Reason } from "./reasons.ts";

interface Best {
	/** Index of the best rollout; the first of them where several are best. */
	best: number;
	first: number;
	second: number;
	count: number;
}

function bestOf(batch: Batch, group: number): Best {
	const answer: Best = { best: -1, first: Number.NEGATIVE_INFINITY, second: Number.NEGATIVE_INFINITY, count: 0 };
	const end = batch.groupStart[group + 1] as number;
	for (let index = batch.groupStart[group] as number; index < end; index++) {
		const reward = batch.reward[index] as number;
		if (Number.isNaN(reward)) continue;
		answer.count++;
		if (reward > answer.first) {
			answer.second = answer.first;
			answer.first = reward;
			answer.best = index;
		} else if (reward > answer.second) answer.second = reward;
	}
	return answer;
}

function reasonOf({ count, first, second }: Best): Reason {
	if (count < 2) return Reason.groupOfOne;
	return first === second ? Reason.noSignal : Reason.none;
}

function compute(batch: Batch, options: EstimatorOptions = {}): Advantages {
	const answer = newAdvantages("rollout", batch.reward.length, options);
	const nothing = options.asTrainer === true ? 0 : Number.NaN;
	for (let group = 0; group < groupCount(batch); group++) {
		const best = bestOf(batch, group);
		const reason = reasonOf(best);
		const end = batch.groupStart[group + 1] as number;
		for (let index = batch.groupStart[group] as number; index < end; index++) {
			answer.values[index] = nothing;
			answer.reasons[index] = reason === Reason.none ? Reason.notBest : reason;
			if (!Number.isNaN(batch.reward[index])) continue;
			answer.values[index] = Number.NaN;
			answer.reasons[index] = batch.rewardFlaw[index] || Reason.noReward;
		}
		if (reason !== Reason.none) continue;
		answer.values[best.best] = best.first - best.second;
		answer.reasons[best.best] = Reason.none;
	}
	return answer;
}

function explain(batch: Batch, at: At): string[] {
	const group = batch.rolloutGroup[at.rollout] as number;
	const start = batch.groupStart[group] as number;
	const end = batch.groupStart[group + 1] as number;
	const { best, first, second, count } = bestOf(batch, group);
	const lines = [`rewards of the group (${end - start}): ${listed(batch.reward, start, end, at.rollout)}`];
	if (count < 2) return lines;
	lines.push(`best ${digits(first)}, second ${digits(second)}`);
	if (at.rollout === best && first !== second) {
		lines.push(`A = ${digits(first)} \u2212 ${term(second)} = ${signedDigits(first - second)}`);
	}
	return lines;
}

export const grpoPassK: Estimator = {
	id: "grpo-pass-k",
	title: "GRPO pass@k",
	level: "rollout",
	scope: "group",
	needs: ["reward"],
	std: "none",
	epsilon: 0,
	formula: "A = r \u2212 second best r for the best rollout of the group; nothing for the others",
	source: {
		title: "Inference-time objectives",
		reference: "verl; arXiv 2503.19595",
		where: "compute_grpo_passk_outcome_advantage",
	},
	grade: "A",
	choice: "the lead is not divided by a std; verl divides when asked to",
	oneMember: NO_BASELINE,
	zeroVariance: "empty: no signal, also where two rollouts share the best reward",
	missingReward: LEFT_OUT,
	parameters: [],
	compute,
	explain,
};
