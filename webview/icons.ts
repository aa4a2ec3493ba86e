// Signs on buttons: strokes in a square from -5 to 5, like the signs of the tree.

export const ICONS = {
	fit: "M-4-1.5V-4H-1.5M1.5-4H4V-1.5M4 1.5V4H1.5M-1.5 4H-4V1.5",
	zoomIn: "M-3.8-.8A3 3 0 1 0 2.2-.8A3 3 0 1 0-3.8-.8M1.4 1.4L4 4M-2.2-.8H.6M-.8-2.2V.6",
	zoomOut: "M-3.8-.8A3 3 0 1 0 2.2-.8A3 3 0 1 0-3.8-.8M1.4 1.4L4 4M-2.2-.8H.6",
	zoomTo: "M-4-1.5V-4H-1.5M1.5-4H4V-1.5M4 1.5V4H1.5M-1.5 4H-4V1.5M-.9 0A.9.9 0 1 0 .9 0A.9.9 0 1 0-.9 0",
	hideSolved: "M-4 0C-2-3.2 2-3.2 4 0C2 3.2-2 3.2-4 0ZM-3.6 3.6L3.6-3.6",
	table: "M-4-3.4H4V3.4H-4ZM-4-.8H4M-1-3.4V3.4",
	close: "M-2.8-2.8L2.8 2.8M2.8-2.8L-2.8 2.8",
	next: "M-3.2-1.6L0 1.6L3.2-1.6",
	previous: "M-3.2 1.6L0-1.6L3.2 1.6",
	export: "M0 1.6V-4M-2.4-1.8L0-4L2.4-1.8M-4 1V4H4V1",
	sort: "M-3.8-3H3.8M-3.8 0H1.4M-3.8 3H-1",
	foldRuns: "M-4-1.8H4V1.8H-4ZM-1.8-1.8V-3.4M1.8-1.8V-3.4M-1.8 1.8V3.4M1.8 1.8V3.4",
	foldIn: "M-.4-3L-3.4 0L-.4 3M3.4-3L.4 0L3.4 3",
	foldOut: "M-3.4-3L-.4 0L-3.4 3M.4-3L3.4 0L.4 3",
} as const;
