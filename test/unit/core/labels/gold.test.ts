// Control items show how often each annotator gives the known answer, and whether that changes.
import { expect, test } from "vitest";
import { annotate } from "../../../../src/core/labels/annotate.ts";
import { addEvent, emptyBook } from "../../../../src/core/labels/book.ts";
import { goldAccuracies } from "../../../../src/core/labels/gold.ts";
import { label } from "../../../support/labels.ts";
import { draw } from "../../../support/rollouts.ts";

const steps = Array.from({ length: 8 }, (_, step) => `look(${step}) = ok`).join("\n");

test("accuracy and drift over control items; labels of other items and the answers themselves do not count", () => {
	const rollout = draw("t/0", steps);
	const book = emptyBook();
	for (let step = 0; step < 8; step++) {
		const time = `2026-01-01T00:00:0${step}.000Z`;
		const known = { annotator: "lead", gold: true };
		if (step < 6) addEvent(book, label(rollout, step, { kind: "rating", rating: 1 }, known));
		addEvent(book, label(rollout, step, { kind: "rating", rating: step < 4 ? 1 : -1 }, { time }));
	}
	const [found, ...others] = goldAccuracies([annotate(rollout, book)]);
	expect(others).toEqual([]);
	expect(found).toMatchObject({ annotator: "annotator-1", items: 6, accuracy: 4 / 6 });
	expect(found?.drift).toBeCloseTo(1 / 3 - 1, 12);
	expect(found?.interval?.low).toBeGreaterThan(0.2);
	expect(found?.driftInterval?.low).toBeLessThan(0);
});

test("without known answers there is nothing to say", () => {
	const rollout = draw("t/0", steps);
	const book = emptyBook();
	addEvent(book, label(rollout, 1, { kind: "rating", rating: 1 }));
	expect(goldAccuracies([annotate(rollout, book)])).toEqual([]);
});
