// Sibling-GRPO (V-STAR, arXiv 2602.10699, equations 15-19): the branches of a fork are compared with each other by the
// mean reward of the rollouts through each, however many those are.
import type { Batch } from "./batch.ts";
import { branchAt, branchesBelow, listSiblings, overTrees, type TreePass } from "./branches.ts";
import { type At, type Estimator, LEFT_OUT, NO_BASELINE } from "./estimator.ts";
import { digits, signedDigits, term } from "./explain.ts";
import { Reason } from "./reasons.ts";
import { leafMeans, newLeafSums, newSiblingMeans, siblingMeans, siblingStd } from "./treeValues.ts";

const EPSILON = 1e-4;

function explain(batch: Batch, at: At): string[] {
	const place = branchAt(batch, at);
	if (place === null) return [];
	const { part, node, parent } = place;
	const sums = newLeafSums(part.nodes);
	const values = leafMeans(part, batch.reward, sums);
	const { count, mean } = siblingMeans(part, values);
	if ((count[parent] as number) < 2) return [];
	const own = values[node] as number;
	const centre = mean[parent] as number;
	const spread = siblingStd(part, values, mean, count)[parent] as number;
	return [
		listSiblings(place, values),
		`rollouts through each: ${branchesBelow(part, parent)
			.map((other) => sums.count[other])
			.slice(0, 24)
			.join(", ")} (not weighted)`,
		`mean ${digits(centre)}, population std ${digits(spread)}`,
		`A = (${digits(own)} \u2212 ${term(centre)}) / (${digits(spread)} + ${digits(EPSILON)}) = ${signedDigits((own - centre) / (spread + EPSILON))}`,
	];
}

function passOver(batch: Batch, most: number): TreePass {
	const { nodeParent } = batch.tree;
	const sums = newLeafSums(most);
	const siblings = newSiblingMeans(most);
	const { count, mean } = siblings;
	const { sum: means } = sums;
	const std = new Float64Array(most);
	return {
		prepare(part) {
			leafMeans(part, batch.reward, sums);
			siblingMeans(part, means, siblings);
			siblingStd(part, means, mean, count, std);
		},
		fill({ first, end, origin }, { values, reasons }) {
			for (let node = first; node < end; node++) {
				const parent = (nodeParent[node] as number) - origin;
				if (parent < 0 || (count[parent] as number) < 2) {
					values[node] = 0;
					reasons[node] = Reason.noSibling;
					continue;
				}
				const spread = std[parent] as number;
				const centred = (means[node - origin] as number) - (mean[parent] as number);
				values[node] = spread === 0 ? 0 : centred / (spread + EPSILON);
				if (spread === 0) reasons[node] = Reason.noSignal;
			}
		},
	};
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
	compute: (batch, options = {}) => overTrees(batch, options, (most) => passOver(batch, most)),
	explain,
};
