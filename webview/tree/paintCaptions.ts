// What stands right of each row: how its rollouts ended, their reward, and which they are.
import type { Scene } from "./scene.ts";
import { rowEndX, rowEndY } from "./shapes.ts";
import type { Surface } from "./surface.ts";
import { FINEST_ROW, visibleRows } from "./visible.ts";

/** Rows closer than this have no room for words. */
const CLOSEST_WITH_WORDS = 9;

export function paintCaptions(surface: Surface, scene: Scene): void {
	const { geometry, palette } = scene;
	const rows = visibleRows(geometry);
	if (geometry.camera.ky < CLOSEST_WITH_WORDS) {
		// where a painted row stands for several, no single outcome is theirs
		if (geometry.camera.ky >= FINEST_ROW) paintEnds(surface, scene, rows);
		return;
	}
	const size = geometry.camera.ky < 11 ? 9 : geometry.camera.ky < 15 ? 10 : 12;
	for (const row of rows) {
		const y = rowEndY(scene, row);
		const x = rowEndX(scene, row) + ghostRoom(scene, row) + 10;
		if (x > geometry.size.width) continue;
		const caption = scene.caption(row);
		surface.glyph(caption.glyph, x + 4, y, size - 2, caption.colour);
		surface.text(caption.strong, x + 14, y, { colour: palette.foreground, size });
		const used = caption.strong === "" ? 14 : 14 + surface.measure(caption.strong, { colour: "", size }) + 8;
		const weak = surface.fit(caption.weak, geometry.size.width - x - used - 6, { colour: "", size });
		surface.text(weak, x + used, y, { colour: palette.dim, size });
	}
}

/** Without words an end is a tick in the outcome's colour, long for a solved one, short for a failed one. */
function paintEnds(surface: Surface, scene: Scene, rows: number[]): void {
	const { geometry } = scene;
	const height = Math.max(0.8, Math.min(geometry.camera.ky * 0.8, 4));
	const byColour = Map.groupBy(rows, (row) => scene.caption(row).colour);
	for (const [colour, ended] of byColour) {
		const ticks = surface.outline();
		for (const row of ended) {
			const length = scene.caption(row).glyph === "solved" ? 9 : 5;
			ticks.rect(rowEndX(scene, row) + 3, rowEndY(scene, row) - height / 2, length, height);
		}
		surface.fill(ticks, colour);
	}
}

/** Room for the reference steps that are drawn after a row's end. */
function ghostRoom({ geometry, ghosts }: Scene, row: number): number {
	if (ghosts?.row !== row || geometry.level === "ribbon") return 0;
	return ghosts.titles.length * geometry.camera.kx;
}
