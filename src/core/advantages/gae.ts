// Generalised advantage estimation (arXiv 1506.02438, equations 11-16), raw, and whitened over the batch as PPO uses it.
// Steps (or tokens) that the agent did not write are masked: the next value and advantage are carried across them.
import { type Batch, rolloutCount, stepCount } from "./batch.ts";
import { explainBatch, rangeOf, refuses, trainingBatchAt } from "./batchwide.ts";
import {
	type Advantages,
	type At,
	type Estimator,
	type EstimatorOptions,
	newAdvantages,
	numberSetting,
	type Parameter,
} from "./estimator.ts";
import { digits, signedDigits, term } from "./explain.ts";
import { Reason } from "./reasons.ts";
import { hasStepRewards, lastActing } from "./steps.ts";

const GAMMA: Parameter = { name: "gamma", default: 1, meaning: "discount of the next value" };
const LAMBDA: Parameter = { name: "lambda", default: 0.95, meaning: "0 trusts the values, 1 the rewards" };
const WHITEN_EPSILON = 1e-8;

/** One rollout's sequence: the positions of one level, its values and its mask. */
interface Sequence {
	start: number;
	end: number;
	value: Float64Array;
	mask: Uint8Array;
	/** [end - start] reward at each position. */
	rewardAt: (position: number) => number;
}

function sequenceOf(batch: Batch, rollout: number, byToken: boolean): Sequence {
	const first = batch.stepStart[rollout] as number;
	const end = batch.stepStart[rollout + 1] as number;
	if (!byToken) {
		const last = hasStepRewards(batch, rollout) ? -1 : lastActing(batch, rollout);
		const outcome = batch.reward[rollout] as number;
		const rewardAt = (step: number) =>
			step === last ? outcome : last >= 0 ? 0 : (batch.stepReward[step] as number) || 0;
		return { start: first, end, value: batch.stepValue, mask: batch.stepActs, rewardAt };
	}
	const rewards = tokenRewards(batch, rollout, first, end);
	return {
		start: batch.tokenStart[first] as number,
		end: batch.tokenStart[end] as number,
		value: batch.tokenValue,
		mask: batch.tokenMask,
		rewardAt: (token) => rewards.get(token) ?? 0,
	};
}

/** Each step's reward stands at its last trained token; the outcome at the last of all. */
function tokenRewards(batch: Batch, rollout: number, first: number, end: number): Map<number, number> {
	const rewards = new Map<number, number>();
	let last = -1;
	for (let step = first; step < end; step++) {
		let own = -1;
		for (let token = batch.tokenStart[step] as number; token < (batch.tokenStart[step + 1] as number); token++) {
			if (batch.tokenMask[token] === 1) own = token;
		}
		if (own < 0) continue;
		last = own;
		const reward = batch.stepReward[step] as number;
		if (!Number.isNaN(reward)) rewards.set(own, reward);
	}
	if (rewards.size === 0 && last >= 0) rewards.set(last, batch.reward[rollout] as number);
	return rewards;
}

function fill(sequence: Sequence, gamma: number, lambda: number, values: Float64Array, reasons: Uint8Array): void {
	let nextValue = 0;
	let next = 0;
	let known = true;
	for (let position = sequence.end - 1; position >= sequence.start; position--) {
		if (sequence.mask[position] === 0) {
			values[position] = Number.NaN;
			reasons[position] = Reason.notAgent;
			continue;
		}
		const value = sequence.value[position] as number;
		known &&= !Number.isNaN(value);
		next = sequence.rewardAt(position) + gamma * nextValue - value + gamma * lambda * next;
		nextValue = value;
		values[position] = next;
		if (Number.isNaN(next)) reasons[position] = known ? Reason.noReward : Reason.noValues;
	}
}

/** True where values are logged for tokens rather than for steps. */
function valuesByToken(batch: Batch): boolean {
	return batch.tokenValue.some((value) => !Number.isNaN(value));
}

function raw(batch: Batch, options: EstimatorOptions): Advantages {
	const byToken = valuesByToken(batch);
	const length = byToken ? batch.tokenValue.length : stepCount(batch);
	const answer = newAdvantages(byToken ? "token" : "step", length, options);
	const gamma = numberSetting(GAMMA, options);
	const lambda = numberSetting(LAMBDA, options);
	for (let rollout = 0; rollout < rolloutCount(batch); rollout++) {
		fill(sequenceOf(batch, rollout, byToken), gamma, lambda, answer.values, answer.reasons);
	}
	return answer;
}

interface Whitening {
	mean: number;
	variance: number;
	count: number;
}

function whiteningOf(values: Float64Array, start: number, end: number): Whitening {
	let count = 0;
	let sum = 0;
	for (let index = start; index < end; index++) {
		const value = values[index] as number;
		if (Number.isNaN(value)) continue;
		count++;
		sum += value;
	}
	const mean = sum / count;
	let squares = 0;
	for (let index = start; index < end; index++) {
		const value = values[index] as number;
		if (!Number.isNaN(value)) squares += (value - mean) * (value - mean);
	}
	return { mean, variance: squares / (count - 1), count };
}

/** First and last position of a training batch at the level of the answer. */
function positionsOf(batch: Batch, level: Advantages["level"], start: number, end: number): [number, number] {
	const first = batch.stepStart[start] as number;
	const last = batch.stepStart[end] as number;
	return level === "token" ? [batch.tokenStart[first] as number, batch.tokenStart[last] as number] : [first, last];
}

function whitened(batch: Batch, options: EstimatorOptions): Advantages {
	const answer = raw(batch, options);
	for (const training of batch.batches) {
		const range = rangeOf(batch, training);
		const [start, end] = positionsOf(batch, answer.level, range.start, range.end);
		if (refuses(training, options)) {
			answer.values.fill(Number.NaN, start, end);
			answer.reasons.fill(Reason.partialBatch, start, end);
			continue;
		}
		const { mean, variance } = whiteningOf(answer.values, start, end);
		const scale = 1 / Math.sqrt(variance + WHITEN_EPSILON);
		for (let index = start; index < end; index++)
			answer.values[index] = ((answer.values[index] as number) - mean) * scale;
	}
	return answer;
}

function explainRaw(batch: Batch, at: At, options: EstimatorOptions = {}): string[] {
	const gamma = numberSetting(GAMMA, options);
	const lambda = numberSetting(LAMBDA, options);
	if (at.step === null || batch.stepActs[at.step] === 0) return [];
	if (valuesByToken(batch))
		return [`\u03b3 ${gamma}, \u03bb ${lambda}, token by token; the step shows the mean over its trained tokens`];
	const { values } = raw(batch, options);
	const sequence = sequenceOf(batch, at.rollout, false);
	const value = sequence.value[at.step] as number;
	let next = at.step + 1;
	while (next < sequence.end && sequence.mask[next] === 0) next++;
	const nextValue = next < sequence.end ? (sequence.value[next] as number) : 0;
	const nextAdvantage = next < sequence.end ? (values[next] as number) : 0;
	const reward = sequence.rewardAt(at.step);
	const delta = reward + gamma * nextValue - value;
	const carried = gamma * lambda * nextAdvantage;
	return [
		`\u03b3 ${gamma}, \u03bb ${lambda}; r ${digits(reward)}, V ${digits(value)}, next V ${digits(nextValue)}, next A ${digits(nextAdvantage)}`,
		`\u03b4 = ${digits(reward)} + ${gamma} \u00b7 ${term(nextValue)} \u2212 ${term(value)} = ${signedDigits(delta)}`,
		`A = ${digits(delta)} + ${digits(gamma * lambda)} \u00b7 ${term(nextAdvantage)} = ${signedDigits(delta + carried)}; return A + V = ${digits(delta + carried + value)}`,
	];
}

function explainWhitened(batch: Batch, at: At, options: EstimatorOptions = {}): string[] {
	const lines = [...explainBatch(batch, at, options), ...explainRaw(batch, at, options)];
	const training = trainingBatchAt(batch, at.rollout);
	if (refuses(training, options) || at.step === null) return lines;
	const answer = raw(batch, options);
	const range = rangeOf(batch, training);
	const { mean, variance, count } = whiteningOf(
		answer.values,
		...positionsOf(batch, answer.level, range.start, range.end),
	);
	lines.push(`whitened over ${count} ${answer.level}s: mean ${digits(mean)}, sample variance ${digits(variance)}`);
	if (answer.level !== "step") return lines;
	const own = answer.values[at.step] as number;
	const value = (own - mean) / Math.sqrt(variance + WHITEN_EPSILON);
	lines.push(
		`(${digits(own)} \u2212 ${term(mean)}) / \u221a(${digits(variance)} + ${WHITEN_EPSILON}) = ${signedDigits(value)}`,
	);
	return lines;
}

const SHARED = {
	level: "token",
	needs: ["reward", "values"],
	grade: "A",
	choice:
		"token by token where values are logged for tokens, else step by step; the rollout's reward stands at its last acting step where no step has its own; after the end the value is 0",
	oneMember: "a number: the baseline is the value, not the group",
	zeroVariance: "a number: the baseline is the value, not the group",
	missingReward: "empty for its steps",
	parameters: [GAMMA, LAMBDA],
} as const;

export const gae: Estimator = {
	...SHARED,
	id: "gae",
	title: "GAE",
	scope: "rollout",
	std: "none",
	epsilon: 0,
	formula: "A = \u03b4 + \u03b3\u03bb A of the next step, \u03b4 = r + \u03b3 V of the next step \u2212 V",
	source: { title: "Generalized Advantage Estimation", reference: "arXiv 1506.02438", where: "equations 11-16" },
	compute: (batch, options = {}) => raw(batch, options),
	explain: explainRaw,
};

export const ppo: Estimator = {
	...SHARED,
	id: "ppo",
	title: "PPO (whitened GAE)",
	scope: "batch",
	std: "sample",
	epsilon: WHITEN_EPSILON,
	formula: `A = (GAE \u2212 mean) / \u221a(variance + ${WHITEN_EPSILON}) over all trained tokens or steps of the batch`,
	source: { title: "PPO", reference: "arXiv 1707.06347; verl", where: "section 5, masked_whiten" },
	compute: (batch, options = {}) => whitened(batch, options),
	explain: explainWhitened,
};
