// The prefix tree of each group as columns: from logged branches where the log has any, else from equal first steps.
import type { BranchTree } from "./batch.ts";
import { Reason } from "./reasons.ts";

/** One rollout of a group as the tree sees it. */
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
	/** Equal keys at equal places mean the same step; compared only where no branches are logged. */
	keys: readonly string[];
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
 * Adds one group. Where the branches form no tree, the group gets a flat one (every rollout a child of the prompt).
 * @param firstStep [rollouts of the group] index of each rollout's first step in the step columns
 * @returns why there is no tree, else `Reason.none`
 */
export function addGroup(
	tree: TreeBuilder,
	group: number,
	firstRollout: number,
	firstStep: number[],
	paths: Path[],
): Reason {
	const branches = paths.some((path) => path.parent !== -1);
	const order = branches ? parentsFirst(paths) : null;
	const flaw = branches ? flawOf(paths, order) : Reason.none;
	const root = addNode(tree, group, -1);
	if (flaw !== Reason.none) addFlat(tree, group, root, firstRollout, firstStep, paths);
	else if (order !== null) addLogged(tree, group, root, firstRollout, firstStep, paths, order);
	else addEqualSteps(tree, group, root, firstRollout, firstStep, paths);
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

function addFlat(
	tree: TreeBuilder,
	group: number,
	root: number,
	firstRollout: number,
	firstStep: number[],
	paths: Path[],
): void {
	paths.forEach((path, index) => {
		const leaf = addNode(tree, group, root);
		tree.leafOf[firstRollout + index] = leaf;
		fillSteps(tree, firstStep[index] as number, 0, path.length, leaf);
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
	firstRollout: number,
	firstStep: number[],
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
			fillSteps(tree, firstStep[index] as number, Math.max(at - own, 0), Math.max(cut - own, 0), node);
			endingAt[index]?.set(cut, node);
			parent = node;
			at = cut;
		}
		const leaf = addNode(tree, group, parent);
		fillSteps(tree, firstStep[index] as number, Math.max(at - own, 0), path.length, leaf);
		tree.leafOf[firstRollout + index] = leaf;
		copySharedSteps(tree, firstStep, paths, index);
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
function copySharedSteps(tree: TreeBuilder, firstStep: number[], paths: Path[], index: number): void {
	const { parent, shared, branchAt, length } = paths[index] as Path;
	if (parent < 0) return;
	const parentLength = paths[parent]?.length ?? 0;
	for (let step = 0; step < Math.min(shared, length); step++) {
		const twin = branchAt - shared + step;
		if (twin < 0 || twin >= parentLength) continue;
		tree.stepNode[(firstStep[index] as number) + step] = tree.stepNode[(firstStep[parent] as number) + twin] as number;
	}
}

/** A prefix tree over the keys of steps, stretches without a fork or an end drawn together. */
function addEqualSteps(
	tree: TreeBuilder,
	group: number,
	root: number,
	firstRollout: number,
	firstStep: number[],
	paths: Path[],
): void {
	const trie = trieOf(paths);
	/** Node of each trie point; the point 0 is the prompt. */
	const nodeOf = new Int32Array(trie.parent.length);
	nodeOf[0] = root;
	for (let point = 1; point < trie.parent.length; point++) {
		const parent = trie.parent[point] as number;
		const straight = trie.children[parent] === 1 && trie.ends[parent] === 0;
		nodeOf[point] = straight ? (nodeOf[parent] as number) : addNode(tree, group, nodeOf[parent] as number);
	}
	paths.forEach((path, index) => {
		const points = trie.points[index] ?? [];
		for (let step = 0; step < path.length; step++) {
			tree.stepNode[(firstStep[index] as number) + step] = nodeOf[points[step] as number] as number;
		}
		const last = points.at(-1) ?? 0;
		const alone = last !== 0 && trie.ends[last] === 1 && trie.children[last] === 0;
		const node = nodeOf[last] as number;
		tree.leafOf[firstRollout + index] = alone && node !== root ? node : addNode(tree, group, node);
	});
}

interface Trie {
	parent: number[];
	children: number[];
	/** Rollouts that end at each point. */
	ends: number[];
	/** Point of each step of each rollout. */
	points: number[][];
}

function trieOf(paths: Path[]): Trie {
	const keyNumbers = new Map<string, number>();
	for (const path of paths) for (const key of path.keys) if (!keyNumbers.has(key)) keyNumbers.set(key, keyNumbers.size);
	const next = new Map<number, number>();
	const trie: Trie = { parent: [-1], children: [0], ends: [0], points: [] };
	for (const path of paths) {
		const points: number[] = [];
		let point = 0;
		for (const key of path.keys) {
			const edge = point * keyNumbers.size + (keyNumbers.get(key) as number);
			let following = next.get(edge);
			if (following === undefined) {
				following = trie.parent.length;
				next.set(edge, following);
				trie.parent.push(point);
				trie.children.push(0);
				trie.ends.push(0);
				trie.children[point] = (trie.children[point] as number) + 1;
			}
			point = following;
			points.push(point);
		}
		trie.ends[point] = (trie.ends[point] as number) + 1;
		trie.points.push(points);
	}
	return trie;
}
