// GRPO (DeepSeekMath, arXiv 2402.03300, section 4.1.2): A_i = (r_i - mean) / (std + eps) over the group.
// The paper does not say which std; verl and TRL divide by n-1, others by n: two entries, so that nobody has to guess.
import {
	type Estimator,
	type EstimatorOptions,
	LEFT_OUT,
	NO_BASELINE,
	NO_SIGNAL,
	numberSetting,
	type Parameter,
} from "./estimator.ts";
import { explainRelative, type GroupForm, relativeToGroup } from "./relative.ts";

const EPSILON: Parameter = { name: "epsilon", default: 1e-6, meaning: "added to the std: 1e-6 in verl, 1e-4 in TRL" };

function grpoWith(std: "population" | "sample", id: string, choice: string): Estimator {
	const formOf = (options: EstimatorOptions): GroupForm => {
		return { spread: std, epsilon: numberSetting(EPSILON, options), baseline: "all" };
	};
	return {
		id,
		title: `GRPO (${std} std)`,
		level: "rollout",
		scope: "group",
		needs: ["reward"],
		std,
		epsilon: 1e-6,
		formula: `A = (r \u2212 mean) / (std + epsilon), mean and ${std} std over the group`,
		source: { title: "DeepSeekMath", reference: "arXiv 2402.03300", where: "section 4.1.2; std as in verl and TRL" },
		grade: "A",
		choice,
		oneMember: NO_BASELINE,
		zeroVariance: NO_SIGNAL,
		missingReward: LEFT_OUT,
		parameters: [EPSILON],
		compute: (batch, options = {}) => relativeToGroup(batch, batch.reward, formOf(options), options),
		explain: (batch, at, options = {}) => explainRelative(batch, batch.reward, formOf(options), at),
	};
}

export const grpo = grpoWith("sample", "grpo", "the std divides by n-1, as verl, TRL and Tree-GRPO do");
export const grpoPopulation = grpoWith("population", "grpo-population", "the std divides by n");
