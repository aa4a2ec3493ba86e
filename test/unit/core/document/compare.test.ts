// Comparing two rollouts: where they part and what each did then.
import { expect, test } from "vitest";
import { compareSteps, partingSteps, summarizeComparison } from "../../../../src/core/document/compare.ts";
import { draw } from "../../../support/rollouts.ts";

const left = draw("t/0", "user: go\nfind(a) = found\ncancel(a) = ok\nagent: done", 0);
const right = draw("t/1", "user: go\nfind(a) = found\nask(b) = yes\nrefund(b) = ok\nagent: done", 1);

test("steps are matched by what they did, not by their number", () => {
	expect(compareSteps(left, right).pairs).toEqual([
		{ left: 0, right: 0 },
		{ left: 1, right: 1 },
		{ left: 2, right: null },
		{ left: null, right: 2 },
		{ left: null, right: 3 },
		{ left: 3, right: 4 },
	]);
});

test("the summary says where they part, what each did then and how each ended", () => {
	const comparison = compareSteps(left, right);
	expect(partingSteps(comparison)).toEqual({ left: 2, right: 2 });
	expect(summarizeComparison(left, right, comparison)).toEqual([
		"Task t · t/0 failed, 0.0, 4 steps · against t/1 solved, 1.0, 5 steps",
		"They share the first 2 steps, then part; 60 % of the steps match.",
		'left:  #2 cancel(value: "a")',
		'right: #2 ask(value: "b")',
	]);
});

test("equal rollouts part nowhere, and an unfinished one parts where it ends", () => {
	expect(compareSteps(left, left).partsAt).toBeNull();
	const unfinished = { ...left, steps: left.steps.slice(0, 2) };
	expect(partingSteps(compareSteps(left, unfinished))).toEqual({ left: 2, right: null });
});
