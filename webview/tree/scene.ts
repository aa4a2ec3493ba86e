// Everything that a picture of a tree is painted from.
import type { StepKind } from "../../src/core/tree/toolKind.ts";
import type { Palette } from "../theme.ts";
import type { ColourScale } from "./colours.ts";
import type { Geometry } from "./geometry.ts";
import type { GlyphName } from "./glyphs.ts";
import type { MeanCache } from "./means.ts";

export interface Caption {
	glyph: GlyphName;
	colour: string;
	/** Outcome and reward. */
	strong: string;
	/** Whose end it is. */
	weak: string;
}

export interface Mark {
	kind: "error" | "confirmed" | "covered";
	text: string;
}

export interface Scene {
	geometry: Geometry;
	palette: Palette;
	scale: ColourScale;
	/** By node: bucket of `scale`. */
	bucket: Uint8Array;
	/** Mean colours of blocks of rows. */
	means: MeanCache;
	/** By node: bits of `NodeFlag`. */
	flags: Uint8Array;
	kind(node: number): StepKind;
	/** Tools or role of a node. */
	name(node: number): string;
	/** The step in a few words; null until the host has told. */
	label(node: number): string | null;
	/** The number behind a node's colour, written out; "" where there is none. */
	value(node: number): string;
	/** What stands right of a row's last node. */
	caption(row: number): Caption;
	/** Whether unbranched steps are drawn as one. */
	foldRuns: boolean;
	/** By node: 1 where everything below is folded away. */
	folded: Uint8Array;
	marks: ReadonlyMap<number, Mark>;
	/** Reference steps that the selected rollout does not take, and the row that it ends in; null without any. */
	ghosts: { row: number; titles: readonly string[] } | null;
	/** By node: 1 where a search found something; null while nothing is searched. */
	hits: Uint8Array | null;
	/** Node under the pointer, and node of the keyboard; -1 for none. */
	hovered: number;
	active: number;
	/** The selected rollout's nodes, root first; empty for none. */
	selectedPath: readonly number[];
	/** Nodes that were added a moment ago. */
	fresh: ReadonlySet<number>;
}
