// One rule says what is in sight while labelling; every view asks it, and each label keeps its answer.
import { expect, test } from "vitest";
import { maySee, sightOf } from "../../../../src/core/labels/sight.ts";
import { label } from "../../../support/labels.ts";
import { draw } from "../../../support/rollouts.ts";

const rollout = draw("t/0", "user: hello\nlook(a) = ok");
const rating = { kind: "rating", rating: 1 } as const;
const everything = { blind: false, noHindsight: false };
const withHindsight = { outcome: true, siblings: true, suggestion: true, laterSteps: true, otherLabels: true };
const without = { ...withHindsight, outcome: false, siblings: false, suggestion: false, laterSteps: false };

test("blind hides other people's labels and suggestions, no hindsight all that came after", () => {
	expect(sightOf(everything)).toEqual(withHindsight);
	expect(sightOf({ blind: true, noHindsight: false })).toEqual({
		...withHindsight,
		suggestion: false,
		otherLabels: false,
	});
	expect(sightOf({ blind: false, noHindsight: true })).toEqual(without);
});

test("one's own labels are always seen, others' not in blind mode", () => {
	const own = label(rollout, 1, rating);
	const other = label(rollout, 1, rating, { annotator: "annotator-2" });
	const blind = sightOf({ blind: true, noHindsight: false });
	expect(maySee(own, blind, "annotator-1")).toBe(true);
	expect(maySee(other, blind, "annotator-1")).toBe(false);
	expect(maySee(other, sightOf(everything), "annotator-1")).toBe(true);
});

test("known answers of control items are never seen by those whom they measure", () => {
	const gold = label(rollout, 1, rating, { annotator: "annotator-2", gold: true });
	expect(maySee(gold, sightOf(everything), "annotator-1")).toBe(false);
	expect(maySee(gold, sightOf(everything), "annotator-2")).toBe(true);
});

test("without hindsight nothing is seen that others said with hindsight", () => {
	const sight = sightOf({ blind: false, noHindsight: true });
	const knowing = label(rollout, 1, rating, { annotator: "annotator-2", saw: withHindsight });
	const unknowing = label(rollout, 1, rating, { annotator: "annotator-2", saw: without });
	expect(maySee(knowing, sight, "annotator-1")).toBe(false);
	expect(maySee(unknowing, sight, "annotator-1")).toBe(true);
});
