// GiGPO (arXiv 2505.10978): episode advantage plus omega times a step advantage among all visits of the
// group to the same state, with discounted returns.
import { type Batch, groupCount, rolloutCount, stepCount } from "./batch.ts";
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
import { isFlat } from "./moments.ts";
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

/**
 * Writes the discounted return of each step of the agent; NaN elsewhere and where the rollout has no reward.
 * @param reasons gets `notAgent` where the agent did not act
 */
function writeReturns(batch: Batch, rollout: number, gamma: number, { values: returns, reasons }: Advantages): void {
	const { stepActs, stepReward } = batch;
	const byStep = hasStepRewards(batch, rollout);
	const first = batch.stepStart[rollout] as number;
	let sum = byStep ? 0 : (batch.reward[rollout] as number);
	// the outcome belongs to the last acting step: nothing is discounted there
	let discount = 1;
	for (let step = (batch.stepStart[rollout + 1] as number) - 1; step >= first; step--) {
		if (stepActs[step] === 0) {
			returns[step] = Number.NaN;
			reasons[step] = Reason.notAgent;
			continue;
		}
		const reward = byStep ? (stepReward[step] as number) : 0;
		sum = sum * discount + (Number.isNaN(reward) ? 0 : reward);
		discount = gamma;
		returns[step] = sum;
	}
}

/** Mean and scale of the returns of the visits to one state. */
interface Visits {
	count: number;
	mean: number;
	/** What centred returns are multiplied with; 0 where nothing is compared: one visit, or equal returns. */
	scale: number;
}

/**
 * One pass over the visits: deviations are taken from the first return, so that equal returns give exactly 0.
 * @param out is written, so that no object is made for each of a million states
 */
function readVisits(batch: Batch, returns: Float64Array, anchor: number, form: GroupForm, out: Visits): void {
	const { anchorStart, anchorSteps } = batch;
	const end = anchorStart[anchor + 1] as number;
	let visit = anchorStart[anchor] as number;
	// rollouts without a reward have no returns and are no visits to compare with
	while (visit < end && Number.isNaN(returns[anchorSteps[visit] as number])) visit++;
	const first = returns[anchorSteps[visit] as number] as number;
	let count = 0;
	let sum = 0;
	let squares = 0;
	for (; visit < end; visit++) {
		const deviation = (returns[anchorSteps[visit] as number] as number) - first;
		if (Number.isNaN(deviation)) continue;
		count++;
		sum += deviation;
		squares += deviation * deviation;
	}
	// sample std; the divisions by counts need not wait for the sums
	const share = 1 / count;
	const freedom = count < 2 ? 0 : 1 / (count - 1);
	const shift = sum * share;
	const std = Math.sqrt(Math.max(0, squares - sum * shift) * freedom);
	out.count = count;
	out.mean = first + shift;
	if (isFlat(std, first)) out.scale = 0;
	else out.scale = form.spread === "none" ? 1 : 1 / (std + form.epsilon);
}

/** Turns the returns of all visits to one state, in place, into step advantages. */
function compareVisits(batch: Batch, returns: Float64Array, anchor: number, form: GroupForm, visits: Visits): void {
	const { anchorStart, anchorSteps } = batch;
	readVisits(batch, returns, anchor, form, visits);
	const { mean, scale } = visits;
	const end = anchorStart[anchor + 1] as number;
	for (let visit = anchorStart[anchor] as number; visit < end; visit++) {
		const step = anchorSteps[visit] as number;
		returns[step] = scale === 0 ? 0 : ((returns[step] as number) - mean) * scale;
	}
}

function compute(batch: Batch, options: EstimatorOptions = {}): Advantages {
	const form = formOf(options);
	const { into: _, ...rest } = options;
	const episode = relativeToGroup(batch, batch.reward, form, { ...rest, asTrainer: true });
	const omega = numberSetting(OMEGA, options);
	const gamma = numberSetting(GAMMA, options);
	const answer = newAdvantages("step", stepCount(batch), options);
	const visits: Visits = { count: 0, mean: 0, scale: 0 };
	let anchor = 0;
	// group by group, so that the returns and step advantages that stand where the sums will are still at hand
	for (let group = 0; group < groupCount(batch); group++) {
		const start = batch.groupStart[group] as number;
		const end = batch.groupStart[group + 1] as number;
		for (let rollout = start; rollout < end; rollout++) writeReturns(batch, rollout, gamma, answer);
		const endStep = batch.stepStart[end] as number;
		for (; anchorBefore(batch, anchor, endStep); anchor++) {
			compareVisits(batch, answer.values, anchor, form, visits);
		}
		for (let rollout = start; rollout < end; rollout++) addEpisode(batch, rollout, omega, episode, answer, options);
	}
	return answer;
}

/** True where the next state's visits lie before `step`: states are numbered group by group. */
function anchorBefore({ anchorStart, anchorSteps }: Batch, anchor: number, step: number): boolean {
	return anchor < anchorStart.length - 1 && (anchorSteps[anchorStart[anchor] as number] as number) < step;
}

function addEpisode(
	batch: Batch,
	rollout: number,
	omega: number,
	episode: Advantages,
	answer: Advantages,
	options: EstimatorOptions,
): void {
	const { values } = answer;
	const global = episode.values[rollout] as number;
	const reason = episode.reasons[rollout] as number;
	const start = batch.stepStart[rollout] as number;
	const end = batch.stepStart[rollout + 1] as number;
	for (let step = start; step < end; step++) values[step] = global + omega * (values[step] as number);
	if (reason !== Reason.none) giveReasons(start, end, global, reason, answer, options);
}

/** Equal rewards still leave the step part, where visits to the state differ in return. */
function giveReasons(
	start: number,
	end: number,
	global: number,
	reason: number,
	{ values, reasons }: Advantages,
	options: EstimatorOptions,
): void {
	for (let step = start; step < end; step++) {
		if (reasons[step] !== Reason.none || (reason === Reason.noSignal && values[step] !== global)) continue;
		reasons[step] = reason;
		if (options.asTrainer !== true) values[step] = Number.NaN;
	}
}

function explain(batch: Batch, at: At, options: EstimatorOptions = {}): string[] {
	const form = formOf(options);
	const lines = explainRelative(batch, batch.reward, form, at).map((line) => `episode: ${line}`);
	if (at.step === null || batch.stepActs[at.step] === 0) return lines;
	const gamma = numberSetting(GAMMA, options);
	const omega = numberSetting(OMEGA, options);
	const returned = newAdvantages("step", stepCount(batch), {});
	for (let rollout = 0; rollout < rolloutCount(batch); rollout++) writeReturns(batch, rollout, gamma, returned);
	const returns = returned.values;
	const visits: Visits = { count: 0, mean: 0, scale: 0 };
	readVisits(batch, returns, batch.stepAnchor[at.step] as number, form, visits);
	const { count, mean, scale } = visits;
	const own = returns[at.step] as number;
	const local = scale === 0 ? 0 : (own - mean) * scale;
	lines.push(`return ${digits(own)} with \u03b3 ${gamma}`);
	if (scale === 0) {
		lines.push(`state visited ${count < 2 ? "once" : `${count} times with equal returns`}: step advantage 0`);
	} else {
		lines.push(`state visited ${count} times: mean return ${digits(mean)}`);
		lines.push(`step: (${digits(own)} \u2212 ${term(mean)}) / ${digits(1 / scale)} = ${signedDigits(local)}`);
	}
	const { into: _, ...rest } = options;
	const global = relativeToGroup(batch, batch.reward, form, { ...rest, asTrainer: true }).values[at.rollout] as number;
	lines.push(`A = ${digits(global)} + ${omega} \u00b7 ${term(local)} = ${signedDigits(global + omega * local)}`);
	return lines;
}

/** Share of the agent's steps that another visit to the same state can be compared with; NaN where the agent never acted. */
export function anchoredShare(batch: Batch): number {
	const { anchorStart } = batch;
	let anchored = 0;
	for (let anchor = 0; anchor < anchorStart.length - 1; anchor++) {
		const visits = (anchorStart[anchor + 1] as number) - (anchorStart[anchor] as number);
		if (visits > 1) anchored += visits;
	}
	return anchored / batch.anchorSteps.length;
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
	source: { title: "GiGPO", reference: "arXiv 2505.10978", where: "episode and step relative advantages" },
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
