// A part of a batch as a batch of its own, so that one group is explained without computing all others.
import { type Batch, groupCount, visitsByAnchor } from "./batch.ts";
import type { At } from "./estimator.ts";

/** `starts[first..end]` counted from `starts[first]`. */
function rebased(column: Int32Array, first: number, end: number, origin: number): Int32Array {
	const part = column.slice(first, end);
	for (let index = 0; index < part.length; index++) {
		if ((part[index] as number) >= 0) part[index] = (part[index] as number) - origin;
	}
	return part;
}

/** The groups `firstGroup` up to, not including, `endGroup`. Numbers are shared with `batch`, indices are copied. */
export function sliceGroups(batch: Batch, firstGroup: number, endGroup: number): Batch {
	const rollout = batch.groupStart[firstGroup] as number;
	const rolloutEnd = batch.groupStart[endGroup] as number;
	const step = batch.stepStart[rollout] as number;
	const stepEnd = batch.stepStart[rolloutEnd] as number;
	const token = batch.tokenStart[step] as number;
	const tokenEnd = batch.tokenStart[stepEnd] as number;
	const training = batch.groupBatch[firstGroup] as number;
	const lastTraining = batch.groupBatch[endGroup - 1] as number;
	return {
		batches: batch.batches.slice(training, lastTraining + 1).map((entry) => ({
			...entry,
			firstGroup: Math.max(entry.firstGroup, firstGroup) - firstGroup,
			endGroup: Math.min(entry.endGroup, endGroup) - firstGroup,
		})),
		members: batch.members.slice(rollout, rolloutEnd),
		groupStart: rebased(batch.groupStart, firstGroup, endGroup + 1, rollout),
		groupBatch: rebased(batch.groupBatch, firstGroup, endGroup, training),
		groupGreedy: batch.groupGreedy.subarray(firstGroup, endGroup),
		groupTreeFlaw: batch.groupTreeFlaw.subarray(firstGroup, endGroup),
		stepStart: rebased(batch.stepStart, rollout, rolloutEnd + 1, step),
		rolloutGroup: rebased(batch.rolloutGroup, rollout, rolloutEnd, firstGroup),
		reward: batch.reward.subarray(rollout, rolloutEnd),
		rewardFlaw: batch.rewardFlaw.subarray(rollout, rolloutEnd),
		outcome: batch.outcome.subarray(rollout, rolloutEnd),
		truncated: batch.truncated.subarray(rollout, rolloutEnd),
		length: batch.length.subarray(rollout, rolloutEnd),
		condition: batch.condition.subarray(rollout, rolloutEnd),
		loggedAdvantage: batch.loggedAdvantage.subarray(rollout, rolloutEnd),
		stepActs: batch.stepActs.subarray(step, stepEnd),
		stepReward: batch.stepReward.subarray(step, stepEnd),
		stepValue: batch.stepValue.subarray(step, stepEnd),
		stepLogged: batch.stepLogged.subarray(step, stepEnd),
		...slicedAnchors(batch, step, stepEnd),
		stepPolicyLogprob: batch.stepPolicyLogprob.subarray(step, stepEnd),
		stepReferenceLogprob: batch.stepReferenceLogprob.subarray(step, stepEnd),
		stepEntropy: batch.stepEntropy.subarray(step, stepEnd),
		tokenStart: rebased(batch.tokenStart, step, stepEnd + 1, token),
		tokenMask: batch.tokenMask.subarray(token, tokenEnd),
		tokenValue: batch.tokenValue.subarray(token, tokenEnd),
		tokenLogged: batch.tokenLogged.subarray(token, tokenEnd),
		tree: slicedTree(batch, firstGroup, endGroup, rollout, rolloutEnd),
	};
}

/** Anchors are numbered group by group, so those of a few groups are a range of their own. */
function slicedAnchors(
	batch: Batch,
	step: number,
	stepEnd: number,
): Pick<Batch, "stepAnchor" | "anchorStart" | "anchorSteps"> {
	let lowest = batch.anchorStart.length;
	let highest = -1;
	for (let index = step; index < stepEnd; index++) {
		const anchor = batch.stepAnchor[index] as number;
		if (anchor < 0) continue;
		lowest = Math.min(lowest, anchor);
		highest = Math.max(highest, anchor);
	}
	const stepAnchor = rebased(batch.stepAnchor, step, stepEnd, lowest);
	return { stepAnchor, ...visitsByAnchor(stepAnchor, highest < 0 ? 0 : highest - lowest + 1) };
}

function slicedTree(
	batch: Batch,
	firstGroup: number,
	endGroup: number,
	rollout: number,
	rolloutEnd: number,
): Batch["tree"] {
	const { tree } = batch;
	const node = tree.nodeStart[firstGroup] as number;
	const nodeEnd = tree.nodeStart[endGroup] as number;
	const step = batch.stepStart[rollout] as number;
	const stepEnd = batch.stepStart[rolloutEnd] as number;
	return {
		nodeStart: rebased(tree.nodeStart, firstGroup, endGroup + 1, node),
		nodeParent: rebased(tree.nodeParent, node, nodeEnd, node),
		nodeGroup: rebased(tree.nodeGroup, node, nodeEnd, firstGroup),
		nodeChildren: tree.nodeChildren.slice(node, nodeEnd),
		leafOf: rebased(tree.leafOf, rollout, rolloutEnd, node),
		stepNode: rebased(tree.stepNode, step, stepEnd, node),
	};
}

/** The smallest part of `batch` that an estimator of this scope needs for a place, and the place within it. */
export function partFor(
	batch: Batch,
	scope: "rollout" | "group" | "batch",
	at: At,
): { batch: Batch; at: At; firstRollout: number } {
	const group = batch.rolloutGroup[at.rollout] as number;
	const training = batch.batches[batch.groupBatch[group] as number];
	const [first, end] =
		scope === "batch" && training !== undefined ? [training.firstGroup, training.endGroup] : [group, group + 1];
	if (first === 0 && end === groupCount(batch)) return { batch, at, firstRollout: 0 };
	const firstRollout = batch.groupStart[first] as number;
	const firstStep = batch.stepStart[firstRollout] as number;
	return {
		batch: sliceGroups(batch, first, end),
		at: { rollout: at.rollout - firstRollout, step: at.step === null ? null : at.step - firstStep },
		firstRollout,
	};
}
