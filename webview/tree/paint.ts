// Paints a scene: ribbons, then nodes, then what is said about them. The same program for the screen and for export.
import { paintBeads } from "./paintBeads.ts";
import { paintBoxes } from "./paintBoxes.ts";
import { paintCaptions } from "./paintCaptions.ts";
import { paintGhosts } from "./paintGhosts.ts";
import { paintRibbons } from "./paintRibbons.ts";
import { paintSigns } from "./paintSigns.ts";
import type { Scene } from "./scene.ts";
import type { Surface } from "./surface.ts";

export function paintTree(surface: Surface, scene: Scene): void {
	paintRibbons(surface, scene);
	if (scene.geometry.level === "bead") paintBeads(surface, scene);
	if (scene.geometry.level === "box") paintBoxes(surface, scene);
	paintGhosts(surface, scene);
	paintCaptions(surface, scene);
	paintSigns(surface, scene);
}
