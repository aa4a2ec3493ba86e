// What of the page survives a reload: where the user was, not what the log said.
import { type Decoded, decode, flag, integer, list, nullable, number, record, text } from "../src/protocol/decode.ts";

/** Steps are named by rollout and number: nodes of the tree are renumbered when it is built anew. */
const place = record({ rollout: text, step: integer });

export const VIEW_STATE = record({
	version: integer,
	/** The group that all this is about, by the host's name for it. */
	group: text,
	view: text,
	merge: nullable(text),
	colour: nullable(text),
	camera: nullable(record({ x: number, y: number, kx: number, ky: number })),
	folded: list(place),
	selected: nullable(place),
	search: text,
	filter: text,
	hideSolved: flag,
	foldRuns: flag,
	asTable: flag,
	detailWidth: number,
});

export type ViewState = Decoded<typeof VIEW_STATE>;
export type StepPlace = Decoded<typeof place>;

const VERSION = 1;

export const INITIAL_STATE: ViewState = {
	version: VERSION,
	group: "",
	view: "tree",
	merge: null,
	colour: null,
	camera: null,
	folded: [],
	selected: null,
	search: "",
	filter: "",
	hideSolved: false,
	foldRuns: false,
	asTable: false,
	detailWidth: 340,
};

/** The stored state; the initial one where there is none or where it was written by another version. */
export function readViewState(stored: unknown): ViewState {
	const read = decode(VIEW_STATE, stored);
	return read.ok && read.value.version === VERSION ? read.value : INITIAL_STATE;
}
