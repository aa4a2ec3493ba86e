// TreeRL (ACL 2025, arXiv 2506.11902): a node's value against the root's plus against its parent's, divided by the root
// of the number of leaves below, so that shared steps do not count once for each rollout.

import { plural } from "../text/format.ts";
import type { Batch } from "./batch.ts";
import { branchAt, overTrees, type TreePass } from "./branches.ts";
import {
	type At,
	choiceSetting,
	type Estimator,
	type EstimatorOptions,
	LEFT_OUT,
	NO_BASELINE,
	NO_SIGNAL,
	type Parameter,
} from "./estimator.ts";
import { digits, signedDigits, term } from "./explain.ts";
import { Reason } from "./reasons.ts";
import { type GroupForm, relativeToGroup } from "./relative.ts";
import { leafMeans, newLeafSums } from "./treeValues.ts";

const LEAVES: Parameter = {
	name: "leaves",
	default: "leave-one-out",
	choices: ["leave-one-out", "raw"],
	meaning: "whether the mean of the other leaves is taken from each leaf's reward first",
};

/**
 * Leave-one-out centring takes the same number from every leaf and multiplies the rest by n / (n - 1): in differences of
 * values only the factor stays.
 */
function leafFactor(leaves: number, options: EstimatorOptions): number {
	return choiceSetting(LEAVES, options) === "raw" ? 1 : leaves / (leaves - 1);
}

function passOver(batch: Batch, options: EstimatorOptions, most: number): TreePass {
	const { nodeParent } = batch.tree;
	const sums = newLeafSums(most);
	const { count, sum: means } = sums;
	return {
		prepare: (part) => leafMeans(part, batch.reward, sums),
		fill({ first, end, origin, count: members }, { values, reasons }) {
			const factor = leafFactor(members, options);
			const root = means[first - origin] as number;
			values[first] = 0;
			reasons[first] = Reason.noSibling;
			for (let node = first + 1; node < end; node++) {
				const above = means[(nodeParent[node] as number) - origin] as number;
				const gain = 2 * (means[node - origin] as number) - root - above;
				const leaves = count[node - origin] as number;
				values[node] = (factor * gain) / (leaves === 1 ? 1 : Math.sqrt(leaves));
			}
		},
	};
}

function explain(batch: Batch, at: At, options: EstimatorOptions = {}): string[] {
	const place = branchAt(batch, at);
	if (place === null) return [];
	const { part, node, parent } = place;
	const sums = newLeafSums(part.nodes);
	const means = leafMeans(part, leafRewards(batch, options), sums);
	const leaves = sums.count[node] as number;
	const [value, above, root] = [node, parent, 0].map((index) => means[index] as number) as [number, number, number];
	const result = (value - root + value - above) / Math.sqrt(leaves);
	return [
		`leaf rewards: ${choiceSetting(LEAVES, options)}; V = mean over the leaves below`,
		`V ${digits(value)} over ${plural(leaves, "leaf", "leaves")}, V of the parent ${digits(above)}, V of the root ${digits(root)}`,
		`A = ((${digits(value)} \u2212 ${term(root)}) + (${digits(value)} \u2212 ${term(above)})) / \u221a${leaves} = ${signedDigits(result)}`,
	];
}

/** [rollouts] */
function leafRewards(batch: Batch, options: EstimatorOptions): Float64Array {
	if (choiceSetting(LEAVES, options) === "raw") return batch.reward;
	const form: GroupForm = { spread: "none", epsilon: 0, baseline: "others" };
	return relativeToGroup(batch, batch.reward, form, { asTrainer: true }).values;
}

export const treeRl: Estimator = {
	id: "tree-rl",
	title: "TreeRL",
	level: "branch",
	scope: "group",
	needs: ["reward", "branches"],
	std: "none",
	epsilon: 0,
	formula: "A = ((V \u2212 V root) + (V \u2212 V parent)) / \u221aleaves below, leaf rewards centred leave-one-out",
	source: {
		title: "TreeRL",
		reference: "ACL 2025, arXiv 2506.11902; official code",
		where: "process reward from the tree",
	},
	grade: "A",
	choice:
		"the paper's formula; the code divides before differencing, so its numbers can differ; all leaves count as selected",
	oneMember: NO_BASELINE,
	zeroVariance: NO_SIGNAL,
	missingReward: LEFT_OUT,
	parameters: [LEAVES],
	compute: (batch, options = {}) => overTrees(batch, options, (most) => passOver(batch, options, most)),
	explain,
};
