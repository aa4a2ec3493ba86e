// Pixels for a laid-out tree under a camera: the one place that painting, hit testing and the keyboard take them from.
import type { RolloutTree } from "../../src/core/tree/merge.ts";
import { BOX_STEP, type Camera, type Size } from "./camera.ts";
import { ancestorAt, rowLane, rowStart, rowWeight, type TreeLayout } from "./layout.ts";

/** How much a node shows: a stretch of ribbon, a bead with a sign, or a box with words. */
export type Level = "ribbon" | "bead" | "box";

/** Beads in rows too fine for signs are painted up to this many: more would take longer than a frame has. */
const MOST_FINE_BEADS = 5000;
/** Ribbons are this wide a rollout where there is room, and no trunk is wider than the second number. */
const RIBBON = { perRollout: 2.4, widest: 110 } as const;

export class Geometry {
	readonly tree: RolloutTree;
	readonly layout: TreeLayout;
	readonly camera: Camera;
	readonly size: Size;
	readonly level: Level;
	/** Pixels a rollout: the widths of ribbons are proportional, down to one pixel. */
	readonly perRollout: number;

	constructor(tree: RolloutTree, layout: TreeLayout, camera: Camera, size: Size) {
		this.tree = tree;
		this.layout = layout;
		this.camera = camera;
		this.size = size;
		this.level = levelOf(camera, {
			width: Math.min(size.width, layout.columns * camera.kx),
			height: Math.min(size.height, layout.rows * camera.ky),
		});
		this.perRollout = Math.min(
			RIBBON.perRollout,
			RIBBON.widest / Math.max(layout.weight[0] as number, 1),
			(0.7 * camera.ky) / layout.widestEnd,
		);
	}

	/** Rows and steps that can be seen, ends included. */
	get window(): { firstRow: number; lastRow: number; firstStep: number; lastStep: number } {
		const { x, y, kx, ky } = this.camera;
		return {
			firstRow: Math.max(0, Math.floor(-y / ky - 0.5)),
			lastRow: Math.min(this.layout.rows - 1, Math.ceil((this.size.height - y) / ky + 0.5)),
			firstStep: Math.max(-1, Math.floor(-x / kx - 1)),
			lastStep: Math.min(this.layout.columns - 1, Math.ceil((this.size.width - x) / kx + 1)),
		};
	}

	stepX(step: number): number {
		return this.camera.x + step * this.camera.kx;
	}

	x(node: number): number {
		return node === 0 ? this.taskX : this.stepX(this.tree.depth[node] as number);
	}

	rowY(row: number): number {
		return this.camera.y + row * this.camera.ky;
	}

	/** Width of a ribbon with that many rollouts; at least a pixel. */
	ribbon(rollouts: number): number {
		return Math.max(1, rollouts * this.perRollout);
	}

	/** Width of the ribbon that leads to a node. */
	width(node: number): number {
		return this.ribbon(this.layout.weight[node] as number);
	}

	/** Upper edge of a row's ribbon: straight from its first node to its end, because rollouts leave it at the bottom. */
	top(row: number): number {
		return this.rowY(row) - this.ribbon(rowWeight(this.layout, row)) / 2;
	}

	/** Vertical middle of a node. */
	y(node: number): number {
		return this.top(this.layout.rowOf[node] as number) + this.width(node) / 2;
	}

	/** Half the height of a node's bead or box. */
	halfHeight(node: number): number {
		const half = this.width(node) / 2;
		if (this.level === "box") return Math.max(half + 1, Math.min(this.camera.ky * 0.42, 15));
		return Math.max(this.beadRadius, half + 1.5);
	}

	/** Whether there is room for names over beads. */
	get hasNames(): boolean {
		return this.level === "bead" && this.camera.kx >= 50 && this.camera.ky >= 31;
	}

	/** X of the task's own sign, left of step 0. */
	get taskX(): number {
		return this.stepX(0) - (this.level === "box" ? this.camera.kx / 2 + 4 : Math.min(22, this.camera.kx));
	}

	get beadRadius(): number {
		return Math.max(1.2, Math.min(7.5, this.camera.kx * 0.34, this.camera.ky * 0.38));
	}

	/** The node that a row leaves; -1 for the first row. */
	rowParent(row: number): number {
		const first = rowStart(this.layout, row);
		return (first === -1 ? this.layout.stub[row] : this.tree.parent[first]) as number;
	}

	/** Where a row's ribbon leaves its parent, turns down, and arrives. Not for the first row. */
	branch(row: number): { fromX: number; fromY: number; turnX: number; toX: number; toY: number; width: number } {
		const parent = this.rowParent(row);
		const first = rowStart(this.layout, row);
		const weight = (first === -1 ? this.layout.ended[parent] : this.layout.weight[first]) as number;
		const lane = rowLane(this.layout, row) + weight / 2;
		const nextX = this.stepX((this.tree.depth[parent] as number) + 1);
		const width = this.ribbon(weight);
		return {
			fromX: this.x(parent),
			fromY: this.top(this.layout.rowOf[parent] as number) + lane * this.perRollout,
			turnX: this.turnX(parent, lane),
			// a stub stops short of the step that it does not take
			toX: first === -1 ? nextX - this.camera.kx * 0.25 : nextX,
			toY: this.top(row) + width / 2,
			width,
		};
	}

	/** Ribbons turn down side by side between two steps, the lowest first, so that none crosses another. */
	turnX(parent: number, lane: number): number {
		const { layout } = this;
		const first = layout.weight[layout.order[(layout.placeOf[parent] as number) + 1] as number] as number;
		const all = layout.weight[parent] as number;
		const bundle = (all - first) * this.perRollout;
		const nextX = this.stepX((this.tree.depth[parent] as number) + 1);
		const room = (nextX - this.x(parent)) * 0.5;
		const squeeze = bundle > room ? room / bundle : 1;
		return (this.x(parent) + nextX) / 2 + ((all + first) / 2 - lane) * this.perRollout * squeeze;
	}

	/** The node under a point; -1 where there is none. */
	hit(px: number, py: number): number {
		const { x, y, kx, ky } = this.camera;
		const row = Math.round((py - y) / ky);
		const step = Math.round((px - x) / kx);
		for (const candidate of [row, row - 1, row + 1]) {
			// a wide trunk covers rows below its own, but only rows of its own branches
			const node = this.ancestorAt(candidate, step);
			const reach = node === -1 ? 0 : Math.max(this.halfHeight(node), Math.min(ky / 2, 8));
			if (node !== -1 && Math.abs(py - this.y(node)) <= reach) return node;
		}
		return -1;
	}

	ancestorAt(row: number, step: number): number {
		return ancestorAt(this.layout, this.tree, row, step);
	}
}

/** @param shown the part of the window that the picture fills */
function levelOf({ kx, ky }: Camera, shown: Size): Level {
	if (kx >= BOX_STEP && ky >= 20) return "box";
	if (kx < 9 || ky < 2.5) return "ribbon";
	const places = (shown.width / kx) * (shown.height / ky);
	return ky >= 7 || places <= MOST_FINE_BEADS ? "bead" : "ribbon";
}
