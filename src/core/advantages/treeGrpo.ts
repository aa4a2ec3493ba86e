// Tree-GRPO (arXiv 2509.21240; official code): GRPO within the rollout's own tree plus GRPO over all trees of the task.
import { type Batch, groupCount } from "./batch.ts";
import {
	type Advantages,
	type At,
	type Estimator,
	type EstimatorOptions,
	LEFT_OUT,
	NO_BASELINE,
	NO_SIGNAL,
} from "./estimator.ts";
import { digits, signedDigits, term } from "./explain.ts";
import { isFlat, momentsOf, spreadOf } from "./moments.ts";
import { Reason } from "./reasons.ts";
import { explainRelative, type GroupForm, relativeToGroup } from "./relative.ts";

const FORM: GroupForm = { spread: "sample", epsilon: 1e-6, baseline: "all" };

/** [nodes] the tree that a node belongs to: the first node below the prompt on its path; -1 for the prompt itself. */
function treesOf(batch: Batch): Int32Array {
	const { nodeParent } = batch.tree;
	const answer = new Int32Array(nodeParent.length).fill(-1);
	for (let node = 0; node < nodeParent.length; node++) {
		const parent = nodeParent[node] as number;
		if (parent >= 0) answer[node] = (answer[parent] as number) < 0 ? node : (answer[parent] as number);
	}
	return answer;
}

interface TreeMoments {
	count: Int32Array;
	mean: Float64Array;
	squares: Float64Array;
}

function momentsByTree(batch: Batch, trees: Int32Array): TreeMoments {
	const count = new Int32Array(trees.length);
	const mean = new Float64Array(trees.length);
	const squares = new Float64Array(trees.length);
	for (let rollout = 0; rollout < batch.reward.length; rollout++) {
		const reward = batch.reward[rollout] as number;
		const tree = trees[batch.tree.leafOf[rollout] as number] as number;
		if (Number.isNaN(reward) || tree < 0) continue;
		const seen = (count[tree] as number) + 1;
		const deviation = reward - (mean[tree] as number);
		count[tree] = seen;
		mean[tree] = (mean[tree] as number) + deviation / seen;
		squares[tree] = (squares[tree] as number) + deviation * (reward - (mean[tree] as number));
	}
	return { count, mean, squares };
}

/** A tree with a single leaf has nothing to compare: 0 (the released code would give the raw reward). */
function within(moments: TreeMoments, tree: number, reward: number): number {
	const count = moments.count[tree] ?? 0;
	if (count < 2) return 0;
	const spread = spreadOf(moments.squares[tree] as number, count, "sample");
	return isFlat(spread, reward) ? 0 : (reward - (moments.mean[tree] as number)) / (spread + FORM.epsilon);
}

function compute(batch: Batch, options: EstimatorOptions = {}): Advantages {
	const answer = relativeToGroup(batch, batch.reward, FORM, options);
	const trees = treesOf(batch);
	const moments = momentsByTree(batch, trees);
	for (let group = 0; group < groupCount(batch); group++) {
		const start = batch.groupStart[group] as number;
		const end = batch.groupStart[group + 1] as number;
		const flaw = batch.groupTreeFlaw[group] as number;
		if (flaw !== Reason.none) {
			answer.values.fill(Number.NaN, start, end);
			answer.reasons.fill(flaw, start, end);
			continue;
		}
		for (let rollout = start; rollout < end; rollout++) {
			const tree = trees[batch.tree.leafOf[rollout] as number] as number;
			answer.values[rollout] =
				(answer.values[rollout] as number) + within(moments, tree, batch.reward[rollout] as number);
		}
	}
	return answer;
}

function explain(batch: Batch, at: At): string[] {
	const lines = explainRelative(batch, batch.reward, FORM, at).map((line) => `all trees: ${line}`);
	const own = batch.reward[at.rollout] as number;
	const group = batch.rolloutGroup[at.rollout] as number;
	if (batch.groupTreeFlaw[group] !== Reason.none || Number.isNaN(own)) return lines;
	const trees = treesOf(batch);
	const moments = momentsByTree(batch, trees);
	const tree = trees[batch.tree.leafOf[at.rollout] as number] as number;
	const count = moments.count[tree] ?? 0;
	const local = within(moments, tree, own);
	const std = spreadOf(moments.squares[tree] ?? 0, count, "sample");
	lines.push(
		count < 2
			? "own tree: a single leaf, 0"
			: `own tree: ${count} leaves, mean ${digits(moments.mean[tree] as number)}, sample std ${digits(std)}: ${signedDigits(local)}`,
	);
	const all = momentsOf(batch.reward, batch.groupStart[group] as number, batch.groupStart[group + 1] as number);
	if (all.count < 2 || all.lowest === all.highest) return lines;
	const global = (own - all.mean) / (spreadOf(all.squares, all.count, "sample") + FORM.epsilon);
	return [...lines, `A = ${digits(local)} + ${term(global)} = ${signedDigits(local + global)}`];
}

export const treeGrpo: Estimator = {
	id: "tree-grpo",
	title: "Tree-GRPO",
	level: "rollout",
	scope: "group",
	needs: ["reward", "branches"],
	std: "sample",
	epsilon: FORM.epsilon,
	formula: `A = GRPO within the own tree + GRPO over all trees of the task, (r \u2212 mean) / (std + ${digits(FORM.epsilon)})`,
	source: {
		title: "Tree-GRPO",
		reference: "arXiv 2509.21240; official code",
		where: "advantages within and across trees",
	},
	grade: "A",
	choice:
		"a tree is what grows from one first step; a tree with a single leaf counts 0 (the code would add the raw reward)",
	oneMember: NO_BASELINE,
	zeroVariance: NO_SIGNAL,
	missingReward: LEFT_OUT,
	parameters: [],
	compute,
	explain,
};
