// Process-supervised GRPO (DeepSeekMath, arXiv 2402.03300, section 4.1.3): step rewards are normalised over all step
// rewards of the group; the advantage of a step is the sum of the normalised rewards of it and all later steps.
import { type Batch, groupCount, stepCount } from "./batch.ts";
import { type Advantages, type At, type Estimator, type EstimatorOptions, newAdvantages } from "./estimator.ts";
import { digits, signedDigits, term } from "./explain.ts";
import { groupMoments, type Moments, momentsOf, spreadOf } from "./moments.ts";
import { Reason } from "./reasons.ts";
import { signalReason } from "./relative.ts";

const EPSILON = 1e-6;

/** [groups + 1] first step of each group. */
function groupSteps(batch: Batch): Int32Array {
	return batch.groupStart.map((rollout) => batch.stepStart[rollout] as number);
}

function momentsAt(batch: Batch, group: number): Moments {
	const first = batch.stepStart[batch.groupStart[group] as number] as number;
	return momentsOf(batch.stepReward, first, batch.stepStart[batch.groupStart[group + 1] as number] as number);
}

function silence(count: number, squares: number): Reason {
	return count === 0 ? Reason.noStepRewards : signalReason(count, squares);
}

function computeWith(std: "population" | "sample") {
	return (batch: Batch, options: EstimatorOptions = {}): Advantages => {
		const answer = newAdvantages("step", stepCount(batch), options);
		const starts = groupSteps(batch);
		const { count, mean, squares } = groupMoments(starts, batch.stepReward);
		for (let group = 0; group < groupCount(batch); group++) {
			const members = count[group] as number;
			const reason = silence(members, squares[group] as number);
			const scale = 1 / (spreadOf(squares[group] as number, members, std) + EPSILON);
			const end = batch.groupStart[group + 1] as number;
			for (let rollout = batch.groupStart[group] as number; rollout < end; rollout++) {
				sumBackwards(batch, rollout, mean[group] as number, scale, reason, answer);
			}
			if (reason !== Reason.none && options.asTrainer !== true) {
				answer.values.fill(Number.NaN, starts[group], starts[group + 1]);
			}
		}
		return answer;
	};
}

/** A step without a reward of its own still answers for the rewards that follow it. */
function sumBackwards(
	batch: Batch,
	rollout: number,
	mean: number,
	scale: number,
	reason: Reason,
	{ values, reasons }: Advantages,
): void {
	const { stepReward, stepActs } = batch;
	let sum = 0;
	let any = false;
	const first = batch.stepStart[rollout] as number;
	for (let step = (batch.stepStart[rollout + 1] as number) - 1; step >= first; step--) {
		const normalised = ((stepReward[step] as number) - mean) * scale;
		if (!Number.isNaN(normalised)) {
			sum += normalised;
			any = true;
		}
		if (stepActs[step] === 1 && any) {
			values[step] = sum;
			if (reason !== Reason.none) reasons[step] = reason;
			continue;
		}
		values[step] = Number.NaN;
		reasons[step] = stepActs[step] === 0 ? Reason.notAgent : reason || Reason.noStepRewards;
	}
}

function explainWith(std: "population" | "sample") {
	return (batch: Batch, at: At): string[] => {
		const moments = momentsAt(batch, batch.rolloutGroup[at.rollout] as number);
		if (moments.count === 0 || at.step === null) return [];
		const spread = spreadOf(moments.squares, moments.count, std);
		const lines = [
			`${moments.count} step rewards in the group: mean ${digits(moments.mean)}, ${std} std ${digits(spread)}`,
		];
		if (silence(moments.count, moments.squares) !== Reason.none) return lines;
		const terms: string[] = [];
		let sum = 0;
		const end = batch.stepStart[at.rollout + 1] as number;
		for (let step = at.step; step < end; step++) {
			const reward = batch.stepReward[step] as number;
			if (Number.isNaN(reward)) continue;
			const normalised = (reward - moments.mean) / (spread + EPSILON);
			sum += normalised;
			if (terms.length < 12) terms.push(term(normalised));
			else if (terms.length === 12) terms.push("…");
		}
		lines.push(`A = sum over this and the later steps of (r \u2212 mean) / (std + ${digits(EPSILON)})`);
		return [...lines, `A = ${terms.join(" + ")} = ${signedDigits(sum)}`];
	};
}

function processGrpoWith(std: "population" | "sample", id: string): Estimator {
	return {
		id,
		title: `Process-supervised GRPO (${std} std)`,
		level: "step",
		scope: "group",
		needs: ["step rewards"],
		std,
		epsilon: EPSILON,
		formula: `A of a step = \u03a3 over it and later steps of (step reward \u2212 mean) / (std + ${digits(EPSILON)}), over all step rewards of the group`,
		source: { title: "DeepSeekMath", reference: "arXiv 2402.03300", where: "section 4.1.3" },
		grade: "M",
		choice: "the paper does not say which std; both are offered",
		oneMember: "a number: the statistics are over step rewards; empty where there is a single step reward",
		zeroVariance: "empty: no signal where all step rewards of the group are equal",
		missingReward: "steps without a reward are left out of the statistics and share the sum of the later ones",
		parameters: [],
		compute: computeWith(std),
		explain: explainWith(std),
	};
}

export const processGrpo = processGrpoWith("sample", "process-grpo");
export const processGrpoPopulation = processGrpoWith("population", "process-grpo-population");
