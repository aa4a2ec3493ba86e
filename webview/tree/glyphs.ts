// Signs for kinds of steps and for outcomes: strokes in a square from -5 to 5 around the middle.
import type { StepKind } from "../../src/core/tree/toolKind.ts";

export type GlyphName = StepKind | "solved" | "failed" | "unknown" | "flag" | "cross" | "fold";

export const GLYPHS: Record<GlyphName, string> = {
	// a sheet of instructions
	system: "M-2.8-3.6H2.8V3.6H-2.8ZM-1-1.4H1M-1 .8H1",
	// head and shoulders
	user: "M-1.6-2A1.6 1.6 0 1 0 1.6-2A1.6 1.6 0 1 0-1.6-2M-3.4 3.6C-3.4 .8 3.4 .8 3.4 3.6",
	// a ring around nothing in particular
	environment: "M-3 0A3 3 0 1 0 3 0A3 3 0 1 0-3 0M-3 0H3",
	// a balloon
	speak: "M-3.6-3H3.6V1.6H-.4L-2.4 3.6V1.6H-3.6Z",
	// three dots of a thought
	think: "M-3 0H-2.8M-.1 0H.1M2.8 0H3",
	// a lens
	find: "M-3.2-.6A2.6 2.6 0 1 0 2-.6A2.6 2.6 0 1 0-3.2-.6M1.3 1.3L3.6 3.6",
	// an eye
	read: "M-4 0C-2-3.2 2-3.2 4 0C2 3.2-2 3.2-4 0ZM-.9 0A.9 .9 0 1 0 .9 0A.9 .9 0 1 0-.9 0",
	// a pencil
	write: "M-3.4 3.4L-2.8 1L2-3.8L3.8-2L-1 2.8Z",
	// a prompt
	run: "M-3.2-2.6L-.8 0L-3.2 2.6M.4 2.8H3.4",
	// a window with its bar
	browse: "M-3.8-3.2H3.8V3.2H-3.8ZM-3.8-1H3.8",
	// one line becoming two
	delegate: "M-3.6 0H-.6L2.8-2.8M-.6 0L2.8 2.8",
	// a goal
	finish: "M-2.4 3.8V-3.6H3.2L1.6-1.6L3.2 .4H-2.4",
	// a plain dot
	other: "M-.8 0A.8 .8 0 1 0 .8 0A.8 .8 0 1 0-.8 0",
	solved: "M-3.6 .2L-1 2.8L3.6-2.8",
	failed: "M-2.8-2.8L2.8 2.8M2.8-2.8L-2.8 2.8",
	unknown: "M-2.6 0A2.6 2.6 0 1 0 2.6 0A2.6 2.6 0 1 0-2.6 0",
	flag: "M-2.2 4V-3.6L3-1.6L-2.2 .4",
	cross: "M-3.2-3.2L3.2 3.2M3.2-3.2L-3.2 3.2",
	fold: "M-1.4-2.8L1.4 0L-1.4 2.8",
};
