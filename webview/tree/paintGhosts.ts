// Reference steps that the selected rollout does not take: drawn where they would have followed, as outlines only.
import { rowEnd } from "./layout.ts";
import type { Scene } from "./scene.ts";
import { rowEndX, rowEndY } from "./shapes.ts";
import type { Surface } from "./surface.ts";

export function paintGhosts(surface: Surface, scene: Scene): void {
	const { geometry, ghosts, palette } = scene;
	if (ghosts === null || geometry.level === "ribbon") return;
	const y = rowEndY(scene, ghosts.row);
	const from = rowEndX(scene, ghosts.row);
	const { kx } = geometry.camera;
	const last = geometry.tree.depth[rowEnd(geometry.layout, ghosts.row)] as number;
	const place = (index: number) => geometry.stepX(last + 1 + index);
	const radius = geometry.beadRadius;
	const string = surface.outline();
	const beads = surface.outline();
	string.moveTo(from, y);
	ghosts.titles.forEach((_, index) => {
		const x = place(index);
		string.lineTo(x - radius, y);
		string.moveTo(x + radius, y);
		beads.moveTo(x + radius, y);
		beads.arc(x, y, radius, 0, 2 * Math.PI);
	});
	surface.stroke(string, { colour: palette.reference, width: 1, dash: [2, 3], alpha: 0.8 });
	surface.stroke(beads, { colour: palette.reference, width: 1.6, dash: [3, 2.5] });
	ghosts.titles.forEach((title, index) => {
		const x = place(index);
		if (radius >= 5.5) surface.glyph("flag", x, y, radius, palette.reference);
		const style = { colour: palette.reference, size: 10.5, align: "middle" as const };
		if (kx >= 50 && geometry.camera.ky >= 27) surface.text(surface.fit(title, kx - 6, style), x, y - radius - 8, style);
	});
}
