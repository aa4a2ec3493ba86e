// GiGPO (arXiv 2505.10978, equations 3-8): episode advantage plus omega times a step advantage among all visits of the
// group to the same state, with discounted returns.
import { type Batch, rolloutCount, stepCount } from "./batch.ts";
import {
	type Advantages,
	type At,
	choiceSetting,
	type Estimator,
	type EstimatorOptions,
	LEFT_OUT,
	NO_BASELINE,
	newAdvantages,
	numberSetting,
	type Parameter,
} from "./estimator.ts";
import { digits, signedDigits, term } from "./explain.ts";
import { isFlat, spreadOf } from "./moments.ts";
import { Reason } from "./reasons.ts";
import { explainRelative, type GroupForm, relativeToGroup } from "./relative.ts";
import { hasStepRewards } from "./steps.ts";

const EPSILON = 1e-6;
const OMEGA: Parameter = { name: "omega", default: 1, meaning: "weight of the step advantage" };
const GAMMA: Parameter = {
	name: "gamma",
	default: 0.95,
	meaning: "discount of later rewards, a step of the agent at a time",
};
const NORM: Parameter = {
	name: "norm",
	default: "std",
	choices: ["std", "1"],
	meaning: "what centred returns are divided by: the sample std, or 1",
};

function formOf(options: EstimatorOptions): GroupForm {
	const spread = choiceSetting(NORM, options) === "1" ? "none" : "sample";
	return { spread, epsilon: EPSILON, baseline: "all" };
}

/** Writes the discounted return of each step of the agent; NaN elsewhere and where the rollout has no reward. */
function writeReturns(batch: Batch, gamma: number, returns: Float64Array): void {
	const { stepActs, stepReward } = batch;
	for (let rollout = 0; rollout < rolloutCount(batch); rollout++) {
		const byStep = hasStepRewards(batch, rollout);
		const first = batch.stepStart[rollout] as number;
		let sum = byStep ? 0 : (batch.reward[rollout] as number);
		// the outcome belongs to the last acting step: nothing is discounted there
		let discount = 1;
		for (let step = (batch.stepStart[rollout + 1] as number) - 1; step >= first; step--) {
			if (stepActs[step] === 0) {
				returns[step] = Number.NaN;
				continue;
			}
			sum *= discount;
			discount = gamma;
			const reward = stepReward[step] as number;
			if (byStep && !Number.isNaN(reward)) sum += reward;
			returns[step] = sum;
		}
	}
}

/** Count, mean and spread of the returns of all visits to each state. */
interface Visits {
	/** [anchors] */
	count: Int32Array;
	mean: Float64Array;
	/** What centred returns are multiplied with; 0 where all returns are equal. */
	scale: Float64Array;
}

function visitsOf(batch: Batch, returns: Float64Array, form: GroupForm): Visits {
	const { stepAnchor } = batch;
	const count = new Int32Array(batch.anchors);
	const mean = new Float64Array(batch.anchors);
	const scale = new Float64Array(batch.anchors);
	for (let step = 0; step < returns.length; step++) {
		const anchor = stepAnchor[step] as number;
		const value = returns[step] as number;
		if (anchor < 0 || Number.isNaN(value)) continue;
		count[anchor] = (count[anchor] as number) + 1;
		mean[anchor] = (mean[anchor] as number) + value;
	}
	for (let anchor = 0; anchor < mean.length; anchor++)
		mean[anchor] = (mean[anchor] as number) / (count[anchor] as number);
	for (let step = 0; step < returns.length; step++) {
		const anchor = stepAnchor[step] as number;
		if (anchor < 0) continue;
		const deviation = (returns[step] as number) - (mean[anchor] as number);
		if (!Number.isNaN(deviation)) scale[anchor] = (scale[anchor] as number) + deviation * deviation;
	}
	for (let anchor = 0; anchor < scale.length; anchor++) {
		const squares = scale[anchor] as number;
		if (isFlat(Math.sqrt(squares), mean[anchor] as number)) scale[anchor] = 0;
		else if (form.spread === "none") scale[anchor] = 1;
		else scale[anchor] = 1 / (spreadOf(squares, count[anchor] as number, form.spread) + form.epsilon);
	}
	return { count, mean, scale };
}

/** A step alone in its state, or among equal returns, is compared with nothing: 0, as in the released code. */
function stepAdvantage(anchor: number, { mean, scale }: Visits, discounted: number): number {
	if (anchor < 0 || scale[anchor] === 0) return 0;
	return (discounted - (mean[anchor] as number)) * (scale[anchor] as number);
}

function compute(batch: Batch, options: EstimatorOptions = {}): Advantages {
	const form = formOf(options);
	const { into: _, ...rest } = options;
	const episode = relativeToGroup(batch, batch.reward, form, { ...rest, asTrainer: true });
	const omega = numberSetting(OMEGA, options);
	const answer = newAdvantages("step", stepCount(batch), options);
	const { values, reasons } = answer;
	// returns first stand where the advantages will: a million steps are not allocated twice
	writeReturns(batch, numberSetting(GAMMA, options), values);
	const visits = visitsOf(batch, values, form);
	const { stepActs, stepAnchor } = batch;
	const hide = options.asTrainer !== true;
	for (let rollout = 0; rollout < rolloutCount(batch); rollout++) {
		const global = episode.values[rollout] as number;
		const reason = episode.reasons[rollout] as number;
		const end = batch.stepStart[rollout + 1] as number;
		for (let step = batch.stepStart[rollout] as number; step < end; step++) {
			if (stepActs[step] === 0) {
				reasons[step] = Reason.notAgent;
				continue;
			}
			const local = stepAdvantage(stepAnchor[step] as number, visits, values[step] as number);
			values[step] = global + omega * local;
			// equal rewards still leave the step part, where visits to the state differ in return
			if (reason === Reason.none || (reason === Reason.noSignal && local !== 0)) continue;
			reasons[step] = reason;
			if (hide) values[step] = Number.NaN;
		}
	}
	return answer;
}

function explain(batch: Batch, at: At, options: EstimatorOptions = {}): string[] {
	const form = formOf(options);
	const lines = explainRelative(batch, batch.reward, form, at).map((line) => `episode: ${line}`);
	if (at.step === null || batch.stepActs[at.step] === 0) return lines;
	const gamma = numberSetting(GAMMA, options);
	const omega = numberSetting(OMEGA, options);
	const returns = new Float64Array(stepCount(batch));
	writeReturns(batch, gamma, returns);
	const visits = visitsOf(batch, returns, form);
	const anchor = batch.stepAnchor[at.step] as number;
	const count = visits.count[anchor] ?? 0;
	const own = returns[at.step] as number;
	const local = stepAdvantage(anchor, visits, own);
	lines.push(`return ${digits(own)} with \u03b3 ${gamma}`);
	if (local === 0)
		lines.push(`state visited ${count === 1 ? "once" : `${count} times with equal returns`}: step advantage 0`);
	else {
		const mean = visits.mean[anchor] as number;
		const divisor = 1 / (visits.scale[anchor] as number);
		lines.push(`state visited ${count} times: mean return ${digits(mean)}`);
		lines.push(`step: (${digits(own)} \u2212 ${term(mean)}) / ${digits(divisor)} = ${signedDigits(local)}`);
	}
	const { into: _, ...rest } = options;
	const global = relativeToGroup(batch, batch.reward, form, { ...rest, asTrainer: true }).values[at.rollout] as number;
	lines.push(`A = ${digits(global)} + ${omega} \u00b7 ${term(local)} = ${signedDigits(global + omega * local)}`);
	return lines;
}

/** Share of the agent's steps that another visit to the same state can be compared with; NaN where the agent never acted. */
export function anchoredShare(batch: Batch): number {
	const visits = new Int32Array(batch.anchors);
	let acting = 0;
	for (const anchor of batch.stepAnchor) if (anchor >= 0) visits[anchor] = (visits[anchor] as number) + 1;
	let anchored = 0;
	for (let step = 0; step < stepCount(batch); step++) {
		if (batch.stepActs[step] === 0) continue;
		acting++;
		if ((visits[batch.stepAnchor[step] as number] ?? 0) > 1) anchored++;
	}
	return anchored / acting;
}

export const gigpo: Estimator = {
	id: "gigpo",
	title: "GiGPO",
	level: "step",
	scope: "group",
	needs: ["reward", "states"],
	std: "sample",
	epsilon: EPSILON,
	formula:
		"A = (r \u2212 mean) / F over the group + \u03c9 (return \u2212 mean return) / F over all visits to the same state",
	source: { title: "GiGPO", reference: "arXiv 2505.10978", where: "equations 3-8" },
	grade: "A",
	choice:
		"a state is what the environment logged, else everything that came back since the last action, times and white space apart; F is the sample std or 1; \u03b3 0.95 as in the released scripts",
	oneMember: NO_BASELINE,
	zeroVariance: "the step part alone where visits to the state differ in return, else empty: no signal",
	missingReward: LEFT_OUT,
	parameters: [OMEGA, GAMMA, NORM],
	compute,
	explain,
};
