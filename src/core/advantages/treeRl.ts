// TreeRL (ACL 2025, arXiv 2506.11902): a node's value against the root's plus against its parent's, divided by the root
// of the number of leaves below, so that shared steps do not count once for each rollout.

import { plural } from "../text/format.ts";
import type { Batch } from "./batch.ts";
import { finishBranches, newBranchAdvantages, nodeAt } from "./branches.ts";
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
import { leafMeans, leafSums } from "./treeValues.ts";

const LEAVES: Parameter = {
	name: "leaves",
	default: "leave-one-out",
	choices: ["leave-one-out", "raw"],
	meaning: "whether the mean of the other leaves is taken from each leaf's reward first",
};

/** [rollouts] */
function leafRewards(batch: Batch, options: EstimatorOptions): Float64Array {
	if (choiceSetting(LEAVES, options) === "raw") return batch.reward;
	const form: GroupForm = { spread: "none", epsilon: 0, baseline: "others" };
	return relativeToGroup(batch, batch.reward, form, { asTrainer: true }).values;
}

function explain(batch: Batch, at: At, options: EstimatorOptions = {}): string[] {
	const node = nodeAt(batch, at);
	const parent = batch.tree.nodeParent[node] ?? -1;
	if (parent < 0) return [];
	const { count, sum } = leafSums(batch.tree, leafRewards(batch, options));
	const root = batch.tree.nodeStart[batch.tree.nodeGroup[node] as number] as number;
	const value = (index: number) => (sum[index] as number) / (count[index] as number);
	const leaves = count[node] as number;
	const result = (value(node) - value(root) + value(node) - value(parent)) / Math.sqrt(leaves);
	return [
		`leaf rewards: ${choiceSetting(LEAVES, options)}; V = mean over the leaves below`,
		`V ${digits(value(node))} over ${plural(leaves, "leaf", "leaves")}, V of the parent ${digits(value(parent))}, V of the root ${digits(value(root))}`,
		`A = ((${digits(value(node))} \u2212 ${term(value(root))}) + (${digits(value(node))} \u2212 ${term(value(parent))})) / \u221a${leaves} = ${signedDigits(result)}`,
	];
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
	compute: (batch, options = {}) => {
		const { tree } = batch;
		const values = leafMeans(tree, leafRewards(batch, options));
		const { count } = leafSums(tree, batch.reward);
		const answer = newBranchAdvantages(batch, options);
		for (let node = 0; node < values.length; node++) {
			const parent = tree.nodeParent[node] as number;
			if (parent < 0) {
				answer.reasons[node] = Reason.noSibling;
				continue;
			}
			const root = tree.nodeStart[tree.nodeGroup[node] as number] as number;
			const gain = 2 * (values[node] as number) - (values[root] as number) - (values[parent] as number);
			answer.values[node] = gain / Math.sqrt(count[node] as number);
		}
		return finishBranches(batch, answer, options);
	},
	explain,
};
