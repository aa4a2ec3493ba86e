// TreeRL (ACL 2025, arXiv 2506.11902): a node's value against the root's plus against its parent's, divided by the root
// of the number of leaves below, so that shared steps do not count once for each rollout.
import { type Batch, groupCount } from "./batch.ts";
import { branchAdvantages, nodeAt } from "./branches.ts";
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
import { momentsOf } from "./relative.ts";
import { leafSums } from "./treeValues.ts";

const LEAVES: Parameter = {
	name: "leaves",
	default: "leave-one-out",
	choices: ["leave-one-out", "raw"],
	meaning: "whether the mean of the other leaves is taken from each leaf's reward first",
};

/** [rollouts] */
function leafRewards(batch: Batch, options: EstimatorOptions): Float64Array {
	if (choiceSetting(LEAVES, options) === "raw") return batch.reward;
	const answer = batch.reward.slice();
	for (let group = 0; group < groupCount(batch); group++) {
		const start = batch.groupStart[group] as number;
		const end = batch.groupStart[group + 1] as number;
		const { count, mean } = momentsOf(batch.reward, start, end);
		for (let index = start; index < end; index++)
			answer[index] = (((batch.reward[index] as number) - mean) * count) / (count - 1);
	}
	return answer;
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
		`V ${digits(value(node))} over ${leaves} leaves, V of the parent ${digits(value(parent))}, V of the root ${digits(value(root))}`,
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
	source: { title: "TreeRL", reference: "ACL 2025, arXiv 2506.11902; official code", where: "section 3.2" },
	grade: "A",
	choice:
		"the paper's formula; the code divides before differencing, so its numbers can differ; all leaves count as selected",
	oneMember: NO_BASELINE,
	zeroVariance: NO_SIGNAL,
	missingReward: LEFT_OUT,
	parameters: [LEAVES],
	compute: (batch, options = {}) => {
		const { tree } = batch;
		const { count, sum } = leafSums(tree, leafRewards(batch, options));
		return branchAdvantages(batch, options, (node, out) => {
			const parent = tree.nodeParent[node] as number;
			if (parent < 0) {
				out.value = 0;
				out.reason = Reason.noSibling;
				return;
			}
			const root = tree.nodeStart[tree.nodeGroup[node] as number] as number;
			const leaves = count[node] as number;
			const value = (sum[node] as number) / leaves;
			const above = (sum[parent] as number) / (count[parent] as number);
			out.value = (2 * value - (sum[root] as number) / (count[root] as number) - above) / Math.sqrt(leaves);
		});
	},
	explain,
};
