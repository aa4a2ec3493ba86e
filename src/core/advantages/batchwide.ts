// What batch-level estimators share: they name their training batch and refuse a part of one, because a mean or std
// over the rollouts that happen to be open is not the trainer's.
import { type Batch, batchName, type TrainingBatch } from "./batch.ts";
import { type Advantages, type At, type EstimatorOptions, newAdvantages } from "./estimator.ts";
import { digits } from "./explain.ts";
import { momentsOf } from "./moments.ts";
import { Reason } from "./reasons.ts";

/** A range of rollouts: those of one training batch. */
export interface Range {
	start: number;
	end: number;
	training: TrainingBatch;
}

export function refuses(training: TrainingBatch, options: EstimatorOptions): boolean {
	return training.partial !== null && options.force !== true;
}

export function rangeOf(batch: Batch, training: TrainingBatch): Range {
	const start = batch.groupStart[training.firstGroup] as number;
	return { start, end: batch.groupStart[training.endGroup] as number, training };
}

export function trainingBatchAt(batch: Batch, rollout: number): TrainingBatch {
	return batch.batches[batch.groupBatch[batch.rolloutGroup[rollout] as number] as number] as TrainingBatch;
}

/** Runs `fill` on each training batch that is whole (or forced); the others are refused. Rollouts without a reward get their reason. */
export function batchwide(
	batch: Batch,
	options: EstimatorOptions,
	fill: (range: Range, answer: Advantages) => void,
): Advantages {
	const answer = newAdvantages("rollout", batch.reward.length, options);
	for (const training of batch.batches) {
		const range = rangeOf(batch, training);
		if (refuses(training, options)) {
			answer.values.fill(Number.NaN, range.start, range.end);
			answer.reasons.fill(Reason.partialBatch, range.start, range.end);
			continue;
		}
		fill(range, answer);
		for (let index = range.start; index < range.end; index++) {
			if (Number.isNaN(batch.reward[index])) answer.reasons[index] = batch.rewardFlaw[index] || Reason.noReward;
		}
	}
	return answer;
}

/**
 * Writes each reward minus its group's mean. Groups of one keep the raw reward, as trainers' code does.
 * @param reasons gets `groupOfOne` and `noSignal` where they apply
 */
export function centreByGroup(batch: Batch, training: TrainingBatch, values: Float64Array, reasons: Uint8Array): void {
	for (let group = training.firstGroup; group < training.endGroup; group++) {
		const start = batch.groupStart[group] as number;
		const end = batch.groupStart[group + 1] as number;
		const { count, mean, lowest, highest } = momentsOf(batch.reward, start, end);
		const reason = count < 2 ? Reason.groupOfOne : lowest === highest ? Reason.noSignal : Reason.none;
		const baseline = count < 2 ? 0 : mean;
		for (let index = start; index < end; index++) {
			values[index] = (batch.reward[index] as number) - baseline;
			reasons[index] = reason;
		}
	}
}

/** Empties the values that carry a reason, unless trainers' numbers are asked for. */
export function hideReasons(range: Range, answer: Advantages, options: EstimatorOptions): void {
	if (options.asTrainer === true) return;
	for (let index = range.start; index < range.end; index++) {
		if (answer.reasons[index] !== Reason.none) answer.values[index] = Number.NaN;
	}
}

export interface WeightedMoments {
	weight: number;
	mean: number;
	/** Weighted sum of squared deviations; exactly 0 where all values are equal. */
	squares: number;
}

/** Moments of `column` with a weight for each value; NaN values are left out. */
export function weightedMoments(
	column: Float64Array,
	weights: Float64Array | null,
	start: number,
	end: number,
): WeightedMoments {
	let weight = 0;
	let sum = 0;
	let lowest = Number.POSITIVE_INFINITY;
	let highest = Number.NEGATIVE_INFINITY;
	for (let index = start; index < end; index++) {
		const value = column[index] as number;
		if (Number.isNaN(value)) continue;
		const own = weights === null ? 1 : (weights[index] as number);
		weight += own;
		sum += own * value;
		if (value < lowest) lowest = value;
		if (value > highest) highest = value;
	}
	const mean = lowest === highest ? lowest : sum / weight;
	let squares = 0;
	for (let index = start; index < end; index++) {
		const value = column[index] as number;
		if (Number.isNaN(value)) continue;
		squares += (weights === null ? 1 : (weights[index] as number)) * (value - mean) * (value - mean);
	}
	return { weight, mean, squares };
}

/** The line that names the batch, and why it is refused. */
export function explainBatch(batch: Batch, at: At, options: EstimatorOptions): string[] {
	const training = trainingBatchAt(batch, at.rollout);
	const { start, end } = rangeOf(batch, training);
	const name = `batch: ${batchName(training)}, ${end - start} rollouts in ${training.endGroup - training.firstGroup} groups`;
	if (training.partial === null) return [name];
	return [name, refuses(training, options) ? `refused: ${training.partial}` : `forced although ${training.partial}`];
}

/** The line on the group's own mean. */
export function explainGroupMean(batch: Batch, at: At): { mean: number; line: string } {
	const group = batch.rolloutGroup[at.rollout] as number;
	const { count, mean } = momentsOf(
		batch.reward,
		batch.groupStart[group] as number,
		batch.groupStart[group + 1] as number,
	);
	return {
		mean: count < 2 ? 0 : mean,
		line: `group mean ${count < 2 ? "none (a group of one)" : digits(mean)} over ${count}`,
	};
}
