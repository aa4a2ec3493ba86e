// ARPO (arXiv 2507.19849): steps that several rollouts share get the mean of those rollouts' advantages
// ("hard"), or each rollout's own, so that the shared tokens are averaged by the loss ("soft", the paper's default).

import { plural } from "../text/format.ts";
import type { Batch } from "./batch.ts";
import { branchAt, overTrees } from "./branches.ts";
import { type At, type Estimator, LEFT_OUT, NO_BASELINE, NO_SIGNAL } from "./estimator.ts";
import { digits, signedDigits } from "./explain.ts";
import { Reason } from "./reasons.ts";
import { explainRelative, type GroupForm, relativeToGroup } from "./relative.ts";
import { leafMeans, leafSums, newLeafSums } from "./treeValues.ts";

const FORM: GroupForm = { spread: "sample", epsilon: 1e-6, baseline: "all" };

const SHARED = {
	scope: "group",
	std: "sample",
	epsilon: FORM.epsilon,
	source: {
		title: "Agentic Reinforced Policy Optimization",
		reference: "arXiv 2507.19849",
		where: "advantage attribution, hard and soft",
	},
	grade: "A",
	oneMember: NO_BASELINE,
	zeroVariance: NO_SIGNAL,
	missingReward: LEFT_OUT,
	parameters: [],
} as const;

export const arpoHard: Estimator = {
	...SHARED,
	id: "arpo-hard",
	title: "ARPO, hard",
	level: "branch",
	needs: ["reward", "branches"],
	formula: "A = mean of the GRPO advantages of all rollouts through the step",
	choice: "sample std, as in verl, on which the code is built",
	compute: (batch, options = {}) => {
		const { values: own } = relativeToGroup(batch, batch.reward, FORM, {});
		return overTrees(batch, options, (most) => {
			const sums = newLeafSums(most);
			return {
				prepare: (part) => leafMeans(part, own, sums),
				fill({ first, end, origin }, { values, reasons }) {
					for (let node = first; node < end; node++) values[node] = sums.sum[node - origin] as number;
					reasons[first] = Reason.noSibling;
				},
			};
		});
	},
	explain: (batch: Batch, at: At) => {
		const place = branchAt(batch, at);
		if (place === null) return ["every rollout of the group passes through this step"];
		const { values } = relativeToGroup(batch, batch.reward, FORM, {});
		const { count, sum } = leafSums(place.part, values);
		const through = count[place.node] as number;
		return [
			...explainRelative(batch, batch.reward, FORM, at),
			`mean over ${plural(through, "rollout")} through this step: ${signedDigits((sum[place.node] as number) / through)}`,
		];
	},
};

export const arpoSoft: Estimator = {
	...SHARED,
	id: "arpo-soft",
	title: "ARPO, soft",
	level: "rollout",
	needs: ["reward"],
	formula: `A = (r \u2212 mean) / (std + ${digits(FORM.epsilon)}), as GRPO; shared steps are averaged by the loss`,
	choice: "sample std, as in verl, on which the code is built",
	compute: (batch, options = {}) => relativeToGroup(batch, batch.reward, FORM, options),
	explain: (batch: Batch, at: At) => explainRelative(batch, batch.reward, FORM, at),
};
