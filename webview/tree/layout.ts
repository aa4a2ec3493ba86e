// Where everything stands in the picture of a tree, in steps and rows. Pure: no pixels, no drawing.
import type { RolloutTree } from "../../src/core/tree/merge.ts";
import type { Children } from "../../src/core/tree/order.ts";

export interface LayoutInput {
	tree: Pick<RolloutTree, "parent" | "depth">;
	children: Children;
	/** By node: shown rollouts through it; a node with 0 is left out. */
	weight: Int32Array;
	/** By node: shown rollouts whose last step it is. */
	ended: Int32Array;
	/** By node: 1 where everything below is folded away. */
	folded: Uint8Array;
}

/**
 * Every end has a row. A node's first child continues its row; every other child begins a row of its own below, and
 * rollouts that end where others go on get a row without nodes, a stub. So a row is one string of consecutive steps,
 * and its nodes stand side by side in `order`.
 */
export interface TreeLayout {
	/** Shown nodes, each before its descendants, rows one after the other. */
	order: Int32Array;
	/** [rows + 1] where each row begins in `order`. */
	rowFrom: Int32Array;
	/** By row: the node at which its rollouts end, for a stub; -1 for a row that has nodes of its own. */
	stub: Int32Array;
	rows: number;
	/** One more than the greatest step number. */
	columns: number;
	/** By node: its row, and its place in `order`; -1 where it is not shown. */
	rowOf: Int32Array;
	placeOf: Int32Array;
	/** By node: row of its last child or stub; -1 where nothing is shown after it. */
	lastChildRow: Int32Array;
	/** By node: last row of everything after it; -1 where it is not shown. */
	lastRow: Int32Array;
	/** By place in `order`: places of the first and last step of the unbranched run that it is part of. */
	runFirst: Int32Array;
	runLast: Int32Array;
	/** By node: shown rollouts of the siblings above it, so that ribbons leave their trunk side by side. */
	lane: Int32Array;
	weight: Int32Array;
	ended: Int32Array;
	/** Most rollouts in one row's end. */
	widestEnd: number;
}

export function layoutTree({ tree, children, weight, ended, folded }: LayoutInput): TreeLayout {
	const nodes = tree.parent.length;
	const layout: TreeLayout = {
		order: new Int32Array(nodes),
		rowFrom: new Int32Array(0),
		stub: new Int32Array(0),
		rows: 0,
		columns: 0,
		rowOf: new Int32Array(nodes).fill(-1),
		placeOf: new Int32Array(nodes).fill(-1),
		lastChildRow: new Int32Array(nodes).fill(-1),
		lastRow: new Int32Array(nodes).fill(-1),
		runFirst: new Int32Array(0),
		runLast: new Int32Array(0),
		lane: new Int32Array(nodes),
		weight,
		ended,
		widestEnd: 1,
	};
	const rowFrom: number[] = [];
	const stub: number[] = [];
	/** Nodes that begin a row, and stubs as the complement of their node. */
	const waiting = [0];
	let placed = 0;
	for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
		const row = rowFrom.push(placed) - 1;
		stub.push(next < 0 ? ~next : -1);
		const above = next < 0 ? ~next : (tree.parent[next] as number);
		if (above >= 0) layout.lastChildRow[above] = row;
		let last = -1;
		for (let node = next; node >= 0; ) {
			last = node;
			layout.placeOf[node] = placed;
			layout.order[placed++] = node;
			layout.rowOf[node] = row;
			const first = folded[node] === 1 ? -1 : pushSiblings(layout, children, node, waiting);
			if (first !== -1) layout.lastChildRow[node] = row;
			node = first;
		}
		const end = last === -1 ? above : last;
		layout.columns = Math.max(layout.columns, (tree.depth[end] as number) + 1);
		layout.widestEnd = Math.max(layout.widestEnd, (last === -1 ? ended : weight)[end] as number);
	}
	rowFrom.push(placed);
	layout.order = layout.order.subarray(0, placed);
	layout.rowFrom = Int32Array.from(rowFrom);
	layout.stub = Int32Array.from(stub);
	layout.rows = stub.length;
	findLastRows(layout);
	findRuns(layout);
	return layout;
}

/**
 * Puts the stub and all shown children but the first on the stack, lowest first; answers the first, -1 where there is
 * none.
 */
function pushSiblings(layout: TreeLayout, children: Children, node: number, waiting: number[]): number {
	const { weight, lane } = layout;
	const begin = children.start[node] as number;
	let first = -1;
	let above = 0;
	for (let at = begin; at < (children.start[node + 1] as number); at++) {
		const child = children.list[at] as number;
		if (weight[child] === 0) continue;
		if (first === -1) first = child;
		lane[child] = above;
		above += weight[child] as number;
	}
	if (first === -1) return -1;
	if ((layout.ended[node] as number) > 0) waiting.push(~node);
	for (let at = (children.start[node + 1] as number) - 1; at >= begin; at--) {
		const child = children.list[at] as number;
		if (child !== first && (weight[child] as number) > 0) waiting.push(child);
	}
	return first;
}

function findLastRows(layout: TreeLayout): void {
	const { order, lastChildRow, lastRow, rowOf, stub } = layout;
	for (let place = order.length - 1; place >= 0; place--) {
		const node = order[place] as number;
		const row = lastChildRow[node] as number;
		if (row === -1) lastRow[node] = rowOf[node] as number;
		else if (stub[row] !== -1) lastRow[node] = row;
		else lastRow[node] = lastRow[firstOf(layout, row, node)] as number;
	}
}

/** A run goes on as long as nothing leaves it: no other branch, no end. The task itself is part of none. */
function findRuns(layout: TreeLayout): void {
	const { order, lastChildRow, rowOf } = layout;
	layout.runFirst = new Int32Array(order.length);
	layout.runLast = new Int32Array(order.length);
	const goesOn = (place: number) => place > 0 && lastChildRow[order[place] as number] === rowOf[order[place] as number];
	for (let place = 0; place < order.length; place++) {
		layout.runFirst[place] = goesOn(place - 1) ? (layout.runFirst[place - 1] as number) : place;
	}
	for (let place = order.length - 1; place >= 0; place--) {
		layout.runLast[place] = goesOn(place) ? (layout.runLast[place + 1] as number) : place;
	}
}

/** The node of `row` that is a child of `parent`: the next one where the row is the parent's own. */
function firstOf(layout: TreeLayout, row: number, parent: number): number {
	const place = row === layout.rowOf[parent] ? (layout.placeOf[parent] as number) + 1 : (layout.rowFrom[row] as number);
	return layout.order[place] as number;
}

/** The node at which a row's rollouts end. */
export function rowEnd(layout: TreeLayout, row: number): number {
	const stub = layout.stub[row] as number;
	return stub === -1 ? (layout.order[(layout.rowFrom[row + 1] as number) - 1] as number) : stub;
}

/** Rollouts that end in a row. */
export function rowWeight(layout: TreeLayout, row: number): number {
	const end = rowEnd(layout, row);
	return (layout.stub[row] === -1 ? layout.weight[end] : layout.ended[end]) as number;
}

/** The first node of a row; -1 for a stub. */
export function rowStart(layout: TreeLayout, row: number): number {
	return layout.stub[row] === -1 ? (layout.order[layout.rowFrom[row] as number] as number) : -1;
}

/** Rollouts above a row's ribbon in the trunk that it leaves. */
export function rowLane(layout: TreeLayout, row: number): number {
	const stub = layout.stub[row] as number;
	if (stub === -1) return layout.lane[rowStart(layout, row)] as number;
	return (layout.weight[stub] as number) - (layout.ended[stub] as number);
}

/** The node at a row and step; -1 where the row has none there. */
export function nodeAt(layout: TreeLayout, depth: Int32Array, row: number, step: number): number {
	const first = row < 0 || row >= layout.rows ? -1 : rowStart(layout, row);
	if (first === -1) return -1;
	const from = layout.rowFrom[row] as number;
	const at = from + step - (depth[first] as number);
	return at >= from && at < (layout.rowFrom[row + 1] as number) ? (layout.order[at] as number) : -1;
}

/** The node at a step on the path to a row's end; -1 where the path has none there. */
export function ancestorAt(layout: TreeLayout, tree: LayoutInput["tree"], row: number, step: number): number {
	if (row < 0 || row >= layout.rows || step < -1) return -1;
	for (let at = row; ; ) {
		const first = rowStart(layout, at);
		if (first !== -1 && (tree.depth[first] as number) <= step) return nodeAt(layout, tree.depth, at, step);
		const above = first === -1 ? (layout.stub[at] as number) : (tree.parent[first] as number);
		if (first === -1 && (tree.depth[above] as number) < step) return -1;
		at = layout.rowOf[above] as number;
		// a stub's path ends at its node, however far that node's row goes on
		if (first === -1 && tree.depth[above] === step) return above;
	}
}
