// What estimators over rollout trees share: the loop over groups with the reasons of those that have no numbers, and the
// nodes that explanations speak of.
import type { Batch } from "./batch.ts";
import { type Advantages, type At, type EstimatorOptions, newAdvantages } from "./estimator.ts";
import { digits } from "./explain.ts";
import { groupMoments } from "./moments.ts";
import { Reason } from "./reasons.ts";
import { signalReason } from "./relative.ts";
import { mostNodes, type TreePart, treePart, treeParts } from "./treeValues.ts";

/** Moments of the rewards of one group, missing ones left out. */
export interface RewardMoments {
	count: number;
	mean: number;
	/** Sum of squared deviations from the mean. */
	squares: number;
}

/** The nodes of one group, as places in the batch's columns; the first is the root. */
export interface GroupNodes extends RewardMoments {
	first: number;
	end: number;
	/** Place of the node with index 0 in the columns of the part. */
	origin: number;
}

/** How an estimator fills the nodes of trees, a part at a time. */
export interface TreePass {
	/** Computes what the part's nodes need, into columns over the part. */
	prepare(part: TreePart): void;
	/** Writes the values and reasons of one group's nodes. */
	fill(nodes: GroupNodes, answer: Advantages): void;
}

/**
 * Values and reasons of all nodes. Groups without a tree or without differing rewards get their reason and are not
 * filled; values with a reason are emptied unless trainers' numbers are asked for.
 * @param passFor makes the pass, with columns for parts of up to that many nodes
 */
export function overTrees(batch: Batch, options: EstimatorOptions, passFor: (most: number) => TreePass): Advantages {
	const answer = newAdvantages("branch", batch.tree.nodeParent.length, options);
	const { nodeStart } = batch.tree;
	const moments = groupMoments(batch.groupStart, batch.reward);
	const parts = treeParts(batch);
	const pass = passFor(mostNodes(parts));
	// one object, filled anew, instead of one for each of a hundred thousand groups
	const nodes: GroupNodes = { first: 0, end: 0, origin: 0, count: 0, mean: Number.NaN, squares: Number.NaN };
	for (const part of parts) {
		pass.prepare(part);
		nodes.origin = part.firstNode;
		for (let group = part.firstGroup; group < part.endGroup; group++) {
			nodes.first = nodeStart[group] as number;
			nodes.end = nodeStart[group + 1] as number;
			nodes.count = moments.count[group] as number;
			nodes.mean = moments.mean[group] as number;
			nodes.squares = moments.squares[group] as number;
			const reason = groupReason(batch, group, nodes);
			if (reason !== Reason.none) silence(nodes, reason, answer, options);
			else {
				pass.fill(nodes, answer);
				hideReasons(nodes, answer, options);
			}
		}
	}
	return answer;
}

function silence({ first, end }: GroupNodes, reason: Reason, answer: Advantages, options: EstimatorOptions): void {
	const asTrainer = options.asTrainer === true && reason === Reason.noSignal;
	answer.values.fill(asTrainer ? 0 : Number.NaN, first, end);
	answer.reasons.fill(reason, first, end);
}

function hideReasons({ first, end }: GroupNodes, { values, reasons }: Advantages, options: EstimatorOptions): void {
	for (let node = first; node < end; node++) {
		if (reasons[node] === Reason.none) {
			if (Number.isNaN(values[node])) reasons[node] = Reason.noReward;
		} else if (options.asTrainer !== true) values[node] = Number.NaN;
	}
}

/** Why a whole group has no number under a tree estimator; `none` where its nodes are to be looked at. */
function groupReason(batch: Batch, group: number, { count, squares }: RewardMoments): Reason {
	const flaw = batch.groupTreeFlaw[group] as Reason;
	if (flaw !== Reason.none) return flaw;
	if (count === 0) return (batch.rewardFlaw[batch.groupStart[group] as number] as Reason) || Reason.noReward;
	return signalReason(count, squares);
}

/** A node of its group's tree (both indices count from the root) that has a parent to be compared under. */
export interface BranchPlace {
	part: TreePart;
	node: number;
	parent: number;
}

/** The node that a place lies in; null for a root, which every rollout passes, and where steps are not loaded. */
export function branchAt(batch: Batch, at: At): BranchPlace | null {
	const { tree } = batch;
	const node = (at.step === null ? tree.leafOf[at.rollout] : tree.stepNode[at.step]) ?? -1;
	const parent = tree.nodeParent[node] ?? -1;
	if (parent < 0) return null;
	const group = tree.nodeGroup[node] as number;
	const part = treePart(batch, group, group + 1);
	return { part, node: node - part.firstNode, parent: parent - part.firstNode };
}

/** The branches at the fork below `parent`, in order. */
export function branchesBelow(part: TreePart, parent: number): number[] {
	const found: number[] = [];
	for (let node = parent + 1; node < part.nodes; node++) {
		if ((part.tree.nodeParent[part.firstNode + node] as number) - part.firstNode === parent) found.push(node);
	}
	return found;
}

/** `values of the branches (3): 0.5, [0], 0.1667` with the own one in brackets. */
export function listSiblings({ part, node, parent }: BranchPlace, values: Float64Array): string {
	const siblings = branchesBelow(part, parent);
	const shown = siblings.slice(0, 24).map((other) => {
		const text = digits(values[other] as number);
		return other === node ? `[${text}]` : text;
	});
	if (siblings.length > 24) shown.push(`… ${siblings.length - 24} more`);
	return `values of the branches at this fork (${siblings.length}): ${shown.join(", ")}`;
}
