// What exporters and reports need of a rollout besides the log: people's labels, in the logs' own words where there are some.
import type { Rollout } from "../model/trajectory.ts";
import { plural } from "../text/format.ts";
import type { LabelBook } from "./book.ts";
import type { LabelChange } from "./event.ts";
import { asStoredLabels, labelsOf, type PlacedLabel } from "./rolloutLabels.ts";
import { rolloutHash } from "./subject.ts";

export interface AnnotatedRollout {
	/** With people's labels added to its own. */
	rollout: Rollout;
	hash: string;
	placed: PlacedLabel[];
	/** How many labels speak of steps that are gone. */
	lost: number;
}

export function annotate(rollout: Rollout, book: LabelBook): AnnotatedRollout {
	const { placed, lost } = labelsOf(book, rollout);
	const labels = [...rollout.labels, ...asStoredLabels(placed)];
	return { rollout: { ...rollout, labels }, hash: rolloutHash(rollout), placed, lost: lost.length };
}

/** A sentence on labels whose steps are gone; empty where there are none. */
export function lostText(count: number): string {
	if (count === 0) return "";
	return `${plural(count, "label")} ${count === 1 ? "speaks of a step that is" : "speak of steps that are"} gone: kept, not counted`;
}

/** The changes of one kind, with the step that each speaks of. */
export function changesOf<Kind extends LabelChange["kind"]>(
	annotated: AnnotatedRollout,
	kind: Kind,
): { step: number | null; annotator: string; change: Extract<LabelChange, { kind: Kind }> }[] {
	return annotated.placed.flatMap(({ event, step }) =>
		event.change.kind === kind
			? [{ step, annotator: event.annotator, change: event.change as Extract<LabelChange, { kind: Kind }> }]
			: [],
	);
}
