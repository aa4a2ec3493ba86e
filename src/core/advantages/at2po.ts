// AT2PO (arXiv 2601.04767; official code): leaf rewards normalised over the tree, backed up turn by turn in one of three
// ways, and turned into an advantage in one of four. Mean over children and mean over leaves differ in unbalanced trees.
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
import { relativeToGroup } from "./relative.ts";
import { childMeans, leafMeans, newChildMeans, newLeafSums, type TreePart } from "./treeValues.ts";

const BACKUP: Parameter = {
	name: "backup",
	default: "child-mean",
	choices: ["child-mean", "leaf-mean", "child-softmax"],
	meaning:
		"value of a node: mean of its children, mean of its leaves, or children weighted by the softmax of their entropies",
};
const FORM: Parameter = {
	name: "form",
	default: "sum",
	choices: ["node", "parent", "root", "sum"],
	meaning:
		"the node's value, its difference to the parent's, to the root's, or the sum of both differences (as in TreeRL)",
};
const LEAVES: Parameter = {
	name: "leaves",
	default: "normalised",
	choices: ["normalised", "raw"],
	meaning: "whether leaf rewards are normalised over the tree first",
};

/** [nodes of the batch] mean entropy of each node's agent steps; NaN where none is logged. */
function nodeEntropies(batch: Batch): Float64Array {
	const { tree } = batch;
	const sum = new Float64Array(tree.nodeParent.length);
	const count = new Int32Array(tree.nodeParent.length);
	for (let step = 0; step < tree.stepNode.length; step++) {
		const entropy = batch.stepEntropy[step] as number;
		const node = tree.stepNode[step] as number;
		if (Number.isNaN(entropy) || node < 0 || batch.stepActs[step] === 0) continue;
		sum[node] = (sum[node] as number) + entropy;
		count[node] = (count[node] as number) + 1;
	}
	for (let node = 0; node < sum.length; node++) sum[node] = (sum[node] as number) / (count[node] as number);
	return sum;
}

/**
 * [nodes] children weighted by the softmax of their entropies; NaN where a weight is needed and no entropy is logged.
 * @param leaf [rollouts of the batch]
 * @param entropies [nodes of the batch]
 */
export function childSoftmax(part: TreePart, leaf: Float64Array, entropies: Float64Array): Float64Array {
	const { firstNode, tree } = part;
	const branches = rewardedBranches(part, leaf);
	const values = new Float64Array(part.nodes);
	const weights = new Float64Array(part.nodes);
	for (let rollout = part.firstRollout; rollout < part.endRollout; rollout++) {
		const node = (tree.leafOf[rollout] as number) - firstNode;
		values[node] = leaf[rollout] as number;
		weights[node] = 1;
	}
	for (let node = part.nodes - 1; node >= 0; node--) {
		values[node] = (values[node] as number) / (weights[node] as number);
		const parent = (tree.nodeParent[firstNode + node] as number) - firstNode;
		if (parent < 0 || branches[node] === 0) continue;
		const weight = branches[parent] === 1 ? 1 : Math.exp(entropies[firstNode + node] as number);
		weights[parent] = (weights[parent] as number) + weight;
		values[parent] = (values[parent] as number) + weight * (values[node] as number);
	}
	return values;
}

/** [nodes] children below which a leaf has a reward; 1 for such a leaf itself. */
function rewardedBranches({ tree, firstNode, nodes, firstRollout, endRollout }: TreePart, leaf: Float64Array) {
	const branches = new Int32Array(nodes);
	for (let rollout = firstRollout; rollout < endRollout; rollout++) {
		if (!Number.isNaN(leaf[rollout])) branches[(tree.leafOf[rollout] as number) - firstNode] = 1;
	}
	for (let node = nodes - 1; node >= 0; node--) {
		const parent = (tree.nodeParent[firstNode + node] as number) - firstNode;
		if (parent >= 0 && branches[node] !== 0) branches[parent] = (branches[parent] as number) + 1;
	}
	return branches;
}

function leafNumbers(batch: Batch, options: EstimatorOptions): Float64Array {
	if (choiceSetting(LEAVES, options) === "raw") return batch.reward;
	return relativeToGroup(batch, batch.reward, { spread: "sample", epsilon: 1e-6, baseline: "all" }, {}).values;
}

/** The way of backing values up that is set, with columns for trees of up to `most` nodes. */
function backupOf(batch: Batch, options: EstimatorOptions, most: number): (part: TreePart) => Float64Array {
	const leaf = leafNumbers(batch, options);
	const backup = choiceSetting(BACKUP, options);
	if (backup === "leaf-mean") {
		const sums = newLeafSums(most);
		return (part) => leafMeans(part, leaf, sums);
	}
	if (backup === "child-mean") {
		const means = newChildMeans(most);
		return (part) => childMeans(part, leaf, means).value;
	}
	const entropies = nodeEntropies(batch);
	return (part) => childSoftmax(part, leaf, entropies);
}

function formValue(form: string, value: number, parent: number, root: number): number {
	if (form === "node") return value;
	if (form === "parent") return value - parent;
	return form === "root" ? value - root : 2 * value - parent - root;
}

function passOver(batch: Batch, options: EstimatorOptions, most: number): TreePass {
	const { nodeParent } = batch.tree;
	const valuesOf = backupOf(batch, options, most);
	const form = choiceSetting(FORM, options);
	const softmax = choiceSetting(BACKUP, options) === "child-softmax";
	let own: Float64Array = new Float64Array(0);
	return {
		prepare(part) {
			own = valuesOf(part);
		},
		fill({ first, end, origin }, { values, reasons }) {
			const root = own[first - origin] as number;
			values[first] = 0;
			reasons[first] = Reason.noSibling;
			for (let node = first + 1; node < end; node++) {
				const above = own[(nodeParent[node] as number) - origin] as number;
				const value = formValue(form, own[node - origin] as number, above, root);
				values[node] = value;
				if (softmax && Number.isNaN(value)) reasons[node] = Reason.noEntropy;
			}
		},
	};
}

function explain(batch: Batch, at: At, options: EstimatorOptions = {}): string[] {
	const place = branchAt(batch, at);
	if (place === null) return [];
	const values = backupOf(batch, options, place.part.nodes)(place.part);
	const form = choiceSetting(FORM, options);
	const value = values[place.node] as number;
	const above = values[place.parent] as number;
	const root = values[0] as number;
	const terms: Record<string, string> = {
		node: digits(value),
		parent: `${digits(value)} \u2212 ${term(above)}`,
		root: `${digits(value)} \u2212 ${term(root)}`,
		sum: `(${digits(value)} \u2212 ${term(above)}) + (${digits(value)} \u2212 ${term(root)})`,
	};
	return [
		`leaves ${choiceSetting(LEAVES, options)}, backed up by ${choiceSetting(BACKUP, options)}`,
		`V ${digits(value)}, V of the parent ${digits(above)}, V of the root ${digits(root)}`,
		`A (${form}) = ${terms[form]} = ${signedDigits(formValue(form, value, above, root))}`,
	];
}

export const at2po: Estimator = {
	id: "at2po",
	title: "AT2PO",
	level: "branch",
	scope: "group",
	needs: ["reward", "branches", "entropies"],
	std: "sample",
	epsilon: 1e-6,
	formula:
		"A = V, V \u2212 V parent, V \u2212 V root, or the sum of both differences; leaves normalised over the tree, then backed up",
	source: {
		title: "AT\u00b2PO",
		reference: "arXiv 2601.04767; official code",
		where: "value backup and advantage options",
	},
	grade: "A",
	choice: "leaves are normalised with the sample std (not stated); entropies are needed by child-softmax alone",
	oneMember: NO_BASELINE,
	zeroVariance: NO_SIGNAL,
	missingReward: LEFT_OUT,
	parameters: [BACKUP, FORM, LEAVES],
	compute: (batch, options = {}) => overTrees(batch, options, (most) => passOver(batch, options, most)),
	explain,
};
