// Trees in logs (search trees, message graphs) as rollouts: one for each leaf, later ones as branches of earlier ones.
import type { JsonValue } from "../model/json.ts";
import type { Place, Rollout, Step } from "../model/trajectory.ts";
import { branchFrom, PrefixBudget } from "./branches.ts";
import type { ReadContext } from "./format.ts";

export interface TreeNode {
	/** Number of the node above in the list of nodes, always smaller than the node's own; null for a root. */
	parent: number | null;
}

/** A path from a root to a leaf, told as steps. */
export interface LeafPath {
	/** Numbers of the nodes, root first. */
	nodes: number[];
	steps: Step[];
	/** The earlier path that shares the longest beginning; null where none shares a step of the agent. */
	parent: number | null;
	/** How many first steps equal the parent's. */
	sharedSteps: number;
}

/** A tree of more leaves, or of more nodes over all its paths, is read up to here. */
const MOST_LEAVES = 2000;
const MOST_STEPS = 200_000;

/**
 * The paths to `leaves`, in their order. Every path is a whole rollout, so a tree that would not fit is cut, and that is
 * reported at `place`.
 * @param tell the steps of a path of nodes
 */
export function leafPaths(
	nodes: readonly TreeNode[],
	leaves: readonly number[],
	tell: (path: number[]) => Step[],
	place: Place,
	context: Pick<ReadContext, "problem">,
): LeafPath[] {
	const paths: LeafPath[] = [];
	/** The first path that went through each node. */
	const owners = new Map<number, number>();
	let told = 0;
	for (const leaf of leaves) {
		if (paths.length >= MOST_LEAVES || told > MOST_STEPS) {
			context.problem(place, `the tree has ${leaves.length} leaves: the first ${paths.length} are read`);
			break;
		}
		const path = pathTo(nodes, leaf);
		told += path.length;
		const steps = tell(path);
		paths.push({ nodes: path, steps, ...sharedWith(paths, path, steps, owners) });
		for (const node of path) if (!owners.has(node)) owners.set(node, paths.length - 1);
	}
	return paths;
}

/** A node of a tree that the log nests, in the order in which the log writes it. */
export interface NestedNode extends TreeNode {
	value: JsonValue;
	pointer: string;
	depth: number;
}

/** Nodes below this, and beyond this number, are left out. */
const DEEPEST = 1000;
const MOST_NODES = 100_000;

/** The nodes of a nested tree, parents before their children; `childrenOf` names the member that holds a node's children. */
export function nestedNodes(
	root: JsonValue,
	pointer: string,
	childrenOf: (node: JsonValue) => { key: string; list: JsonValue[] },
	place: Place,
	context: Pick<ReadContext, "problem">,
): NestedNode[] {
	const nodes: NestedNode[] = [];
	const waiting: NestedNode[] = [{ value: root, pointer, depth: 0, parent: null }];
	let cut = false;
	for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
		if (node.depth > DEEPEST || nodes.length >= MOST_NODES) {
			cut = true;
			continue;
		}
		const parent = nodes.push(node) - 1;
		const { key, list } = childrenOf(node.value);
		for (let index = list.length - 1; index >= 0; index--) {
			const value = list[index] as JsonValue;
			waiting.push({ value, pointer: `${node.pointer}/${key}/${index}`, depth: node.depth + 1, parent });
		}
	}
	if (cut) context.problem(place, `the tree is too deep or too large: ${nodes.length} of its nodes are read`);
	return nodes;
}

/** Nodes without children, in order. */
export function leavesOf(nodes: readonly TreeNode[]): number[] {
	const parents = new Set(nodes.map((node) => node.parent));
	return nodes.flatMap((_, index) => (parents.has(index) ? [] : [index]));
}

function pathTo(nodes: readonly TreeNode[], leaf: number): number[] {
	const path: number[] = [];
	for (let at: number | null = leaf; at !== null; at = nodes[at]?.parent ?? null) path.push(at);
	return path.reverse();
}

/** Sharing the prompt alone makes no branch: those are attempts of their own at the same task. */
function sharedWith(
	paths: LeafPath[],
	path: number[],
	steps: Step[],
	owners: Map<number, number>,
): Pick<LeafPath, "parent" | "sharedSteps"> {
	const last = path.findLast((node) => owners.has(node));
	const parent = last === undefined ? undefined : owners.get(last);
	const other = parent === undefined ? undefined : paths[parent];
	if (parent === undefined || other === undefined) return { parent: null, sharedSteps: 0 };
	let shared = 0;
	while (sameStep(steps[shared], other.steps[shared])) shared++;
	const acted = steps.slice(0, shared).some((step) => step.role === "agent");
	return acted ? { parent, sharedSteps: shared } : { parent: null, sharedSteps: 0 };
}

/** The same node with the same results: paths may part between a call and its result. */
function sameStep(a: Step | undefined, b: Step | undefined): boolean {
	if (a === undefined || b === undefined) return false;
	if (a.origin.pointer !== b.origin.pointer || a.origin.index !== b.origin.index) return false;
	if (a.text !== b.text || a.calls.length !== b.calls.length || a.observations.length !== b.observations.length)
		return false;
	return a.observations.every((result, index) => result.text === b.observations[index]?.text);
}

/** States in `rollouts`, made from `paths` in the same order, which of them branch off which. */
export function linkBranches(rollouts: Rollout[], paths: LeafPath[]): Rollout[] {
	const budget = new PrefixBudget();
	paths.forEach((path, index) => {
		const rollout = rollouts[index];
		const parent = path.parent === null ? undefined : rollouts[path.parent];
		if (rollout === undefined || parent === undefined) return;
		branchFrom(rollout, parent, path.sharedSteps - 1, rollout.steps.slice(path.sharedSteps), budget);
	});
	return rollouts;
}
