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

/** [steps] discounted return of each step of the agent; NaN elsewhere and where the rollout has no reward. */
function returnsOf(batch: Batch, gamma: number): Float64Array {
	const returns = new Float64Array(stepCount(batch));
	for (let rollout = 0; rollout < rolloutCount(batch); rollout++) {
		const byStep = hasStepRewards(batch, rollout);
		const first = batch.stepStart[rollout] as number;
		let sum = byStep ? 0 : (batch.reward[rollout] as number);
		let later = byStep;
		for (let step = (batch.stepStart[rollout + 1] as number) - 1; step >= first; step--) {
			if (batch.stepActs[step] === 0) {
				returns[step] = Number.NaN;
				continue;
			}
			// the outcome belongs to the last acting step: nothing is discounted there
			if (later) sum *= gamma;
			later = true;
			if (byStep) sum += (batch.stepReward[step] as number) || 0;
			returns[step] = sum;
		}
	}
	return returns;
}

/** Count, mean and spread of the returns of all visits to each state. */
interface Visits {
	count: Int32Array;
	mean: Float64Array;
	/** What centred returns are divided by. */
	divisor: Float64Array;
}

function visitsOf(batch: Batch, returns: Float64Array, form: GroupForm): Visits {
	const count = new Int32Array(batch.anchors);
	const mean = new Float64Array(batch.anchors);
	const squares = new Float64Array(batch.anchors);
	for (let step = 0; step < returns.length; step++) {
		const anchor = batch.stepAnchor[step] as number;
		const value = returns[step] as number;
		if (anchor < 0 || Number.isNaN(value)) continue;
		// Welford's update: one pass, and exactly 0 squares for equal returns
		const visits = (count[anchor] as number) + 1;
		const deviation = value - (mean[anchor] as number);
		count[anchor] = visits;
		mean[anchor] = (mean[anchor] as number) + deviation / visits;
		squares[anchor] = (squares[anchor] as number) + deviation * (value - (mean[anchor] as number));
	}
	for (let anchor = 0; anchor < squares.length; anchor++) {
		const visits = count[anchor] as number;
		const spread =
			form.spread === "none" || visits < 2 ? 1 : Math.sqrt((squares[anchor] as number) / (visits - 1)) + EPSILON;
		squares[anchor] = spread;
	}
	return { count, mean, divisor: squares };
}

/** A step alone in its state is compared with nobody: 0, as in the released code. */
function stepAdvantage(batch: Batch, visits: Visits, returns: Float64Array, step: number): number {
	const anchor = batch.stepAnchor[step] as number;
	if (anchor < 0 || (visits.count[anchor] as number) < 2) return 0;
	return ((returns[step] as number) - (visits.mean[anchor] as number)) / (visits.divisor[anchor] as number);
}

function compute(batch: Batch, options: EstimatorOptions = {}): Advantages {
	const form = formOf(options);
	const { into: _, ...rest } = options;
	const episode = relativeToGroup(batch, batch.reward, form, { ...rest, asTrainer: true });
	const returns = returnsOf(batch, numberSetting(GAMMA, options));
	const visits = visitsOf(batch, returns, form);
	const omega = numberSetting(OMEGA, options);
	const answer = newAdvantages("step", stepCount(batch), options);
	for (let rollout = 0; rollout < rolloutCount(batch); rollout++) {
		const global = episode.values[rollout] as number;
		const reason = episode.reasons[rollout] as number;
		const end = batch.stepStart[rollout + 1] as number;
		for (let step = batch.stepStart[rollout] as number; step < end; step++) {
			if (batch.stepActs[step] === 0) {
				answer.values[step] = Number.NaN;
				answer.reasons[step] = Reason.notAgent;
				continue;
			}
			const local = stepAdvantage(batch, visits, returns, step);
			const silent = reason !== Reason.none && (local === 0 || reason !== Reason.noSignal);
			answer.values[step] = silent && options.asTrainer !== true ? Number.NaN : global + omega * local;
			answer.reasons[step] = silent ? reason : Reason.none;
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
	const returns = returnsOf(batch, gamma);
	const visits = visitsOf(batch, returns, form);
	const anchor = batch.stepAnchor[at.step] as number;
	const count = visits.count[anchor] ?? 0;
	const local = stepAdvantage(batch, visits, returns, at.step);
	lines.push(`return ${digits(returns[at.step] as number)} with \u03b3 ${gamma}`);
	if (count < 2) lines.push("this state was visited once: step advantage 0");
	else {
		const mean = visits.mean[anchor] as number;
		const divisor = visits.divisor[anchor] as number;
		lines.push(`state visited ${count} times: mean return ${digits(mean)}`);
		lines.push(
			`step: (${digits(returns[at.step] as number)} \u2212 ${term(mean)}) / ${digits(divisor)} = ${signedDigits(local)}`,
		);
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
