// Generalised advantage estimation (arXiv 1506.02438, equations 11-16), raw, and whitened over the batch as PPO uses it.
// Steps (or tokens) that the agent did not write are masked: the next value and advantage are carried across them.
import { type Batch, rolloutCount } from "./batch.ts";
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

/** The positions of one level (steps or tokens) over all rollouts. */
interface Sequence {
	level: "step" | "token";
	value: Float64Array;
	/** 1 where the agent wrote. */
	mask: Uint8Array;
}

function sequenceOf(batch: Batch): Sequence {
	if (valuesByToken(batch)) return { level: "token", value: batch.tokenValue, mask: batch.tokenMask };
	return { level: "step", value: batch.stepValue, mask: batch.stepActs };
}

/** First and last position of a range of rollouts. */
function positionsOf(batch: Batch, level: Sequence["level"], start: number, end: number): [number, number] {
	const first = batch.stepStart[start] as number;
	const last = batch.stepStart[end] as number;
	return level === "token" ? [batch.tokenStart[first] as number, batch.tokenStart[last] as number] : [first, last];
}

/** Position of a step's last trained token, or the step itself; -1 where it has none. */
function lastPosition(batch: Batch, level: Sequence["level"], step: number): number {
	if (level === "step") return step;
	let token = (batch.tokenStart[step + 1] as number) - 1;
	const first = batch.tokenStart[step] as number;
	while (token >= first && batch.tokenMask[token] === 0) token--;
	return token < first ? -1 : token;
}

/**
 * Writes the reward of each position, NaN where it has none: step rewards at the last position of their steps; where a
 * rollout has none, its outcome at the last position of its last acting step.
 */
function writeRewards(batch: Batch, level: Sequence["level"], rewards: Float64Array): void {
	if (level === "step") rewards.set(batch.stepReward);
	else writeStepRewards(batch, rewards);
	for (let rollout = 0; rollout < rolloutCount(batch); rollout++) {
		if (hasStepRewards(batch, rollout)) continue;
		const last = lastActing(batch, rollout);
		const position = last < 0 ? -1 : lastPosition(batch, level, last);
		if (position >= 0) rewards[position] = batch.reward[rollout] as number;
	}
}

function writeStepRewards(batch: Batch, rewards: Float64Array): void {
	rewards.fill(Number.NaN);
	for (let step = 0; step < batch.stepReward.length; step++) {
		const position = lastPosition(batch, "token", step);
		if (position >= 0) rewards[position] = batch.stepReward[step] as number;
	}
}

/** Turns the rewards of one rollout, in place, into its advantages. Answers whether all its values are there. */
function accumulate(
	{ value, mask }: Sequence,
	start: number,
	end: number,
	gamma: number,
	lambda: number,
	{ values, reasons }: Advantages,
): boolean {
	let nextValue = 0;
	let next = 0;
	for (let position = end - 1; position >= start; position--) {
		if (mask[position] === 0) {
			values[position] = Number.NaN;
			reasons[position] = Reason.notAgent;
			continue;
		}
		const own = value[position] as number;
		const reward = values[position] as number;
		next = (Number.isNaN(reward) ? 0 : reward) + gamma * nextValue - own + gamma * lambda * next;
		nextValue = own;
		values[position] = next;
	}
	return !Number.isNaN(next);
}

/** Empties what the agent wrote: one missing value leaves the whole rollout without a number that could be trusted. */
function giveReason(start: number, end: number, reason: Reason, { values, reasons }: Advantages): void {
	values.fill(Number.NaN, start, end);
	for (let position = start; position < end; position++) {
		if (reasons[position] === Reason.none) reasons[position] = reason;
	}
}

/** True where values are logged for tokens rather than for steps. */
function valuesByToken(batch: Batch): boolean {
	return batch.tokenValue.some((value) => !Number.isNaN(value));
}

function raw(batch: Batch, sequence: Sequence, options: EstimatorOptions): Advantages {
	const answer = newAdvantages(sequence.level, sequence.value.length, options);
	const gamma = numberSetting(GAMMA, options);
	const lambda = numberSetting(LAMBDA, options);
	writeRewards(batch, sequence.level, answer.values);
	for (let rollout = 0; rollout < rolloutCount(batch); rollout++) {
		const [start, end] = positionsOf(batch, sequence.level, rollout, rollout + 1);
		const complete = accumulate(sequence, start, end, gamma, lambda, answer);
		if (!complete) giveReason(start, end, Reason.noValues, answer);
		else if (Number.isNaN(batch.reward[rollout]) && !hasStepRewards(batch, rollout)) {
			giveReason(start, end, Reason.noReward, answer);
		}
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

function whitened(batch: Batch, options: EstimatorOptions): Advantages {
	const sequence = sequenceOf(batch);
	const answer = raw(batch, sequence, options);
	for (const training of batch.batches) {
		const range = rangeOf(batch, training);
		const [start, end] = positionsOf(batch, sequence.level, range.start, range.end);
		if (refuses(training, options)) {
			answer.values.fill(Number.NaN, start, end);
			answer.reasons.fill(Reason.partialBatch, start, end);
			continue;
		}
		const { mean, variance } = whiteningOf(answer.values, start, end);
		const scale = 1 / Math.sqrt(variance + WHITEN_EPSILON);
		for (let index = start; index < end; index++) {
			answer.values[index] = ((answer.values[index] as number) - mean) * scale;
		}
	}
	return answer;
}

function explainRaw(batch: Batch, at: At, options: EstimatorOptions = {}): string[] {
	const gamma = numberSetting(GAMMA, options);
	const lambda = numberSetting(LAMBDA, options);
	if (at.step === null || batch.stepActs[at.step] === 0) return [];
	const sequence = sequenceOf(batch);
	if (sequence.level === "token") {
		return [`\u03b3 ${gamma}, \u03bb ${lambda}, token by token; the step shows the mean over its trained tokens`];
	}
	const { values } = raw(batch, sequence, options);
	if (Number.isNaN(values[at.step])) return [];
	const end = batch.stepStart[at.rollout + 1] as number;
	let next = at.step + 1;
	while (next < end && sequence.mask[next] === 0) next++;
	const value = sequence.value[at.step] as number;
	const nextValue = next < end ? (sequence.value[next] as number) : 0;
	const nextAdvantage = next < end ? (values[next] as number) : 0;
	const rewards = new Float64Array(values.length);
	writeRewards(batch, sequence.level, rewards);
	const reward = rewards[at.step] || 0;
	const delta = reward + gamma * nextValue - value;
	const advantage = delta + gamma * lambda * nextAdvantage;
	return [
		`\u03b3 ${gamma}, \u03bb ${lambda}; r ${digits(reward)}, V ${digits(value)}, next V ${digits(nextValue)}, next A ${digits(nextAdvantage)}`,
		`\u03b4 = ${digits(reward)} + ${gamma} \u00b7 ${term(nextValue)} \u2212 ${term(value)} = ${signedDigits(delta)}`,
		`A = ${digits(delta)} + ${digits(gamma * lambda)} \u00b7 ${term(nextAdvantage)} = ${signedDigits(advantage)}; return A + V = ${digits(advantage + value)}`,
	];
}

function explainWhitened(batch: Batch, at: At, options: EstimatorOptions = {}): string[] {
	const lines = [...explainBatch(batch, at, options), ...explainRaw(batch, at, options)];
	const training = trainingBatchAt(batch, at.rollout);
	if (refuses(training, options) || at.step === null) return lines;
	const sequence = sequenceOf(batch);
	const { values } = raw(batch, sequence, options);
	const range = rangeOf(batch, training);
	const [start, end] = positionsOf(batch, sequence.level, range.start, range.end);
	const { mean, variance, count } = whiteningOf(values, start, end);
	lines.push(`whitened over ${count} ${sequence.level}s: mean ${digits(mean)}, sample variance ${digits(variance)}`);
	const own = sequence.level === "step" ? (values[at.step] as number) : Number.NaN;
	if (Number.isNaN(own)) return lines;
	const value = (own - mean) / Math.sqrt(variance + WHITEN_EPSILON);
	lines.push(
		`(${digits(own)} \u2212 ${term(mean)}) / \u221a(${digits(variance)} + ${digits(WHITEN_EPSILON)}) = ${signedDigits(value)}`,
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
	compute: (batch, options = {}) => raw(batch, sequenceOf(batch), options),
	explain: explainRaw,
};

export const ppo: Estimator = {
	...SHARED,
	id: "ppo",
	title: "PPO (whitened GAE)",
	scope: "batch",
	std: "sample",
	epsilon: WHITEN_EPSILON,
	formula: `A = (GAE \u2212 mean) / \u221a(variance + ${digits(WHITEN_EPSILON)}) over all trained tokens or steps of the batch`,
	source: { title: "PPO", reference: "arXiv 1707.06347; verl", where: "section 5, masked_whiten" },
	compute: (batch, options = {}) => whitened(batch, options),
	explain: explainWhitened,
};
