// The arithmetic that most estimators share: a reward minus a mean, divided by a spread, over a group.
import { type Batch, groupCount } from "./batch.ts";
import { type Advantages, type At, type EstimatorOptions, newAdvantages } from "./estimator.ts";
import { digits, listed, signedDigits, term } from "./explain.ts";
import { Reason } from "./reasons.ts";

export interface GroupForm {
	/** What the centred reward is divided by. */
	spread: "none" | "population" | "sample";
	/** Added to the spread. */
	epsilon: number;
	/** `others`: the mean over the other members, which is the centred reward times n/(n-1). */
	baseline: "all" | "others";
}

/**
 * Spread of squared deviations; 0 for fewer than the members that it needs.
 * @param squares sum of squared deviations from the mean
 */
export function spreadOf(squares: number, count: number, spread: GroupForm["spread"]): number {
	if (spread === "none") return 1;
	const divisor = spread === "sample" ? count - 1 : count;
	return divisor > 0 ? Math.sqrt(squares / divisor) : 0;
}

/**
 * Advantage of each rollout relative to its group; members without a reward are left out.
 * @param reward [rollouts] rewards, NaN where there is none
 */
export function relativeToGroup(
	batch: Batch,
	reward: Float64Array,
	form: GroupForm,
	options: EstimatorOptions,
): Advantages {
	const answer = newAdvantages("rollout", reward.length, options);
	const { values, reasons } = answer;
	const asTrainer = options.asTrainer === true;
	const groups = groupCount(batch);
	for (let group = 0; group < groups; group++) {
		const start = batch.groupStart[group] as number;
		const end = batch.groupStart[group + 1] as number;
		const moments = momentsOf(reward, start, end);
		const reason = reasonOf(moments);
		const baseline = moments.count < 2 ? 0 : moments.mean;
		const scale = reason !== Reason.none && !asTrainer ? Number.NaN : scaleOf(moments, form);
		for (let index = start; index < end; index++) {
			const value = reward[index] as number;
			values[index] = (value - baseline) * scale;
			reasons[index] = Number.isNaN(value) ? batch.rewardFlaw[index] || Reason.noReward : reason;
		}
	}
	return answer;
}

/** Why a group with these rewards gives no signal. */
export function reasonOf(moments: Moments): Reason {
	if (moments.count < 2) return Reason.groupOfOne;
	return moments.lowest === moments.highest ? Reason.noSignal : Reason.none;
}

/** What the centred reward is multiplied with; a group of one has std 1, as in verl. */
function scaleOf(moments: Moments, form: GroupForm): number {
	const { count } = moments;
	const correction = form.baseline === "others" && count > 1 ? count / (count - 1) : 1;
	if (form.spread === "none") return correction;
	return correction / ((count < 2 ? 1 : spreadOf(moments.squares, count, form.spread)) + form.epsilon);
}

export interface Moments {
	count: number;
	sum: number;
	mean: number;
	/** Sum of squared deviations from the mean; exactly 0 where all values are equal. */
	squares: number;
	lowest: number;
	highest: number;
}

/** Count, mean and squared deviations of the numbers in `column` from `start` to `end`, NaN left out. */
export function momentsOf(column: Float64Array, start: number, end: number): Moments {
	let count = 0;
	let sum = 0;
	let lowest = Number.POSITIVE_INFINITY;
	let highest = Number.NEGATIVE_INFINITY;
	for (let index = start; index < end; index++) {
		const value = column[index] as number;
		if (Number.isNaN(value)) continue;
		if (value < lowest) lowest = value;
		if (value > highest) highest = value;
		sum += value;
		count++;
	}
	// equal rewards must be found by comparison: the mean of eight times 0.1 is not 0.1
	const mean = lowest === highest ? lowest : sum / count;
	let squares = 0;
	for (let index = start; index < end; index++) {
		const value = column[index] as number;
		if (!Number.isNaN(value)) squares += (value - mean) * (value - mean);
	}
	return { count, sum, mean, squares, lowest, highest };
}

/** The lines that explain a group-relative advantage. */
export function explainRelative(batch: Batch, reward: Float64Array, form: GroupForm, at: At): string[] {
	const group = batch.rolloutGroup[at.rollout] as number;
	const start = batch.groupStart[group] as number;
	const end = batch.groupStart[group + 1] as number;
	const moments = momentsOf(reward, start, end);
	const own = reward[at.rollout] as number;
	const lines = [`rewards of the group (${end - start}): ${listed(reward, start, end, at.rollout)}`];
	const missing = end - start - moments.count;
	if (missing > 0) lines.push(`${missing} of ${end - start} without a reward, left out`);
	if (moments.count === 0) return lines;
	const spread = spreadOf(moments.squares, moments.count, form.spread);
	const named = form.spread === "none" ? "" : `, ${form.spread} std ${digits(spread)}`;
	lines.push(`mean ${digits(moments.mean)}${named}`);
	if (Number.isNaN(own) || moments.count < 2 || moments.lowest === moments.highest) return lines;
	return [...lines, relativeArithmetic(own, moments, spread, form)];
}

function relativeArithmetic(own: number, moments: Moments, spread: number, form: GroupForm): string {
	if (form.baseline === "others") {
		const others = (moments.sum - own) / (moments.count - 1);
		return `A = ${digits(own)} \u2212 ${term(others)} (mean of the ${moments.count - 1} others) = ${signedDigits(own - others)}`;
	}
	const centred = own - moments.mean;
	const difference = `${digits(own)} \u2212 ${term(moments.mean)}`;
	if (form.spread === "none") return `A = ${difference} = ${signedDigits(centred)}`;
	const value = centred / (spread + form.epsilon);
	return `A = (${difference}) / (${digits(spread)} + ${form.epsilon}) = ${signedDigits(value)}`;
}
