// Dr. GRPO (arXiv 2503.20783, section 3.2): A_i = r_i - mean, no std, so that easy and hard tasks weigh alike.
// The other half of the method, dividing the token loss by a constant, does not touch the advantage.
import { type Estimator, LEFT_OUT, NO_BASELINE, NO_SIGNAL } from "./estimator.ts";
import { explainRelative, type GroupForm, relativeToGroup } from "./relative.ts";

const FORM: GroupForm = { spread: "none", epsilon: 0, baseline: "all" };

export const drGrpo: Estimator = {
	id: "dr-grpo",
	title: "Dr. GRPO",
	level: "rollout",
	scope: "group",
	needs: ["reward"],
	std: "none",
	epsilon: 0,
	formula: "A = r \u2212 mean over the group",
	source: { title: "Understanding R1-Zero-Like Training", reference: "arXiv 2503.20783", where: "section 3.2" },
	grade: "A",
	choice: null,
	oneMember: NO_BASELINE,
	zeroVariance: NO_SIGNAL,
	missingReward: LEFT_OUT,
	parameters: [],
	compute: (batch, options = {}) => relativeToGroup(batch, batch.reward, FORM, options),
	explain: (batch, at) => explainRelative(batch, batch.reward, FORM, at),
};
