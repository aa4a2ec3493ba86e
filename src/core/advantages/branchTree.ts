// The prefix tree of each group as columns: from logged branches where the log has any, else from equal first steps.

import type { RolloutTree } from "../tree/merge.ts";
import type { BranchTree } from "./batch.ts";
import { Reason } from "./reasons.ts";

/** One rollout of a group as the tree sees it, where branches are logged. */
export interface Path {
	/** Index within the group of the rollout that it branches from; -1 for none, -2 for one that is not in the group. */
	parent: number;
	/** Steps of the parent's own record before the branch. */
	branchAt: number;
	/** How many of its own recorded steps repeat the parent's. */
	shared: number;
	/** Number of recorded steps. */
	length: number;
	/** What it was told at its start: branches of one tree share it. */
	prompt: string;
}

/** Where a group's rollouts and steps lie in the batch. */
export interface GroupPlace {
	firstRollout: number;
	/** [rollouts of the group] index of each rollout's first step in the step columns. */
	firstStep: number[];
}

/** Columns that grow; turned into a `BranchTree` at the end. */
export interface TreeBuilder {
	nodeStart: number[];
	nodeParent: number[];
	nodeGroup: number[];
	leafOf: Int32Array;
	stepNode: Int32Array;
}

export function newTree(rollouts: number, steps: number): TreeBuilder {
	return {
		nodeStart: [0],
		nodeParent: [],
		nodeGroup: [],
		leafOf: new Int32Array(rollouts).fill(-1),
		stepNode: new Int32Array(steps).fill(-1),
	};
}

export function finishTree(tree: TreeBuilder): BranchTree {
	const nodeParent = Int32Array.from(tree.nodeParent);
	const nodeChildren = new Int32Array(nodeParent.length);
	for (const parent of nodeParent) if (parent >= 0) nodeChildren[parent] = (nodeChildren[parent] as number) + 1;
	return {
		nodeStart: Int32Array.from(tree.nodeStart),
		nodeParent,
		nodeGroup: Int32Array.from(tree.nodeGroup),
		nodeChildren,
		leafOf: tree.leafOf,
		stepNode: tree.stepNode,
	};
}

function addNode(tree: TreeBuilder, group: number, parent: number): number {
	tree.nodeParent.push(parent);
	tree.nodeGroup.push(group);
	return tree.nodeParent.length - 1;
}

/**
 * Adds a group whose log names no branches: rollouts share what the drawn tree merges.
 * @param merged the group's rollouts in their order, none of them branching from another
 */
export function addMergedGroup(tree: TreeBuilder, group: number, place: GroupPlace, merged: RolloutTree): void {
	addEqualSteps(tree, group, addNode(tree, group, -1), place, merged);
	tree.nodeStart.push(tree.nodeParent.length);
}

/**
 * Adds a group whose log names branches. Each branch is a sample of its own and is not merged with one that happens to
 * begin alike. Where they form no tree, the group gets a flat one (every rollout a child of the prompt).
 * @returns why there is no tree, else `Reason.none`
 */
export function addLoggedGroup(tree: TreeBuilder, group: number, place: GroupPlace, paths: Path[]): Reason {
	const order = parentsFirst(paths);
	const flaw = flawOf(paths, order);
	const root = addNode(tree, group, -1);
	if (flaw !== Reason.none || order === null) addFlat(tree, group, root, place, paths);
	else addLogged(tree, group, root, place, paths, order);
	tree.nodeStart.push(tree.nodeParent.length);
	return flaw;
}

function flawOf(paths: Path[], order: number[] | null): Reason {
	if (paths.some((path) => path.parent === -2)) return Reason.missingParent;
	if (order === null) return Reason.cyclicParents;
	const roots = paths.filter((path) => path.parent === -1);
	return roots.some((path) => path.prompt !== roots[0]?.prompt) ? Reason.severalRoots : Reason.none;
}

/** Indices so that each parent comes before its branches; null where parents go round in a circle. */
function parentsFirst(paths: Path[]): number[] | null {
	const UNSEEN = 0;
	const WAITING = 1;
	const DONE = 2;
	const state = new Uint8Array(paths.length);
	const order: number[] = [];
	const waiting: number[] = [];
	for (let start = 0; start < paths.length; start++) {
		let current = start;
		while (current >= 0 && state[current] === UNSEEN) {
			state[current] = WAITING;
			waiting.push(current);
			current = paths[current]?.parent ?? -1;
		}
		if (current >= 0 && state[current] === WAITING) return null;
		while (waiting.length > 0) {
			const done = waiting.pop() as number;
			state[done] = DONE;
			order.push(done);
		}
	}
	return order;
}

function addFlat(tree: TreeBuilder, group: number, root: number, place: GroupPlace, paths: Path[]): void {
	paths.forEach((path, index) => {
		const leaf = addNode(tree, group, root);
		tree.leafOf[place.firstRollout + index] = leaf;
		fillSteps(tree, place.firstStep[index] as number, 0, path.length, leaf);
	});
}

function fillSteps(tree: TreeBuilder, firstStep: number, from: number, to: number, node: number): void {
	tree.stepNode.fill(node, firstStep + from, firstStep + to);
}

/**
 * Where each rollout leaves which other, counted in steps from the prompt. A branch that leaves before its parent's
 * own first step really leaves one of the parent's ancestors; jump pointers (skew-binary, as in Myers' random-access
 * lists) find that ancestor in logarithmic time however long the chain of parents is.
 */
interface Departures {
	/** Ancestor that it leaves, or -1 for the prompt. */
	from: Int32Array;
	/** Steps from the prompt at which it leaves. */
	depth: Int32Array;
	/** Steps from the prompt before its own first recorded step. */
	offset: Int32Array;
}

function departuresOf(paths: Path[], order: number[]): Departures {
	const count = paths.length;
	const answer = { from: new Int32Array(count).fill(-1), depth: new Int32Array(count), offset: new Int32Array(count) };
	const level = new Int32Array(count);
	const jump = new Int32Array(count).fill(-1);
	for (const index of order) {
		const path = paths[index] as Path;
		if (path.parent < 0) continue;
		const parentOffset = answer.offset[path.parent] as number;
		const parentEnd = parentOffset + (paths[path.parent]?.length ?? 0);
		const depth = Math.max(0, Math.min(parentOffset + path.branchAt, parentEnd));
		let ancestor = path.parent;
		while (ancestor >= 0 && depth <= (answer.depth[ancestor] as number)) {
			const far = jump[ancestor] as number;
			ancestor = far >= 0 && depth <= (answer.depth[far] as number) ? far : (answer.from[ancestor] as number);
		}
		answer.from[index] = ancestor;
		answer.depth[index] = ancestor < 0 ? 0 : depth;
		answer.offset[index] = Math.max(0, depth - path.shared);
		if (ancestor < 0) continue;
		level[index] = (level[ancestor] as number) + 1;
		const first = jump[ancestor] as number;
		const second = first < 0 ? -1 : (jump[first] as number);
		const balanced = first >= 0 && second >= 0 && level[ancestor]! - level[first]! === level[first]! - level[second]!;
		jump[index] = balanced ? second : ancestor;
	}
	return answer;
}

function addLogged(
	tree: TreeBuilder,
	group: number,
	root: number,
	place: GroupPlace,
	paths: Path[],
	order: number[],
): void {
	const { from, depth, offset } = departuresOf(paths, order);
	const cuts = cutsOf(paths.length, from, depth);
	/** Node of each rollout that ends at each of its cuts. */
	const endingAt: Map<number, number>[] = paths.map(() => new Map());
	for (const index of order) {
		const path = paths[index] as Path;
		const ancestor = from[index] as number;
		const own = offset[index] as number;
		let parent = ancestor < 0 ? root : (endingAt[ancestor]?.get(depth[index] as number) ?? root);
		let at = depth[index] as number;
		for (const cut of cuts[index] ?? []) {
			const node = addNode(tree, group, parent);
			fillSteps(tree, place.firstStep[index] as number, Math.max(at - own, 0), Math.max(cut - own, 0), node);
			endingAt[index]?.set(cut, node);
			parent = node;
			at = cut;
		}
		const leaf = addNode(tree, group, parent);
		fillSteps(tree, place.firstStep[index] as number, Math.max(at - own, 0), path.length, leaf);
		tree.leafOf[place.firstRollout + index] = leaf;
		copySharedSteps(tree, place, paths, index);
	}
}

/** Depths at which others leave each rollout, rising and without repetition. */
function cutsOf(count: number, from: Int32Array, depth: Int32Array): (number[] | undefined)[] {
	const cuts: (number[] | undefined)[] = new Array(count);
	for (let index = 0; index < count; index++) {
		const ancestor = from[index] as number;
		if (ancestor < 0) continue;
		const list = cuts[ancestor];
		if (list === undefined) cuts[ancestor] = [depth[index] as number];
		else list.push(depth[index] as number);
	}
	for (let index = 0; index < count; index++) {
		if (cuts[index] !== undefined) cuts[index] = [...new Set(cuts[index])].sort((a, b) => a - b);
	}
	return cuts;
}

/** The steps that a branch repeats lie in the nodes of its parent. */
function copySharedSteps(tree: TreeBuilder, place: GroupPlace, paths: Path[], index: number): void {
	const { parent, shared, branchAt, length } = paths[index] as Path;
	if (parent < 0) return;
	const parentLength = paths[parent]?.length ?? 0;
	for (let step = 0; step < Math.min(shared, length); step++) {
		const twin = branchAt - shared + step;
		if (twin < 0 || twin >= parentLength) continue;
		tree.stepNode[(place.firstStep[index] as number) + step] = tree.stepNode[
			(place.firstStep[parent] as number) + twin
		] as number;
	}
}

/** The tree that is drawn of the group, stretches without a fork or an end taken together. */
function addEqualSteps(tree: TreeBuilder, group: number, root: number, place: GroupPlace, merged: RolloutTree): void {
	const points = merged.parent.length;
	const children = new Int32Array(points);
	const ends = new Int32Array(points);
	for (const parent of merged.parent) if (parent >= 0) children[parent] = (children[parent] as number) + 1;
	for (const { end } of merged.rollouts) ends[end] = (ends[end] as number) + 1;
	const nodeOf = new Int32Array(points);
	nodeOf[0] = root;
	for (let point = 1; point < points; point++) {
		const parent = merged.parent[point] as number;
		const straight = children[parent] === 1 && ends[parent] === 0;
		nodeOf[point] = straight ? (nodeOf[parent] as number) : addNode(tree, group, nodeOf[parent] as number);
	}
	merged.rollouts.forEach(({ end }, index) => {
		const firstStep = place.firstStep[index] as number;
		let point = end;
		for (let depth = merged.depth[end] as number; depth >= 0; depth--) {
			tree.stepNode[firstStep + depth] = nodeOf[point] as number;
			point = merged.parent[point] as number;
		}
		const node = nodeOf[end] as number;
		const alone = node !== root && ends[end] === 1 && children[end] === 0;
		tree.leafOf[place.firstRollout + index] = alone ? node : addNode(tree, group, node);
	});
}
