// Lite PPO (arXiv 2508.08221): group mean, but the std of all rewards of the batch, so that an easy group's
// tiny std amplifies nothing. Beside it the batch normalisation that the paper compares with.
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
import { type At, type Estimator, type EstimatorOptions, LEFT_OUT, NO_BASELINE } from "./estimator.ts";
import { digits, signedDigits, term } from "./explain.ts";
import { momentsOf, spreadOf } from "./moments.ts";
import { Reason } from "./reasons.ts";

const EPSILON = 1e-8;

interface Form {
	centre: "group" | "batch";
	spread: "population" | "sample";
}

function computeWith({ centre, spread }: Form): Estimator["compute"] {
	return (batch, options = {}) =>
		batchwide(batch, options, (range, answer) => {
			const { start, end, training } = range;
			const { values, reasons } = answer;
			const moments = momentsOf(batch.reward, start, end);
			const std = spreadOf(moments.squares, moments.count, spread);
			if (centre === "group") centreByGroup(batch, training, values, reasons);
			else for (let index = start; index < end; index++) values[index] = (batch.reward[index] as number) - moments.mean;
			for (let index = start; index < end; index++) values[index] = (values[index] as number) / (std + EPSILON);
			if (moments.squares === 0) reasons.fill(Reason.noSignal, start, end);
			hideReasons(range, answer, options);
		});
}

function explainWith({ centre, spread }: Form) {
	return (batch: Batch, at: At, options: EstimatorOptions = {}): string[] => {
		const lines = explainBatch(batch, at, options);
		const training = trainingBatchAt(batch, at.rollout);
		const own = batch.reward[at.rollout] as number;
		if (refuses(training, options) || Number.isNaN(own)) return lines;
		const { start, end } = rangeOf(batch, training);
		const moments = momentsOf(batch.reward, start, end);
		const std = spreadOf(moments.squares, moments.count, spread);
		lines.push(`batch mean ${digits(moments.mean)}, ${spread} std ${digits(std)} over ${moments.count} rewards`);
		const group = explainGroupMean(batch, at);
		if (centre === "group") lines.push(group.line);
		if (moments.squares === 0) return lines;
		const mean = centre === "group" ? group.mean : moments.mean;
		const value = (own - mean) / (std + EPSILON);
		lines.push(
			`A = (${digits(own)} \u2212 ${term(mean)}) / (${digits(std)} + ${digits(EPSILON)}) = ${signedDigits(value)}`,
		);
		return lines;
	};
}

function litePpoWith(spread: Form["spread"], id: string): Estimator {
	const form: Form = { centre: "group", spread };
	return {
		id,
		title: `Lite PPO (${spread} std)`,
		level: "rollout",
		scope: "batch",
		needs: ["reward"],
		std: spread,
		epsilon: EPSILON,
		formula: `A = (r \u2212 group mean) / (batch std + ${digits(EPSILON)}), ${spread} std of all rewards of the batch`,
		source: { title: "Tricks or Traps?", reference: "arXiv 2508.08221", where: "Lite PPO" },
		grade: "B",
		choice: "the paper does not say which std; both are offered, and the epsilon is ours",
		oneMember: NO_BASELINE,
		zeroVariance: "empty: no signal (trainers' code gives 0)",
		missingReward: `${LEFT_OUT}; the batch then counts as partial`,
		parameters: [],
		compute: computeWith(form),
		explain: explainWith(form),
	};
}

export const litePpo = litePpoWith("sample", "lite-ppo");
export const litePpoPopulation = litePpoWith("population", "lite-ppo-population");

const BATCH_FORM: Form = { centre: "batch", spread: "population" };

export const batchNormalised: Estimator = {
	id: "batch-norm",
	title: "Batch normalisation",
	level: "rollout",
	scope: "batch",
	needs: ["reward"],
	std: "population",
	epsilon: EPSILON,
	formula: `A = (r \u2212 batch mean) / (batch std + ${digits(EPSILON)}), population std`,
	source: { title: "Tricks or Traps?", reference: "arXiv 2508.08221", where: "batch-level normalisation" },
	grade: "B",
	choice: "population std; REINFORCE++ is the same with the sample std and token weights",
	oneMember: "a number: the baseline is the batch's",
	zeroVariance: "a number, unless the whole batch has one reward",
	missingReward: `${LEFT_OUT}; the batch then counts as partial`,
	parameters: [],
	compute: computeWith(BATCH_FORM),
	explain: explainWith(BATCH_FORM),
};
