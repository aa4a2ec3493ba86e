// DAPO (arXiv 2503.14476): groups that are all correct or all wrong are sampled again, so they
// carry nothing; too long responses lose up to 1; the rest is GRPO.
import { type Batch, groupCount } from "./batch.ts";
import {
	type Advantages,
	type At,
	choiceSetting,
	type Estimator,
	type EstimatorOptions,
	LEFT_OUT,
	NO_BASELINE,
	numberSetting,
	type Parameter,
} from "./estimator.ts";
import { digits, listed } from "./explain.ts";
import { Reason } from "./reasons.ts";
import { explainRelative, type GroupForm, relativeToGroup } from "./relative.ts";

const FORM: GroupForm = { spread: "sample", epsilon: 1e-6, baseline: "all" };

const MAX_LENGTH: Parameter = { name: "maxLength", default: 20480, meaning: "tokens beyond which the penalty is 1" };
const CACHE: Parameter = {
	name: "cache",
	default: 4096,
	meaning: "tokens before maxLength over which the penalty grows",
};
const OVERLONG: Parameter = {
	name: "overlong",
	default: "on",
	choices: ["on", "off"],
	meaning: "off where the logged reward already holds the penalty",
};

/** Soft overlong punishment: 0 up to `maxLength - cache`, then falling to -1 at `maxLength`, -1 beyond. */
export function softOverlong(length: number, maxLength: number, cache: number): number {
	const free = maxLength - cache;
	if (length <= free) return 0;
	return length <= maxLength ? (free - length) / cache : -1;
}

/** The penalty of each rollout; 0 for whole groups in which a length is missing, so that all members are treated alike. */
function penalties(batch: Batch, options: EstimatorOptions): Float64Array | null {
	if (choiceSetting(OVERLONG, options) === "off") return null;
	const maxLength = numberSetting(MAX_LENGTH, options);
	const cache = numberSetting(CACHE, options);
	const answer = new Float64Array(batch.reward.length);
	let any = false;
	for (let group = 0; group < groupCount(batch); group++) {
		const start = batch.groupStart[group] as number;
		const end = batch.groupStart[group + 1] as number;
		if (missesLength(batch.length, start, end)) continue;
		for (let index = start; index < end; index++) {
			const penalty = softOverlong(batch.length[index] as number, maxLength, cache);
			if (penalty === 0) continue;
			answer[index] = penalty;
			any = true;
		}
	}
	return any ? answer : null;
}

function missesLength(lengths: Float64Array, start: number, end: number): boolean {
	for (let index = start; index < end; index++) if (Number.isNaN(lengths[index])) return true;
	return false;
}

function shaped(batch: Batch, penalty: Float64Array | null): Float64Array {
	if (penalty === null) return batch.reward;
	return batch.reward.map((reward, index) => reward + (penalty[index] as number));
}

/** True where dynamic sampling would have thrown the group away. Groups with an unknown outcome are kept. */
function isFiltered(batch: Batch, group: number): boolean {
	const start = batch.groupStart[group] as number;
	const end = batch.groupStart[group + 1] as number;
	const first = batch.outcome[start] as number;
	if (end - start < 2 || first < 0) return false;
	for (let index = start + 1; index < end; index++) if (batch.outcome[index] !== first) return false;
	return true;
}

/** Share of groups that dynamic sampling drops. */
export function dropRate(batch: Batch): number {
	let dropped = 0;
	for (let group = 0; group < groupCount(batch); group++) if (isFiltered(batch, group)) dropped++;
	return dropped / groupCount(batch);
}

function compute(batch: Batch, options: EstimatorOptions = {}): Advantages {
	const answer = relativeToGroup(batch, shaped(batch, penalties(batch, options)), FORM, options);
	for (let group = 0; group < groupCount(batch); group++) {
		if (!isFiltered(batch, group)) continue;
		const end = batch.groupStart[group + 1] as number;
		for (let index = batch.groupStart[group] as number; index < end; index++) {
			if (Number.isNaN(batch.reward[index])) continue;
			answer.reasons[index] = Reason.filtered;
			if (options.asTrainer !== true) answer.values[index] = Number.NaN;
		}
	}
	return answer;
}

function explain(batch: Batch, at: At, options: EstimatorOptions = {}): string[] {
	const penalty = penalties(batch, options);
	const group = batch.rolloutGroup[at.rollout] as number;
	const start = batch.groupStart[group] as number;
	const end = batch.groupStart[group + 1] as number;
	if (isFiltered(batch, group)) {
		const outcome = batch.outcome[start] === 1 ? "correct" : "wrong";
		return [`all ${end - start} rollouts are ${outcome}: sampled again in training, nothing learned`];
	}
	const lines: string[] = [];
	if (penalty !== null) {
		lines.push(`lengths: ${listed(batch.length, start, end, at.rollout)}`);
		lines.push(`overlong penalty of this rollout: ${digits(penalty[at.rollout] as number)}`);
	}
	return [...lines, ...explainRelative(batch, shaped(batch, penalty), FORM, at)];
}

export const dapo: Estimator = {
	id: "dapo",
	title: "DAPO",
	level: "rollout",
	scope: "group",
	needs: ["reward"],
	std: "sample",
	epsilon: FORM.epsilon,
	formula: `A = (r + overlong penalty \u2212 mean) / (std + ${digits(FORM.epsilon)}), only for groups with 0 < correct < all`,
	source: { title: "DAPO", reference: "arXiv 2503.14476; verl", where: "dynamic sampling; soft overlong punishment" },
	grade: "A",
	choice: "sample std as in verl; correctness is the rollout's outcome; no penalty in groups where a length is missing",
	oneMember: NO_BASELINE,
	zeroVariance: "empty: left out by dynamic sampling",
	missingReward: LEFT_OUT,
	parameters: [MAX_LENGTH, CACHE, OVERLONG],
	compute,
	explain,
};
