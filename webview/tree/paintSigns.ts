// What is said about single nodes: errors, references, hits, the selection, the pointer.
import { NodeFlag } from "../../src/core/tree/nodeFlag.ts";
import { foldedRun } from "./paintRuns.ts";
import type { Mark, Scene } from "./scene.ts";
import { bead, boxOf, roundedRect } from "./shapes.ts";
import type { Outline, Stroke, Surface } from "./surface.ts";
import { eachInRow, visibleRows } from "./visible.ts";

/** Beads smaller than this stand too close for rings and badges. */
const SMALLEST_WITH_RING = 3.5;

export function paintSigns(surface: Surface, scene: Scene): void {
	paintTask(surface, scene);
	paintSelectedPath(surface, scene);
	if (scene.geometry.level !== "ribbon") paintSmallSigns(surface, scene);
	paintHits(surface, scene);
	for (const [node, mark] of scene.marks) if (isShown(scene, node)) paintMark(surface, scene, node, mark);
	paintSteps(surface, scene);
	ringAround(surface, scene, scene.hovered, { colour: scene.palette.dim, width: 1.5 }, 3);
	// the ring of an error stays visible inside that of the selection
	const distance = scene.marks.has(scene.active) ? 7.5 : 4;
	ringAround(surface, scene, scene.active, { colour: scene.palette.focus, width: 2.5 }, distance);
}

/** Step numbers along the upper edge, which stay there when the picture moves. */
function paintSteps(surface: Surface, { geometry, palette }: Scene): void {
	const { firstStep, lastStep } = geometry.window;
	const every =
		[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find((step) => step * geometry.camera.kx >= 42) ?? 10_000;
	const strip = surface.outline();
	strip.rect(0, 0, geometry.size.width, 20);
	surface.fill(strip, palette.background, 0.88);
	for (let step = Math.max(0, Math.ceil(firstStep / every) * every); step <= lastStep; step += every) {
		surface.text(`#${step}`, geometry.stepX(step), 10, { colour: palette.dim, size: 10, align: "middle" });
	}
}

/** The task itself, before anybody did anything: a square at the left end of the trunk. */
function paintTask(surface: Surface, { geometry, palette }: Scene): void {
	const x = geometry.x(0);
	const square = surface.outline();
	const half = Math.max(4, Math.min(geometry.width(0) / 2 + 1.5, 60));
	square.rect(x - 3, geometry.y(0) - half, 6, 2 * half);
	surface.fill(square, palette.dim);
}

function paintSelectedPath(surface: Surface, scene: Scene): void {
	const { geometry, selectedPath, palette } = scene;
	const line = surface.outline();
	let drawn = false;
	for (const node of selectedPath) {
		if (!isShown(scene, node)) break;
		const x = geometry.x(node);
		const y = geometry.y(node);
		const parent = geometry.tree.parent[node] as number;
		if (!drawn || parent < 0) line.moveTo(x, y);
		else if (geometry.layout.rowOf[parent] === geometry.layout.rowOf[node]) line.lineTo(x, y);
		else {
			const { turnX, toY } = geometry.branch(geometry.layout.rowOf[node] as number);
			line.lineTo(turnX, geometry.y(parent));
			line.lineTo(turnX, toY);
			line.lineTo(x, y);
		}
		drawn = true;
	}
	// on beads and boxes the path would lie over their words: there it is a thin line between them
	if (drawn && geometry.level === "ribbon") surface.stroke(line, { colour: palette.focus, width: 2 });
}

/** Errors that tools reported, folded branches, nodes that have just arrived. */
function paintSmallSigns(surface: Surface, scene: Scene): void {
	const { geometry, palette, flags, folded, fresh } = scene;
	const errors = surface.outline();
	const arrived = surface.outline();
	for (const row of visibleRows(geometry)) {
		eachInRow(geometry, row, (node) => {
			const y = geometry.y(node);
			const { right, top } = cornerOf(scene, node);
			const isError = ((flags[node] as number) & NodeFlag.error) !== 0;
			if (isError && foldedRun(scene, node) === null) dot(errors, right, top, 2.6);
			if (fresh.has(node)) dot(arrived, right, y, 2.4);
			if (folded[node] === 1) surface.glyph("fold", right + 5, y, 9, palette.dim);
		});
	}
	surface.stroke(errors, { colour: palette.background, width: 2 });
	surface.fill(errors, palette.error);
	surface.fill(arrived, palette.live);
}

function cornerOf(scene: Scene, node: number): { right: number; top: number } {
	const { geometry } = scene;
	if (geometry.level === "box") {
		const box = boxOf(scene, node);
		return { right: box.left + box.width, top: box.top };
	}
	const radius = geometry.beadRadius;
	const half = Math.max(radius, geometry.width(node) / 2 + 1.5);
	return { right: geometry.x(node) + radius * 0.8, top: geometry.y(node) - half + radius * 0.25 };
}

function dot(outline: Outline, x: number, y: number, radius: number): void {
	outline.moveTo(x + radius, y);
	outline.arc(x, y, radius, 0, 2 * Math.PI);
}

function paintHits(surface: Surface, scene: Scene): void {
	const { geometry, hits, palette } = scene;
	if (hits === null) return;
	const rings = surface.outline();
	for (const row of visibleRows(geometry)) {
		eachInRow(geometry, row, (node) => {
			if (hits[node] === 1) ring(rings, scene, node, 2);
		});
	}
	surface.stroke(rings, { colour: palette.hit, width: 2 });
}

function paintMark(surface: Surface, scene: Scene, node: number, mark: Mark): void {
	const { geometry, palette } = scene;
	const isError = mark.kind === "error" || mark.kind === "confirmed";
	const colour = isError ? palette.error : palette.reference;
	const dash = mark.kind === "error" ? [3, 2.5] : [];
	const folded = foldedRun(scene, node) !== null;
	// reference steps carry their flag alone: most of them are just as they should be
	if (geometry.beadRadius < SMALLEST_WITH_RING) {
		if (isError) paintSpeck(surface, scene, node, colour);
		return;
	}
	if (!folded && isError) {
		const outline = surface.outline();
		ring(outline, scene, node, Math.min(3.5, geometry.camera.ky * 0.14));
		surface.stroke(outline, { colour: palette.background, width: 3.5 });
		surface.stroke(outline, { colour, width: Math.min(2, geometry.camera.ky * 0.12), dash });
	}
	const { right, top } = cornerOf(scene, node);
	const badge = surface.outline();
	const radius = Math.max(3, Math.min(6, geometry.camera.ky * 0.22));
	// inside a folded run the sign stands over its step, without a ring through the words
	const x = folded ? geometry.x(node) : right + radius * 0.7;
	const y = top - radius * (folded ? 1.2 : 0.5);
	dot(badge, x, y, radius);
	surface.stroke(badge, { colour: palette.background, width: 2.5 });
	surface.fill(badge, colour);
	if (radius > 3.5) surface.glyph(isError ? "cross" : "flag", x, y, radius * 1.2, palette.background);
}

/** Where rows are too fine for rings. */
function paintSpeck(surface: Surface, { geometry, palette }: Scene, node: number, colour: string): void {
	const speck = surface.outline();
	dot(speck, geometry.x(node), geometry.y(node), Math.max(1.5, Math.min(2.6, geometry.camera.ky * 0.42)));
	surface.stroke(speck, { colour: palette.background, width: 1.5 });
	surface.fill(speck, colour);
}

function ringAround(surface: Surface, scene: Scene, node: number, stroke: Stroke, distance: number): void {
	if (!isShown(scene, node)) return;
	const outline = surface.outline();
	ring(outline, scene, node, distance);
	surface.stroke(outline, stroke);
}

function ring(outline: Outline, scene: Scene, node: number, distance: number): void {
	const { geometry } = scene;
	if (geometry.level === "box" && node !== 0) {
		const box = boxOf(scene, node);
		roundedRect(
			outline,
			box.left - distance / 2,
			box.top - distance / 2,
			box.width + distance,
			box.height + distance,
			4,
		);
		return;
	}
	const half = Math.max(geometry.beadRadius, geometry.width(node) / 2 + 1.5) + distance;
	if (geometry.level === "ribbon") {
		dot(outline, geometry.x(node), geometry.y(node), Math.max(4, Math.min(half, 7)));
		return;
	}
	bead(outline, scene, node, geometry.beadRadius, distance);
}

function isShown({ geometry }: Scene, node: number): boolean {
	return node >= 0 && (geometry.layout.rowOf[node] ?? -1) >= 0;
}
