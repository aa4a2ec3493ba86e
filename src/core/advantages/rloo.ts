// RLOO, REINFORCE leave-one-out (arXiv 2402.14740): A_i = r_i - mean of the others = n/(n-1) (r_i - mean).
import { type Estimator, LEFT_OUT, NO_BASELINE, NO_SIGNAL } from "./estimator.ts";
import { explainRelative, type GroupForm, relativeToGroup } from "./relative.ts";

const FORM: GroupForm = { spread: "none", epsilon: 0, baseline: "others" };

export const rloo: Estimator = {
	id: "rloo",
	title: "RLOO",
	level: "rollout",
	scope: "group",
	needs: ["reward"],
	std: "none",
	epsilon: 0,
	formula: "A = r \u2212 mean over the other rollouts of the group",
	source: { title: "Back to Basics", reference: "arXiv 2402.14740", where: "leave-one-out estimator" },
	grade: "A",
	choice: null,
	oneMember: NO_BASELINE,
	zeroVariance: NO_SIGNAL,
	missingReward: LEFT_OUT,
	parameters: [],
	compute: (batch, options = {}) => relativeToGroup(batch, batch.reward, FORM, options),
	explain: (batch, at) => explainRelative(batch, batch.reward, FORM, at),
};
