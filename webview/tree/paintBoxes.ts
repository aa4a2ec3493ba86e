// Boxes with words, where there is room: the tool, its arguments, and the number behind the colour.
import { paintRuns, splitRuns } from "./paintRuns.ts";
import type { Scene } from "./scene.ts";
import { type Box, boxOf, isTold, roundedRect } from "./shapes.ts";
import type { Surface, TextStyle } from "./surface.ts";
import { eachInRow, visibleRows } from "./visible.ts";

const BAR = 4;
const PADDING = 7;

export function paintBoxes(surface: Surface, scene: Scene): void {
	const nodes: number[] = [];
	for (const row of visibleRows(scene.geometry)) eachInRow(scene.geometry, row, (node) => nodes.push(node));
	const { alone, runs } = splitRuns(
		scene,
		nodes.filter((node) => node !== 0),
	);
	paintRuns(surface, scene, runs);
	const boxes = alone.map((node) => ({ node, ...boxOf(scene, node) }));
	const { palette, hits } = scene;
	const ground = surface.outline();
	for (const box of boxes) roundedRect(ground, box.left, box.top, box.width, box.height, 3);
	surface.stroke(ground, { colour: palette.background, width: 3 });
	surface.fill(ground, palette.surface);
	surface.stroke(ground, { colour: palette.border, width: 1 });
	for (const box of boxes) {
		const dimmed = hits !== null && hits[box.node] === 0;
		paintBar(surface, scene, box, dimmed);
		paintWords(surface, scene, box, dimmed);
	}
}

function paintBar(surface: Surface, scene: Scene, box: Box & { node: number }, dimmed: boolean): void {
	if (isTold(scene, box.node)) return;
	const bar = surface.outline();
	bar.rect(box.left, box.top, BAR, box.height);
	surface.fill(bar, scene.scale.colours[scene.bucket[box.node] as number] as string, dimmed ? 0.3 : 1);
}

function paintWords(surface: Surface, scene: Scene, box: Box & { node: number }, dimmed: boolean): void {
	const { geometry, palette } = scene;
	const told = isTold(scene, box.node);
	const ink = dimmed ? palette.faint : told ? palette.dim : palette.foreground;
	const small = { colour: dimmed ? palette.faint : palette.dim, size: 11 };
	// on a trunk that reaches out of the window, the words stay where they can be seen
	const middle = Math.max(box.top + 12, Math.min(geometry.y(box.node), geometry.size.height - 14));
	const left = box.left + BAR + PADDING;
	surface.glyph(scene.kind(box.node), left + 4, middle, 9, ink);
	const number = scene.value(box.node);
	const numberWidth = number === "" || told ? 0 : surface.measure(number, small) + 8;
	if (numberWidth > 0) {
		surface.text(number, box.left + box.width - PADDING, middle, { ...small, align: "end" });
	}
	const room = box.left + box.width - PADDING - numberWidth - (left + 13);
	paintLabel(surface, scene, box.node, left + 13, middle, room, ink, small.colour);
}

/** The tool's name in the text colour, its arguments dimmer. */
function paintLabel(
	surface: Surface,
	scene: Scene,
	node: number,
	x: number,
	y: number,
	room: number,
	ink: string,
	dim: string,
): void {
	const label = scene.label(node) ?? scene.name(node);
	const open = label.indexOf("(");
	const isCall = open > 0 && !isTold(scene, node) && scene.kind(node) !== "speak";
	const style: TextStyle = { colour: ink, size: 12 };
	const name = surface.fit(isCall ? label.slice(0, open) : label, room, style);
	surface.text(name, x, y, style);
	if (!isCall) return;
	const used = surface.measure(name, style) + 5;
	const rest = label.slice(open + 1).replace(/\)$/, "");
	if (room - used > 24)
		surface.text(surface.fit(rest, room - used, { colour: dim, size: 11 }), x + used, y, {
			colour: dim,
			size: 11,
		});
}
