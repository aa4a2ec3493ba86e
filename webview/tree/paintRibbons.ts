// The ribbons: as wide as the rollouts in them, in the colour of the step that they lead to.
import type { Geometry } from "./geometry.ts";
import { rowLane, rowStart } from "./layout.ts";
import { NOTHING, type RowMeans } from "./means.ts";
import type { Scene } from "./scene.ts";
import type { Outline, Surface } from "./surface.ts";
import { eachInRow, FINEST_ROW, visibleRows } from "./visible.ts";

/** Beside beads and boxes ribbons step back. */
const QUIET = 0.55;
const DIMMED = 0.16;

export function paintRibbons(surface: Surface, scene: Scene): void {
	const { ky } = scene.geometry.camera;
	const ink = new BucketInk(surface, scene);
	const means = ky < FINEST_ROW ? scene.means.of(FINEST_ROW / ky) : null;
	if (means !== null) paintMeans(scene, means, ink);
	// over means only trunks that are wider than a row are painted themselves
	const narrowest = means === null ? 0 : Math.max(1.01, ky);
	for (const row of visibleRows(scene.geometry)) paintRow(scene, row, ink, narrowest);
	paintLeaving(scene, ink);
	ink.flush(scene.hits === null ? (scene.geometry.level === "ribbon" ? 1 : QUIET) : DIMMED);
}

/** Collects shapes by colour, so that a frame needs one fill a colour. */
class BucketInk {
	private readonly surface: Surface;
	private readonly scene: Scene;
	private readonly shapes = new Map<number, Outline>();
	private readonly bends = new Map<string, { outline: Outline; colour: string; width: number }>();

	constructor(surface: Surface, scene: Scene) {
		this.surface = surface;
		this.scene = scene;
	}

	shape(bucket: number): Outline {
		let shape = this.shapes.get(bucket);
		if (shape === undefined) {
			shape = this.surface.outline();
			this.shapes.set(bucket, shape);
		}
		return shape;
	}

	bend(bucket: number, width: number): Outline {
		const rounded = Math.round(width * 4) / 4;
		const key = `${bucket} ${rounded}`;
		let bend = this.bends.get(key);
		if (bend === undefined) {
			bend = { outline: this.surface.outline(), colour: this.scene.scale.colours[bucket] as string, width: rounded };
			this.bends.set(key, bend);
		}
		return bend.outline;
	}

	flush(alpha: number): void {
		for (const [bucket, shape] of this.shapes)
			this.surface.fill(shape, this.scene.scale.colours[bucket] as string, alpha);
		for (const { outline, colour, width } of this.bends.values())
			this.surface.stroke(outline, { colour, width, alpha });
	}
}

/** One rectangle for every stretch of steps with the same mean colour. */
function paintMeans({ geometry }: Scene, means: RowMeans, ink: BucketInk): void {
	const { firstRow, lastRow, firstStep, lastStep } = geometry.window;
	const { kx, ky } = geometry.camera;
	const height = means.block * ky;
	for (let block = Math.floor(firstRow / means.block); block * means.block <= lastRow; block++) {
		const y = geometry.rowY(block * means.block - 0.5);
		const base = block * means.columns;
		let from = Math.max(0, firstStep);
		for (let step = from; step <= lastStep; step++) {
			const bucket = means.bucket[base + step] as number;
			if (step < lastStep && means.bucket[base + step + 1] === bucket) continue;
			const x = geometry.stepX(from) - kx;
			if (bucket !== NOTHING) ink.shape(bucket).rect(x, y, geometry.stepX(step) - x, height);
			from = step + 1;
		}
	}
}

function paintRow(scene: Scene, row: number, ink: BucketInk, narrowest: number): void {
	const { geometry, bucket } = scene;
	const { kx } = geometry.camera;
	const top = geometry.top(row);
	if (row > 0) paintBranch(scene, row, ink);
	let run = { bucket: -1, width: 0, from: 0, to: 0 };
	const finish = () => {
		if (run.bucket !== -1) ink.shape(run.bucket).rect(run.from, top, run.to - run.from, run.width);
	};
	eachInRow(geometry, row, (node, isFirst) => {
		if (isFirst) return;
		const x = geometry.x(node);
		const width = geometry.width(node);
		if (width < narrowest) return;
		const colour = bucket[node] as number;
		if (colour === run.bucket && width === run.width) {
			run.to = x;
			return;
		}
		finish();
		run = { bucket: colour, width, from: Math.max(x - kx, geometry.x(0)), to: x };
	});
	finish();
}

function paintBranch(scene: Scene, row: number, ink: BucketInk): void {
	const { geometry, bucket } = scene;
	const { fromX, fromY, turnX, toX, toY, width } = geometry.branch(row);
	const first = rowStart(geometry.layout, row);
	const colour = bucket[first === -1 ? geometry.rowParent(row) : first] as number;
	if (geometry.level === "ribbon") {
		const shape = ink.shape(colour);
		const half = width / 2;
		const top = Math.max(fromY - half, -50);
		shape.rect(fromX, fromY - half, turnX + half - fromX, width);
		shape.rect(turnX - half, top, width, Math.max(0, toY + half - top));
		shape.rect(turnX - half, toY - half, toX - turnX + half, width);
		return;
	}
	const bend = ink.bend(colour, width);
	const radius = Math.max(0, Math.min(geometry.camera.kx * 0.3, toX - turnX, turnX - fromX, (toY - fromY) / 2, 12));
	bend.moveTo(fromX, fromY);
	bend.lineTo(turnX - radius, fromY);
	bend.quadraticCurveTo(turnX, fromY, turnX, fromY + radius);
	bend.lineTo(turnX, toY - radius);
	bend.quadraticCurveTo(turnX, toY, turnX + radius, toY);
	bend.lineTo(toX, toY);
}

/**
 * Ribbons on their way to rows below the window. Their forks all lie on the path to the first row below it, so the
 * work is bounded by the steps in the window.
 */
function paintLeaving(scene: Scene, ink: BucketInk): void {
	const { geometry } = scene;
	const { lastRow, firstStep, lastStep } = geometry.window;
	const below = lastRow + 1;
	if (below >= geometry.layout.rows) return;
	for (let step = firstStep; step <= lastStep; step++) {
		const fork = geometry.ancestorAt(below, step);
		if (fork === -1 || (geometry.layout.rowOf[fork] as number) > lastRow) continue;
		if ((geometry.layout.lastChildRow[fork] as number) > lastRow) paintSpine(scene, geometry, fork, below, ink);
	}
}

function paintSpine(scene: Scene, geometry: Geometry, fork: number, below: number, ink: BucketInk): void {
	const { layout } = geometry;
	const row = firstRowFrom(geometry, fork, below);
	const upper = rowLane(layout, row);
	const lower = layout.weight[fork] as number;
	const left = geometry.turnX(fork, lower);
	const right = Math.max(left + 1, geometry.turnX(fork, upper));
	const top = geometry.top(layout.rowOf[fork] as number) + upper * geometry.perRollout;
	const from = Math.max(top, -50);
	const first = rowStart(layout, row);
	const shape = ink.shape(scene.bucket[first === -1 ? fork : first] as number);
	shape.rect(geometry.x(fork), top, right - geometry.x(fork), Math.max(1, (lower - upper) * geometry.perRollout));
	shape.rect(left, from, right - left, Math.max(0, geometry.size.height + 50 - from));
}

/** The first row that leaves a fork and is `row` or below it. */
function firstRowFrom(geometry: Geometry, fork: number, row: number): number {
	const { layout, tree } = geometry;
	const onPath = geometry.ancestorAt(row, (tree.depth[fork] as number) + 1);
	if (onPath === -1) return row;
	const begins = layout.rowOf[onPath] as number;
	// where the path goes straight on, the fork's next row begins below everything that comes after the path's child
	return begins > (layout.rowOf[fork] as number) ? begins : (layout.lastRow[onPath] as number) + 1;
}
