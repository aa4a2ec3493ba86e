// Beads on the strings: one for each step, filled where the agent acted, hollow where somebody else spoke.
import { mix, readableOn } from "../theme.ts";
import { paintRuns, splitRuns } from "./paintRuns.ts";
import type { Scene } from "./scene.ts";
import { bead, isTold } from "./shapes.ts";
import type { Outline, Surface } from "./surface.ts";
import { eachInRow, visibleRows } from "./visible.ts";

/** Smaller beads carry no sign. */
const SMALLEST_WITH_SIGN = 5.5;

export function paintBeads(surface: Surface, scene: Scene): void {
	const { geometry, palette, scale, bucket, hits } = scene;
	const radius = geometry.beadRadius;
	const filled = new Map<number, Outline>();
	const hollow = surface.outline();
	const dimmed = surface.outline();
	const visible: number[] = [];
	const signs: { node: number; told: boolean }[] = [];
	for (const row of visibleRows(geometry)) {
		eachInRow(geometry, row, (node) => {
			if (node !== 0) visible.push(node);
		});
	}
	const { alone, runs } = splitRuns(scene, visible);
	for (const node of alone) {
		const told = isTold(scene, node);
		if (hits !== null && hits[node] === 0) {
			bead(dimmed, scene, node, radius * 0.8);
			continue;
		}
		if (told) bead(hollow, scene, node, radius * 0.86);
		else bead(outlineOf(surface, filled, bucket[node] as number), scene, node, radius);
		if (radius >= SMALLEST_WITH_SIGN) signs.push({ node, told });
	}
	paintRuns(surface, scene, runs);
	if (geometry.hasNames) paintNames(surface, scene, alone);
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
		const y =
			geometry.y(node) -
			Math.max(geometry.beadRadius, geometry.width(node) / 2 + 1.5) -
			(scene.marks.has(node) ? 13 : 8);
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
