// The rollouts of one or more training batches as columns: everything that an estimator may read, built once.

/** Who a rollout is, for output and links. */
export interface Member {
	/** The summary's key, unique among everything that is open. */
	key: string;
	file: string;
	task: string;
	/** The log's own id of the rollout. */
	rollout: string;
}

/** One training step of one run: the set over which batch-level estimators take their statistics. */
export interface TrainingBatch {
	run: string;
	/** Null where the log names none: then nobody knows which rollouts were updated on together. */
	trainingStep: number | null;
	/** Why this is not the whole batch; null where nothing speaks against it. */
	partial: string | null;
	/** Its groups are `firstGroup` up to, not including, `endGroup`. */
	firstGroup: number;
	endGroup: number;
}

/**
 * Rollouts lie group by group, groups lie training batch by training batch, steps lie rollout by rollout, tokens step
 * by step; `xStart` columns have one entry more than there are owners. NaN stands for "not logged" in every
 * Float64Array, -1 in every Int32Array. Rewards are in the log's own unit, lengths in tokens, log-probabilities in nats.
 */
export interface Batch {
	readonly batches: readonly TrainingBatch[];
	readonly members: readonly Member[];

	/** [groups + 1] first rollout of each group. */
	readonly groupStart: Int32Array;
	/** [groups] training batch of each group. */
	readonly groupBatch: Int32Array;
	/** [groups] reward of the greedy rollout, where logged (ReMax). */
	readonly groupGreedy: Float64Array;
	/** [groups] why the group's branches form no tree (a `Reason`); 0 where they do. */
	readonly groupTreeFlaw: Uint8Array;

	/** [rollouts + 1] first step of each rollout. */
	readonly stepStart: Int32Array;
	/** [rollouts] group of each rollout. */
	readonly rolloutGroup: Int32Array;
	/** [rollouts] */
	readonly reward: Float64Array;
	/** [rollouts] why there is no usable reward (a `Reason`); 0 where there is one. */
	readonly rewardFlaw: Uint8Array;
	/** [rollouts] 1 success, 0 failure, -1 unknown. */
	readonly outcome: Int8Array;
	/** [rollouts] 1 where a limit or a person ended it. */
	readonly truncated: Uint8Array;
	/** [rollouts] tokens that the agent wrote. */
	readonly length: Float64Array;
	/** [rollouts] which condition it ran under (with experience or without), numbered within its group. */
	readonly condition: Int32Array;
	/** [rollouts] advantage as logged for the whole rollout. */
	readonly loggedAdvantage: Float64Array;

	/** [steps] 1 where the agent acted: the steps that can have an advantage. */
	readonly stepActs: Uint8Array;
	/** [steps] */
	readonly stepReward: Float64Array;
	/** [steps] value before the step's outcome is known, as logged. */
	readonly stepValue: Float64Array;
	/** [steps] advantage as logged. */
	readonly stepLogged: Float64Array;
	/** [steps] number of the state in which the step was taken; equal within a group means the same state. */
	readonly stepAnchor: Int32Array;
	/** [anchors + 1] first of each state's visits in `anchorSteps`. */
	readonly anchorStart: Int32Array;
	/** [visits] steps taken in each state, state by state. */
	readonly anchorSteps: Int32Array;
	/** [steps] summed log-probability of the step's tokens under the trainer's policy, and under the reference. */
	readonly stepPolicyLogprob: Float64Array;
	readonly stepReferenceLogprob: Float64Array;
	/** [steps] mean entropy of the step's tokens, in nats. */
	readonly stepEntropy: Float64Array;

	/** [steps + 1] first token of each step; all zero where no tokens are logged. */
	readonly tokenStart: Int32Array;
	/** [tokens] 1 where trained on. */
	readonly tokenMask: Uint8Array;
	/** [tokens] */
	readonly tokenValue: Float64Array;
	/** [tokens] */
	readonly tokenLogged: Float64Array;

	readonly tree: BranchTree;
}

/**
 * The prefix trees of all groups. A node is a stretch of steps that the same rollouts share; each group has one root,
 * the prompt, which holds no agent step of its own unless all rollouts share one. Parents come before their children.
 */
export interface BranchTree {
	/** [groups + 1] first node of each group; that node is the root. */
	readonly nodeStart: Int32Array;
	/** [nodes] -1 for roots. */
	readonly nodeParent: Int32Array;
	/** [nodes] group of each node. */
	readonly nodeGroup: Int32Array;
	/** [nodes] number of direct children. */
	readonly nodeChildren: Int32Array;
	/** [rollouts] node in which the rollout ends. */
	readonly leafOf: Int32Array;
	/** [steps] node that holds the step. */
	readonly stepNode: Int32Array;
}

export function groupCount(batch: Batch): number {
	return batch.groupStart.length - 1;
}

export function rolloutCount(batch: Batch): number {
	return batch.reward.length;
}

export function stepCount(batch: Batch): number {
	return batch.stepActs.length;
}

/** How a training batch is called in messages. */
export function batchName(training: TrainingBatch): string {
	return training.trainingStep === null ? `run ${training.run}` : `run ${training.run}, step ${training.trainingStep}`;
}

/** Index of the rollout with this summary key; -1 where it is not in the batch. */
export function rolloutWithKey(batch: Batch, key: string): number {
	return batch.members.findIndex((member) => member.key === key);
}

/**
 * Visits to each state, from the state of each step.
 * @param stepAnchor [steps] number of the state, -1 for none
 * @param anchors one more than the highest number
 */
export function visitsByAnchor(
	stepAnchor: Int32Array,
	anchors: number,
): { anchorStart: Int32Array; anchorSteps: Int32Array } {
	const anchorStart = new Int32Array(anchors + 1);
	for (const anchor of stepAnchor) if (anchor >= 0) anchorStart[anchor + 1] = (anchorStart[anchor + 1] as number) + 1;
	for (let anchor = 0; anchor < anchors; anchor++) {
		anchorStart[anchor + 1] = (anchorStart[anchor + 1] as number) + (anchorStart[anchor] as number);
	}
	const next = anchorStart.slice();
	const anchorSteps = new Int32Array(anchorStart[anchors] as number);
	stepAnchor.forEach((anchor, step) => {
		if (anchor < 0) return;
		anchorSteps[next[anchor] as number] = step;
		next[anchor] = (next[anchor] as number) + 1;
	});
	return { anchorStart, anchorSteps };
}
