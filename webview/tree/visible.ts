// Which nodes a frame has to paint: those in the window, thinned out where rows are finer than pixels.
import type { Geometry } from "./geometry.ts";

/** Rows closer than this are not told apart: what is painted stands for several. */
export const FINEST_ROW = 0.8;

/** Rows in the window, top to bottom; where several share a pixel, the one that begins furthest left. */
export function visibleRows(geometry: Geometry): number[] {
	const { firstRow, lastRow } = geometry.window;
	const { ky } = geometry.camera;
	const rows: number[] = [];
	if (ky >= FINEST_ROW) {
		for (let row = firstRow; row <= lastRow; row++) rows.push(row);
		return rows;
	}
	const beginning = (row: number) => geometry.tree.depth[geometry.rowParent(row)] ?? -1;
	const perPixel = FINEST_ROW / ky;
	for (let from = firstRow; from <= lastRow; from += perPixel) {
		let best = Math.floor(from);
		// a few of many rows are looked at, so that the work follows the pixels and not the tree
		const stride = Math.max(1, Math.floor(perPixel / 8));
		const end = Math.min(from + perPixel, lastRow + 1);
		for (let row = best + stride; row < end; row += stride) if (beginning(row) < beginning(best)) best = row;
		rows.push(best);
	}
	return rows;
}

/** Calls back with the nodes of a row that are in the window, left to right. */
export function eachInRow(geometry: Geometry, row: number, visit: (node: number, isFirst: boolean) => void): void {
	const { layout, tree } = geometry;
	const { firstStep, lastStep } = geometry.window;
	const from = layout.rowFrom[row] as number;
	const to = layout.rowFrom[row + 1] as number;
	if (from === to) return;
	const step = tree.depth[layout.order[from] as number] as number;
	const begin = from + Math.max(0, firstStep - step);
	const end = Math.min(to, from + lastStep - step + 1);
	for (let at = begin; at < end; at++) visit(layout.order[at] as number, at === from);
}
