// What estimators over rollout trees share: reasons of groups that form no tree, and the nodes that explanations speak of.
import { type Batch, groupCount } from "./batch.ts";
import { type Advantages, type At, type EstimatorOptions, newAdvantages } from "./estimator.ts";
import { digits } from "./explain.ts";
import { Reason } from "./reasons.ts";
import { momentsOf, reasonOf } from "./relative.ts";

/** Why a whole group has no number under a tree estimator; `none` where its nodes are to be looked at. */
function groupReason(batch: Batch, group: number): Reason {
	const flaw = batch.groupTreeFlaw[group] as Reason;
	if (flaw !== Reason.none) return flaw;
	const start = batch.groupStart[group] as number;
	const end = batch.groupStart[group + 1] as number;
	const moments = momentsOf(batch.reward, start, end);
	if (moments.count === 0) return (batch.rewardFlaw[start] as Reason) || Reason.noReward;
	return reasonOf(moments);
}

export interface NodeValue {
	value: number;
	reason: Reason;
}

/**
 * One value for each node. Groups without a tree or without differing rewards get their reason; in the others
 * `evaluate(node, out)` writes into `out`, so that no object is made for each node.
 */
export function branchAdvantages(
	batch: Batch,
	options: EstimatorOptions,
	evaluate: (node: number, out: NodeValue) => void,
): Advantages {
	const { tree } = batch;
	const answer = newAdvantages("branch", tree.nodeParent.length, options);
	const out: NodeValue = { value: 0, reason: Reason.none };
	for (let group = 0; group < groupCount(batch); group++) {
		const reason = groupReason(batch, group);
		const first = tree.nodeStart[group] as number;
		const end = tree.nodeStart[group + 1] as number;
		if (reason !== Reason.none) {
			answer.values.fill(options.asTrainer === true && reason === Reason.noSignal ? 0 : Number.NaN, first, end);
			answer.reasons.fill(reason, first, end);
			continue;
		}
		for (let node = first; node < end; node++) {
			out.reason = Reason.none;
			evaluate(node, out);
			const hidden = out.reason !== Reason.none && options.asTrainer !== true;
			answer.values[node] = hidden ? Number.NaN : out.value;
			answer.reasons[node] = out.reason === Reason.none && Number.isNaN(out.value) ? Reason.noReward : out.reason;
		}
	}
	return answer;
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
