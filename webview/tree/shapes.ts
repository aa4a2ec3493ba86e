// The shapes that nodes have: circle, capsule, box.
import { STEP_KINDS } from "../../src/core/tree/toolKind.ts";
import { rowEnd } from "./layout.ts";
import type { Scene } from "./scene.ts";
import type { Outline } from "./surface.ts";

/** Between two boxes, in pixels. */
const GAP = 14;
const TOLD: ReadonlySet<string> = new Set(STEP_KINDS.slice(0, 3));

/** Whether somebody other than the agent took the step. */
export function isTold(scene: Scene, node: number): boolean {
	return TOLD.has(scene.kind(node));
}

/** A circle, or on a wide trunk a capsule across it; `grow` widens it all round. */
export function bead(outline: Outline, { geometry }: Scene, node: number, radius: number, grow = 0): void {
	const x = geometry.x(node);
	const y = geometry.y(node);
	const reach = Math.max(0, geometry.width(node) / 2 + 1.5 - radius);
	const round = radius + grow;
	outline.moveTo(x + round, y - reach);
	outline.lineTo(x + round, y + reach);
	outline.arc(x, y + reach, round, 0, Math.PI);
	outline.lineTo(x - round, y - reach);
	// ends where it began: closing paths of thousands of beads would cost more than all the rest of a frame
	outline.arc(x, y - reach, round, Math.PI, 2 * Math.PI);
}

export interface Box {
	left: number;
	top: number;
	width: number;
	height: number;
}

export function boxOf({ geometry }: Scene, node: number): Box {
	const half = geometry.halfHeight(node);
	const width = geometry.camera.kx - GAP;
	return { left: geometry.x(node) - width / 2, top: geometry.y(node) - half, width, height: 2 * half };
}

/** Where a row's last shape ends. */
export function rowEndX({ geometry }: Scene, row: number): number {
	if (geometry.layout.stub[row] !== -1) return geometry.branch(row).toX;
	const end = geometry.x(rowEnd(geometry.layout, row));
	if (geometry.level === "box") return end + geometry.camera.kx / 2 - GAP / 2;
	return end + (geometry.level === "bead" ? geometry.beadRadius : 0);
}

/** Vertical middle of a row's end. */
export function rowEndY({ geometry }: Scene, row: number): number {
	return geometry.layout.stub[row] === -1 ? geometry.y(rowEnd(geometry.layout, row)) : geometry.rowY(row);
}

export function roundedRect(
	outline: Outline,
	x: number,
	y: number,
	width: number,
	height: number,
	radius: number,
): void {
	const r = Math.min(radius, width / 2, height / 2);
	outline.moveTo(x + r, y);
	outline.lineTo(x + width - r, y);
	outline.quadraticCurveTo(x + width, y, x + width, y + r);
	outline.lineTo(x + width, y + height - r);
	outline.quadraticCurveTo(x + width, y + height, x + width - r, y + height);
	outline.lineTo(x + r, y + height);
	outline.quadraticCurveTo(x, y + height, x, y + height - r);
	outline.lineTo(x, y + r);
	outline.quadraticCurveTo(x, y, x + r, y);
	outline.closePath();
}
