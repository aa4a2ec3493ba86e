// What to label next, and how labels look at a step.
import { describe, expect, test } from "vitest";
import { marksByStep } from "../../../../src/core/labels/marks.ts";
import { disputedSteps, nextUnrated, queueOf } from "../../../../src/core/labels/queue.ts";
import { seededRandom } from "../../../../src/core/math/random.ts";
import { label } from "../../../support/labels.ts";
import { draw } from "../../../support/rollouts.ts";

const rollout = draw("t/0", "user: hello\nlook(a) = ok\npay(b) = ok\nagent: done");
const rated = (step: number, annotator = "annotator-1") => ({
	event: label(rollout, step, { kind: "rating", rating: 1 }, { annotator }),
	step,
});

test("the next step to rate is the agent's next one without an own rating, then one passed over before", () => {
	const next = (from: number, ...steps: number[]) =>
		nextUnrated(
			rollout.steps,
			steps.map((step) => rated(step)),
			"annotator-1",
			from,
		);
	expect(next(-1)).toBe(1);
	expect(next(1, 1)).toBe(2);
	expect(next(3, 3)).toBe(1);
	expect(next(0, 1, 2, 3)).toBeNull();
	expect(nextUnrated(rollout.steps, [rated(1, "annotator-2")], "annotator-1", -1)).toBe(1);
});

test("the queue holds everything once, urgent ones first, with about one place in ten drawn at random", () => {
	const items = Array.from({ length: 1000 }, (_, item) => item);
	const order = queueOf(items, (item) => -item, seededRandom(3));
	expect(order.toSorted((a, b) => a - b)).toEqual(items);
	const early = order.slice(0, 500).filter((item) => item >= 500).length;
	expect(early).toBeGreaterThan(10);
	expect(early).toBeLessThan(60);
});

test("steps are disputed where annotators rated them differently, in order", () => {
	const wrong = (step: number) => ({
		event: label(rollout, step, { kind: "rating", rating: -1 }, { annotator: "annotator-2" }),
		step,
	});
	expect(disputedSteps([rated(3), rated(1), rated(2), wrong(3), wrong(1), rated(2, "annotator-2")])).toEqual([1, 3]);
});

describe("marks", () => {
	test("say without colour what was said, by whom where it is another, and what is only suggested", () => {
		const other = label(rollout, 1, { kind: "rating", rating: -1 }, { annotator: "annotator-2" });
		const suggested = label(rollout, 2, { kind: "rating", rating: 0 }, { source: "scorer" });
		const milestone = label(rollout, 2, { kind: "milestone", name: "paid", progress: 0.5 });
		const marks = marksByStep(
			[rated(1), { event: other, step: 1 }, { event: milestone, step: 2 }],
			[{ event: suggested, step: 2 }],
			"annotator-1",
		);
		expect([...marks]).toEqual([
			[1, "● +1  annotator-2: ● −1"],
			[2, "◆ paid 50 %  ● 0 (suggested)"],
		]);
	});
});
