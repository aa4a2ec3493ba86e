// REINFORCE++ (arXiv 2501.03262; verl): returns whitened over all trained tokens of the global batch. The
// baseline variant takes the group mean away first. verl's masked_whiten: sample variance, epsilon under the root.
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
	weightedMoments,
} from "./batchwide.ts";
import {
	type Advantages,
	type At,
	choiceSetting,
	type Estimator,
	type EstimatorOptions,
	LEFT_OUT,
	NO_BASELINE,
	type Parameter,
} from "./estimator.ts";
import { digits, signedDigits, term } from "./explain.ts";
import { Reason } from "./reasons.ts";

const EPSILON = 1e-8;

const WEIGHT: Parameter = {
	name: "weight",
	default: "tokens",
	choices: ["tokens", "rollouts"],
	meaning: "what counts once in the batch's mean and variance: each trained token, or each rollout",
};

/** Token counts as weights where every rollout of the range has one, else null: each rollout counts once. */
function weightsOf(batch: Batch, start: number, end: number, options: EstimatorOptions): Float64Array | null {
	if (choiceSetting(WEIGHT, options) === "rollouts") return null;
	for (let index = start; index < end; index++) if (!((batch.length[index] as number) > 0)) return null;
	return batch.length;
}

function computeWith(baseline: boolean): Estimator["compute"] {
	return (batch, options = {}) =>
		batchwide(batch, options, (range, answer) => {
			const { start, end, training } = range;
			const { values, reasons } = answer;
			if (baseline) centreByGroup(batch, training, values, reasons);
			else values.set(batch.reward.subarray(start, end), start);
			whiten(batch, answer, start, end, options);
			hideReasons(range, answer, options);
		});
}

function whiten(
	batch: Batch,
	{ values, reasons }: Advantages,
	start: number,
	end: number,
	options: EstimatorOptions,
): void {
	const { weight, mean, squares } = weightedMoments(values, weightsOf(batch, start, end, options), start, end);
	const scale = 1 / Math.sqrt(squares / (weight - 1) + EPSILON);
	for (let index = start; index < end; index++) {
		values[index] = squares === 0 ? 0 : ((values[index] as number) - mean) * scale;
	}
	if (squares === 0) reasons.fill(Reason.noSignal, start, end);
}

function explainWith(baseline: boolean) {
	return (batch: Batch, at: At, options: EstimatorOptions = {}): string[] => {
		const lines = explainBatch(batch, at, options);
		const training = trainingBatchAt(batch, at.rollout);
		const { start, end } = rangeOf(batch, training);
		const own = batch.reward[at.rollout] as number;
		if (refuses(training, options) || Number.isNaN(own)) return lines;
		const column = batch.reward.slice();
		let centred = digits(own);
		if (baseline) {
			centreByGroup(batch, training, column, new Uint8Array(column.length));
			const group = explainGroupMean(batch, at);
			lines.push(group.line);
			centred = `${digits(own)} \u2212 ${term(group.mean)}`;
		}
		const weights = weightsOf(batch, start, end, options);
		const { weight, mean, squares } = weightedMoments(column, weights, start, end);
		if (squares === 0) return lines;
		const variance = squares / (weight - 1);
		lines.push(
			`over ${digits(weight)} ${weights === null ? "rollouts" : "tokens"}: mean ${digits(mean)}, sample std ${digits(Math.sqrt(variance))}`,
		);
		const value = ((column[at.rollout] as number) - mean) / Math.sqrt(variance + EPSILON);
		lines.push(
			`A = (${centred} \u2212 ${term(mean)}) / \u221a(${digits(variance)} + ${digits(EPSILON)}) = ${signedDigits(value)}`,
		);
		return lines;
	};
}

const SHARED = {
	level: "rollout",
	scope: "batch",
	needs: ["reward"],
	std: "sample",
	epsilon: EPSILON,
	grade: "A",
	missingReward: `${LEFT_OUT}; the batch then counts as partial`,
	parameters: [WEIGHT],
	choice:
		"discount 1 and any KL already inside the reward, so that all tokens of a rollout share its return; rollouts count once where lengths are not logged",
} as const;

export const reinforcePlusPlus: Estimator = {
	...SHARED,
	id: "reinforce-plus-plus",
	title: "REINFORCE++",
	formula: `A = (r \u2212 mean) / \u221a(variance + ${digits(EPSILON)}), over all trained tokens of the batch`,
	source: {
		title: "REINFORCE++",
		reference: "arXiv 2501.03262; verl",
		where: "global advantage normalisation; masked_whiten",
	},
	oneMember: "a number: the baseline is the batch's",
	zeroVariance: "a number, unless the whole batch has one reward",
	compute: computeWith(false),
	explain: explainWith(false),
};

export const reinforcePlusPlusBaseline: Estimator = {
	...SHARED,
	id: "reinforce-plus-plus-baseline",
	title: "REINFORCE++ with baseline",
	formula: `A = (r \u2212 group mean \u2212 mean) / \u221a(variance + ${digits(EPSILON)}), mean and variance over all trained tokens of the batch`,
	source: { title: "REINFORCE++", reference: "arXiv 2501.03262; verl", where: "baseline variant; masked_whiten" },
	oneMember: NO_BASELINE,
	zeroVariance: "empty: no signal (trainers' code gives about 0)",
	compute: computeWith(true),
	explain: explainWith(true),
};
