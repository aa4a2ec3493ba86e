// The arithmetic that most estimators share: a reward minus a mean, divided by a spread, over a group.
import { type Batch, groupCount } from "./batch.ts";
import { type Advantages, type At, type EstimatorOptions, newAdvantages } from "./estimator.ts";
import { digits, listed, signedDigits, term } from "./explain.ts";
import { groupMoments, type Moments, momentsOf, type Spread, spreadOf } from "./moments.ts";
import { Reason } from "./reasons.ts";

export interface GroupForm {
	/** What the centred reward is divided by. */
	spread: Spread;
	/** Added to the spread. */
	epsilon: number;
	/** `others`: the mean over the other members, which is the centred reward times n/(n-1). */
	baseline: "all" | "others";
}

/** Why numbers with these moments give no signal. */
export function signalReason(count: number, squares: number): Reason {
	if (count < 2) return Reason.groupOfOne;
	return squares === 0 ? Reason.noSignal : Reason.none;
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
	const { values } = answer;
	const { count, mean, squares } = groupMoments(batch.groupStart, reward);
	for (let group = 0; group < groupCount(batch); group++) {
		const start = batch.groupStart[group] as number;
		const end = batch.groupStart[group + 1] as number;
		const members = count[group] as number;
		const reason = signalReason(members, squares[group] as number);
		const baseline = members < 2 ? 0 : (mean[group] as number);
		const hidden = reason !== Reason.none && options.asTrainer !== true;
		const scale = hidden ? Number.NaN : scaleOf(squares[group] as number, members, form);
		for (let index = start; index < end; index++) values[index] = ((reward[index] as number) - baseline) * scale;
		if (reason !== Reason.none || members < end - start) giveReasons(batch, reward, start, end, reason, answer);
	}
	return answer;
}

/** Members without a reward get the reason for that, the others the group's. */
export function giveReasons(
	batch: Batch,
	reward: Float64Array,
	start: number,
	end: number,
	reason: Reason,
	{ reasons }: Advantages,
): void {
	for (let index = start; index < end; index++) {
		reasons[index] = Number.isNaN(reward[index]) ? batch.rewardFlaw[index] || Reason.noReward : reason;
	}
}

/** What the centred reward is multiplied with; a group of one has std 1, as in verl. */
function scaleOf(squares: number, count: number, form: GroupForm): number {
	const correction = form.baseline === "others" && count > 1 ? count / (count - 1) : 1;
	if (form.spread === "none") return correction;
	return correction / ((count < 2 ? 1 : spreadOf(squares, count, form.spread)) + form.epsilon);
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
	if (Number.isNaN(own) || signalReason(moments.count, moments.squares) !== Reason.none) return lines;
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
	return `A = (${difference}) / (${digits(spread)} + ${digits(form.epsilon)}) = ${signedDigits(value)}`;
}
