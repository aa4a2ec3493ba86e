// Beads on the strings: one for each step, filled where the agent acted, hollow where somebody else spoke.
import { STEP_KINDS } from "../../src/core/tree/toolKind.ts";
import { mix, readableOn } from "../theme.ts";
import type { Scene } from "./scene.ts";
import type { Outline, Surface } from "./surface.ts";
import { eachInRow, visibleRows } from "./visible.ts";

/** Smaller beads carry no sign. */
const SMALLEST_WITH_SIGN = 5.5;
const TOLD: ReadonlySet<string> = new Set(STEP_KINDS.slice(0, 3));

/** Whether somebody other than the agent took the step. */
export function isTold(scene: Scene, node: number): boolean {
	return TOLD.has(scene.kind(node));
}

export function paintBeads(surface: Surface, scene: Scene): void {
	const { geometry, palette, scale, bucket, hits } = scene;
	const radius = geometry.beadRadius;
	const filled = new Map<number, Outline>();
	const hollow = surface.outline();
	const dimmed = surface.outline();
	const shown: number[] = [];
	const signs: { node: number; told: boolean }[] = [];
	for (const row of visibleRows(geometry)) {
		eachInRow(geometry, row, (node) => {
			if (node === 0) return;
			shown.push(node);
			const told = isTold(scene, node);
			if (hits !== null && hits[node] === 0) return bead(dimmed, scene, node, radius * 0.8);
			if (told) bead(hollow, scene, node, radius * 0.86);
			else bead(outlineOf(surface, filled, bucket[node] as number), scene, node, radius);
			if (radius >= SMALLEST_WITH_SIGN) signs.push({ node, told });
		});
	}
	if (geometry.hasNames) paintNames(surface, scene, shown);
	surface.fill(dimmed, mix(palette.background, palette.foreground, 0.14));
	surface.fill(hollow, palette.background);
	surface.stroke(hollow, { colour: mix(palette.background, palette.foreground, 0.42), width: 1.2 });
	for (const [colour, outline] of filled) {
		surface.stroke(outline, { colour: palette.background, width: 2.5 });
		surface.fill(outline, scale.colours[colour] as string);
		if (palette.highContrast) surface.stroke(outline, { colour: palette.foreground, width: 1 });
	}
	for (const { node, told } of signs) {
		const ground = told ? palette.background : (scale.colours[bucket[node] as number] as string);
		const ink = told ? palette.dim : readableOn(ground, palette.background, palette.foreground);
		surface.glyph(scene.kind(node), geometry.x(node), geometry.y(node), radius * 1.25, ink);
	}
}

/** What each step did, over its bead; the words of others need no name, their sign says who spoke. */
function paintNames(surface: Surface, scene: Scene, nodes: readonly number[]): void {
	const { geometry, palette, hits } = scene;
	const style = { size: 10.5, align: "middle" } as const;
	for (const node of nodes) {
		if (isTold(scene, node)) continue;
		const colour = hits !== null && hits[node] === 0 ? palette.faint : palette.dim;
		const name = scene.kind(node) === "speak" ? "" : scene.name(node);
		const text = surface.fit(name, geometry.camera.kx - 8, { ...style, colour });
		const y = geometry.y(node) - Math.max(geometry.beadRadius, geometry.width(node) / 2 + 1.5) - 8;
		surface.text(text, geometry.x(node), y, { ...style, colour });
	}
}

function outlineOf(surface: Surface, outlines: Map<number, Outline>, colour: number): Outline {
	let outline = outlines.get(colour);
	if (outline === undefined) {
		outline = surface.outline();
		outlines.set(colour, outline);
	}
	return outline;
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
	outline.arc(x, y - reach, round, Math.PI, 2 * Math.PI);
	outline.closePath();
}
