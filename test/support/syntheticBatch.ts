// Large batches for benches, made column by column: a million steps without a million objects.
import { type Batch, type BranchTree, visitsByAnchor } from "../../src/core/advantages/batch.ts";

export interface Shape {
	groups: number;
	/** Rollouts a group. */
	members: number;
	/** Steps a rollout, all the agent's. */
	steps: number;
	/** The second half of each group leaves the first half, one each, after the first step. */
	forked: boolean;
}

/** Groups that are updated on together. */
const GROUPS_PER_BATCH = 128;

/** A small generator with a period that is long enough here (Lehmer, multiplier 48271). */
function numbers(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state * 48271) % 0x7fffffff;
		return state / 0x7fffffff;
	};
}

export function syntheticBatch(shape: Shape): Batch {
	const { groups, members, steps } = shape;
	const rollouts = groups * members;
	const total = rollouts * steps;
	const next = numbers(17);
	const random = (length: number) => Float64Array.from({ length }, next);
	const stride = (length: number, by: number) => Int32Array.from({ length }, (_, index) => index * by);
	const stepAnchor = Int32Array.from(
		{ length: total },
		(_, index) => Math.floor(index / (members * steps)) * steps + (index % steps),
	);
	const member = { key: "", file: "", task: "", rollout: "" };
	return {
		batches: Array.from({ length: Math.ceil(groups / GROUPS_PER_BATCH) }, (_, index) => ({
			run: "training",
			trainingStep: index,
			partial: null,
			firstGroup: index * GROUPS_PER_BATCH,
			endGroup: Math.min(groups, (index + 1) * GROUPS_PER_BATCH),
		})),
		members: new Array(rollouts).fill(member),
		groupStart: stride(groups + 1, members),
		groupBatch: Int32Array.from({ length: groups }, (_, index) => Math.floor(index / GROUPS_PER_BATCH)),
		groupGreedy: random(groups),
		groupTreeFlaw: new Uint8Array(groups),
		stepStart: stride(rollouts + 1, steps),
		rolloutGroup: Int32Array.from({ length: rollouts }, (_, index) => Math.floor(index / members)),
		reward: random(rollouts),
		rewardFlaw: new Uint8Array(rollouts),
		outcome: Int8Array.from({ length: rollouts }, (_, index) => index % 2),
		truncated: new Uint8Array(rollouts),
		length: random(rollouts).map((value) => Math.ceil(value * 1000)),
		condition: Int32Array.from({ length: rollouts }, (_, index) => index % 2),
		loggedAdvantage: random(rollouts),
		stepActs: new Uint8Array(total).fill(1),
		stepReward: random(total),
		stepValue: random(total),
		stepLogged: random(total),
		stepAnchor,
		...visitsByAnchor(stepAnchor, groups * steps),
		stepPolicyLogprob: random(total),
		stepReferenceLogprob: random(total),
		stepEntropy: random(total),
		tokenStart: new Int32Array(total + 1),
		tokenMask: new Uint8Array(0),
		tokenValue: new Float64Array(0),
		tokenLogged: new Float64Array(0),
		tree: syntheticTree(shape),
	};
}

function syntheticTree({ groups, members, steps, forked }: Shape): BranchTree {
	const half = forked ? members >> 1 : 0;
	const perGroup = 1 + members + half;
	const nodes = groups * perGroup;
	const nodeParent = new Int32Array(nodes).fill(-1);
	const nodeChildren = new Int32Array(nodes);
	const leafOf = new Int32Array(groups * members);
	const stepNode = new Int32Array(groups * members * steps);
	for (let group = 0; group < groups; group++) {
		const root = group * perGroup;
		for (let stem = 0; stem < half; stem++) nodeParent[root + 1 + stem] = root;
		for (let index = 0; index < members; index++) {
			const rollout = group * members + index;
			const leaf = root + 1 + half + index;
			const stem = root + 1 + (index % Math.max(half, 1));
			nodeParent[leaf] = half > 0 ? stem : root;
			leafOf[rollout] = leaf;
			stepNode.fill(leaf, rollout * steps, (rollout + 1) * steps);
			if (half > 0) stepNode[rollout * steps] = stem;
		}
	}
	for (const parent of nodeParent) if (parent >= 0) nodeChildren[parent] = (nodeChildren[parent] as number) + 1;
	return {
		nodeStart: Int32Array.from({ length: groups + 1 }, (_, index) => index * perGroup),
		nodeParent,
		nodeGroup: Int32Array.from({ length: nodes }, (_, index) => Math.floor(index / perGroup)),
		nodeChildren,
		leafOf,
		stepNode,
	};
}
