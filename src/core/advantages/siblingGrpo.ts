// Sibling-GRPO (V-STAR, arXiv 2602.10699, equations 15-19): the branches of a fork are compared with each other by the
// mean reward of the rollouts through each, however many those are.
import type { Batch } from "./batch.ts";
import { finishBranches, listSiblings, newBranchAdvantages, nodeAt, siblingsOf } from "./branches.ts";
import { type At, type Estimator, LEFT_OUT, NO_BASELINE } from "./estimator.ts";
import { digits, signedDigits, term } from "./explain.ts";
import { Reason } from "./reasons.ts";
import { leafMeans, leafSums, siblingMeans, siblingStd } from "./treeValues.ts";

const EPSILON = 1e-4;

function explain(batch: Batch, at: At): string[] {
	const node = nodeAt(batch, at);
	const parent = batch.tree.nodeParent[node] ?? -1;
	if (parent < 0) return [];
	const values = leafMeans(batch.tree, batch.reward);
	const { count, mean } = siblingMeans(batch.tree, values);
	const std = siblingStd(batch.tree, values, mean, count);
	if ((count[parent] as number) < 2) return [];
	const { count: rollouts } = leafSums(batch.tree, batch.reward);
	const own = values[node] as number;
	const centre = mean[parent] as number;
	const spread = std[parent] as number;
	return [
		listSiblings(batch, node, values),
		`rollouts through each: ${siblingsOf(batch, node)
			.map((other) => rollouts[other])
			.slice(0, 24)
			.join(", ")} (not weighted)`,
		`mean ${digits(centre)}, population std ${digits(spread)}`,
		`A = (${digits(own)} \u2212 ${term(centre)}) / (${digits(spread)} + ${digits(EPSILON)}) = ${signedDigits((own - centre) / (spread + EPSILON))}`,
	];
}

export const siblingGrpo: Estimator = {
	id: "sibling-grpo",
	title: "Sibling-GRPO (V-STAR)",
	level: "branch",
	scope: "group",
	needs: ["reward", "branches"],
	std: "population",
	epsilon: EPSILON,
	formula: `A = (mean reward through the branch \u2212 mean) / (std + ${digits(EPSILON)}) over the branches of a fork`,
	source: { title: "V-STAR", reference: "arXiv 2602.10699; official code", where: "equations 15-19" },
	grade: "A",
	choice:
		"a step of an agent stands for the paper's token; the value is shown on the whole stretch up to the next fork",
	oneMember: NO_BASELINE,
	zeroVariance: "empty: no signal at a fork whose branches are equal",
	missingReward: LEFT_OUT,
	parameters: [],
	compute: (batch, options = {}) => {
		const { tree } = batch;
		const values = leafMeans(tree, batch.reward);
		const { count, mean } = siblingMeans(tree, values);
		const std = siblingStd(tree, values, mean, count);
		const answer = newBranchAdvantages(batch, options);
		for (let node = 0; node < values.length; node++) {
			const parent = tree.nodeParent[node] as number;
			if (parent < 0 || (count[parent] as number) < 2) {
				answer.reasons[node] = Reason.noSibling;
				continue;
			}
			const spread = std[parent] as number;
			const centred = (values[node] as number) - (mean[parent] as number);
			answer.values[node] = spread === 0 ? 0 : centred / (spread + EPSILON);
			if (spread === 0) answer.reasons[node] = Reason.noSignal;
		}
		return finishBranches(batch, answer, options);
	},
	explain,
};
