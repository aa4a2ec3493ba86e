// What estimators over rollout trees share: reasons of groups that form no tree, and the nodes that explanations speak of.
import { type Batch, groupCount } from "./batch.ts";
import { type Advantages, type At, type EstimatorOptions, newAdvantages } from "./estimator.ts";
import { digits } from "./explain.ts";
import { groupMoments } from "./moments.ts";
import { Reason } from "./reasons.ts";
import { signalReason } from "./relative.ts";

/**
 * Finishes values and reasons that an estimator wrote for each node: groups without a tree or without differing rewards
 * get their reason, and values with a reason are emptied unless trainers' numbers are asked for.
 */
export function finishBranches(batch: Batch, answer: Advantages, options: EstimatorOptions): Advantages {
	const { values, reasons } = answer;
	const { nodeStart } = batch.tree;
	const asTrainer = options.asTrainer === true;
	const { count, squares } = groupMoments(batch.groupStart, batch.reward);
	for (let group = 0; group < groupCount(batch); group++) {
		const first = nodeStart[group] as number;
		const end = nodeStart[group + 1] as number;
		const reason = groupReason(batch, group, count[group] as number, squares[group] as number);
		if (reason !== Reason.none) {
			values.fill(asTrainer && reason === Reason.noSignal ? 0 : Number.NaN, first, end);
			reasons.fill(reason, first, end);
			continue;
		}
		for (let node = first; node < end; node++) {
			if (reasons[node] === Reason.none) {
				if (Number.isNaN(values[node])) reasons[node] = Reason.noReward;
			} else if (!asTrainer) values[node] = Number.NaN;
		}
	}
	return answer;
}

/** Why a whole group has no number under a tree estimator; `none` where its nodes are to be looked at. */
function groupReason(batch: Batch, group: number, count: number, squares: number): Reason {
	const flaw = batch.groupTreeFlaw[group] as Reason;
	if (flaw !== Reason.none) return flaw;
	if (count === 0) return (batch.rewardFlaw[batch.groupStart[group] as number] as Reason) || Reason.noReward;
	return signalReason(count, squares);
}

export function newBranchAdvantages(batch: Batch, options: EstimatorOptions): Advantages {
	return newAdvantages("branch", batch.tree.nodeParent.length, options);
}

/** The node that a place lies in. */
export function nodeAt(batch: Batch, at: At): number {
	return (at.step === null ? batch.tree.leafOf[at.rollout] : batch.tree.stepNode[at.step]) ?? -1;
}

/** The node and its siblings, in order; empty for a root. */
export function siblingsOf(batch: Batch, node: number): number[] {
	const { tree } = batch;
	const parent = tree.nodeParent[node] as number;
	if (parent < 0) return [];
	const end = tree.nodeStart[(tree.nodeGroup[node] as number) + 1] as number;
	const found: number[] = [];
	for (let other = parent + 1; other < end; other++) if (tree.nodeParent[other] === parent) found.push(other);
	return found;
}

/** `values of the branches (3): 0.5, [0], 0.1667` with the own one in brackets. */
export function listSiblings(batch: Batch, node: number, values: Float64Array): string {
	const siblings = siblingsOf(batch, node);
	const shown = siblings.slice(0, 24).map((other) => {
		const text = digits(values[other] as number);
		return other === node ? `[${text}]` : text;
	});
	if (siblings.length > 24) shown.push(`… ${siblings.length - 24} more`);
	return `values of the branches at this fork (${siblings.length}): ${shown.join(", ")}`;
}
