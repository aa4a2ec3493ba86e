// The advantages that the log itself holds, untouched: what the trainer says it used. Null stays null.
import { type Batch, rolloutCount, stepCount } from "./batch.ts";
import { type Advantages, type At, type Estimator, type EstimatorOptions, newAdvantages } from "./estimator.ts";
import { digits } from "./explain.ts";
import { Reason } from "./reasons.ts";

/** Mean of the logged advantages of the step's trained tokens; NaN where none is logged. */
function tokenMean(batch: Batch, step: number): number {
	let sum = 0;
	let count = 0;
	for (let token = batch.tokenStart[step] as number; token < (batch.tokenStart[step + 1] as number); token++) {
		const value = batch.tokenLogged[token] as number;
		if (Number.isNaN(value) || batch.tokenMask[token] === 0) continue;
		sum += value;
		count++;
	}
	return sum / count;
}

/** The step's own advantage, else its tokens' mean, else the rollout's for steps of the agent. */
function loggedAt(batch: Batch, rollout: number, step: number): number {
	const own = batch.stepLogged[step] as number;
	if (!Number.isNaN(own)) return own;
	const tokens = tokenMean(batch, step);
	if (!Number.isNaN(tokens)) return tokens;
	return batch.stepActs[step] === 1 ? (batch.loggedAdvantage[rollout] as number) : Number.NaN;
}

function anyStepLogged(batch: Batch): boolean {
	return (
		batch.stepLogged.some((value) => !Number.isNaN(value)) || batch.tokenLogged.some((value) => !Number.isNaN(value))
	);
}

function compute(batch: Batch, options: EstimatorOptions = {}): Advantages {
	const level = anyStepLogged(batch) ? "step" : "rollout";
	const answer = newAdvantages(level, level === "step" ? stepCount(batch) : rolloutCount(batch), options);
	if (level === "rollout") answer.values.set(batch.loggedAdvantage);
	else {
		for (let rollout = 0; rollout < rolloutCount(batch); rollout++) {
			const end = batch.stepStart[rollout + 1] as number;
			for (let step = batch.stepStart[rollout] as number; step < end; step++)
				answer.values[step] = loggedAt(batch, rollout, step);
		}
	}
	for (let index = 0; index < answer.values.length; index++) {
		if (Number.isNaN(answer.values[index])) answer.reasons[index] = Reason.notLogged;
	}
	return answer;
}

export const logged: Estimator = {
	id: "logged",
	title: "As logged",
	level: "step",
	scope: "rollout",
	needs: ["logged advantages"],
	std: "none",
	epsilon: 0,
	formula: "A = the advantage that the log holds",
	source: { title: "The log", reference: "the file itself", where: "advantage fields" },
	grade: "A",
	choice: "one value a rollout where no step and no token has one; tokens are averaged over the step's trained ones",
	oneMember: "as logged",
	zeroVariance: "as logged",
	missingReward: "as logged",
	parameters: [],
	compute,
	explain: (batch: Batch, at: At) => {
		const value = at.step === null ? batch.loggedAdvantage[at.rollout] : loggedAt(batch, at.rollout, at.step);
		return value === undefined || Number.isNaN(value) ? [] : [`the log says ${digits(value, 12)}`];
	},
};
