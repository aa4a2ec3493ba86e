// Implicit process reward (arXiv 2412.01981, proposition 3.1; PRIME, arXiv 2502.01456): a policy trained on outcomes
// against a reference holds a reward for each step, beta times the log-ratio of the two over the step's tokens.
import { type Batch, stepCount } from "./batch.ts";
import {
	type At,
	type Estimator,
	type EstimatorOptions,
	newAdvantages,
	numberSetting,
	type Parameter,
} from "./estimator.ts";
import { digits, signedDigits, term } from "./explain.ts";
import { Reason } from "./reasons.ts";

const BETA: Parameter = { name: "beta", default: 0.05, meaning: "scale of the log-ratio" };

export const implicitReward: Estimator = {
	id: "implicit-reward",
	title: "Implicit process reward",
	level: "step",
	scope: "rollout",
	needs: ["trainer and reference log-probabilities"],
	std: "none",
	epsilon: 0,
	formula: "r = \u03b2 \u03a3 (log \u03c0 \u2212 log \u03c0 reference) over the step's trained tokens",
	source: {
		title: "Free Process Rewards without Process Labels",
		reference: "arXiv 2412.01981; PRIME, 2502.01456",
		where: "proposition 3.1",
	},
	grade: "M",
	choice:
		"the trainer's log-probabilities where logged, else the sampler's; a reward, not yet relative to other rollouts",
	oneMember: "a number: nothing is compared",
	zeroVariance: "a number: nothing is compared",
	missingReward: "a number: the environment's reward is not used",
	parameters: [BETA],
	compute: (batch: Batch, options: EstimatorOptions = {}) => {
		const answer = newAdvantages("step", stepCount(batch), options);
		const beta = numberSetting(BETA, options);
		for (let step = 0; step < answer.values.length; step++) {
			const acts = batch.stepActs[step] === 1;
			const value = beta * ((batch.stepPolicyLogprob[step] as number) - (batch.stepReferenceLogprob[step] as number));
			answer.values[step] = acts ? value : Number.NaN;
			if (!acts) answer.reasons[step] = Reason.notAgent;
			else if (Number.isNaN(value)) answer.reasons[step] = Reason.noLogprobs;
		}
		return answer;
	},
	explain: (batch: Batch, at: At, options: EstimatorOptions = {}) => {
		if (at.step === null) return [];
		const policy = batch.stepPolicyLogprob[at.step] as number;
		const reference = batch.stepReferenceLogprob[at.step] as number;
		if (Number.isNaN(policy - reference)) return [];
		const beta = numberSetting(BETA, options);
		return [
			`r = ${beta} \u00b7 (${digits(policy)} \u2212 ${term(reference)}) = ${signedDigits(beta * (policy - reference))}`,
		];
	},
};
