// GPG (arXiv 2504.02546; verl): centred rewards times alpha = batch size / rewards that are not zero, which
// makes up for the groups that give no gradient.
import type { Batch } from "./batch.ts";
import {
	batchwide,
	centreByGroup,
	explainBatch,
	explainGroupMean,
	hideReasons,
	rangeOf,
	refuses,
	trainingBatchAt,
} from "./batchwide.ts";
import { type At, type Estimator, type EstimatorOptions, LEFT_OUT, NO_BASELINE, NO_SIGNAL } from "./estimator.ts";
import { digits, signedDigits, term } from "./explain.ts";

interface Alpha {
	rewards: number;
	nonZero: number;
	alpha: number;
}

function alphaOf(batch: Batch, start: number, end: number): Alpha {
	let rewards = 0;
	let nonZero = 0;
	for (let index = start; index < end; index++) {
		const reward = batch.reward[index] as number;
		if (Number.isNaN(reward)) continue;
		rewards++;
		if (reward !== 0) nonZero++;
	}
	return { rewards, nonZero, alpha: rewards / Math.max(nonZero, 1) };
}

export const gpg: Estimator = {
	id: "gpg",
	title: "GPG",
	level: "rollout",
	scope: "batch",
	needs: ["reward"],
	std: "none",
	epsilon: 0,
	formula: "A = \u03b1 (r \u2212 group mean), \u03b1 = rollouts of the batch / rollouts with a reward other than 0",
	source: { title: "GPG", reference: "arXiv 2504.02546; verl", where: "compute_gpg_outcome_advantage" },
	grade: "A",
	choice: null,
	oneMember: NO_BASELINE,
	zeroVariance: NO_SIGNAL,
	missingReward: `${LEFT_OUT}; the batch then counts as partial`,
	parameters: [],
	compute: (batch, options = {}) =>
		batchwide(batch, options, (range, answer) => {
			const { alpha } = alphaOf(batch, range.start, range.end);
			centreByGroup(batch, range.training, answer.values, answer.reasons);
			for (let index = range.start; index < range.end; index++) {
				answer.values[index] = alpha * (answer.values[index] as number);
			}
			hideReasons(range, answer, options);
		}),
	explain: (batch: Batch, at: At, options: EstimatorOptions = {}) => {
		const lines = explainBatch(batch, at, options);
		const training = trainingBatchAt(batch, at.rollout);
		const own = batch.reward[at.rollout] as number;
		if (refuses(training, options) || Number.isNaN(own)) return lines;
		const { start, end } = rangeOf(batch, training);
		const { rewards, nonZero, alpha } = alphaOf(batch, start, end);
		const group = explainGroupMean(batch, at);
		lines.push(`\u03b1 = ${rewards} / ${Math.max(nonZero, 1)} = ${digits(alpha)}`, group.line);
		lines.push(
			`A = ${digits(alpha)} \u00b7 (${digits(own)} \u2212 ${term(group.mean)}) = ${signedDigits(alpha * (own - group.mean))}`,
		);
		return lines;
	},
};
