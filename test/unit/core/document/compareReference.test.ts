// A rollout beside the reference path of its task.
import { expect, test } from "vitest";
import { compareWithReference } from "../../../../src/core/document/compareReference.ts";
import type { PlanStep, ReferencePlan } from "../../../../src/core/labels/referencePlan.ts";
import { draw } from "../../../support/rollouts.ts";

function step(tool: string, title = ""): PlanStep {
	return { id: tool, title, anyOf: [{ tool, arguments: { value: { match: "exact", value: "a" } } }], after: [] };
}

function plan(order: "ordered" | "unordered", ...steps: PlanStep[]): ReferencePlan {
	return { version: 1, task: "t", revision: 1, source: "", annotator: "", ways: [{ title: "", order, steps }] };
}

const rollout = draw("t/0", "user: go\nfind(a) = found\ncancel(b) = !no such order\npay(a) = ok\nagent: done", 0);

test("steps that were taken are the same lines on both sides, the rest stands on one side", () => {
	const found = compareWithReference(plan("ordered", step("find", "Find it"), step("ask"), step("pay")), rollout);
	const head = [
		"Task t · rollout t/0 · failed · reward 0.0 · 5 steps",
		"Takes 2 of 3 steps of the reference path: 67 %.",
		"First missed: 2  ask",
		"",
	];
	const taken = ["1  Find it", '    #1 → find(value: "a")', ""];
	const paid = ["3  pay", '    #3 → pay(value: "a")', ""];
	expect(found?.left.text.split("\n")).toEqual([
		...head,
		...taken,
		"2  ask",
		'    missed: ask(value: "a")',
		"",
		...paid,
	]);
	const besides = ["·  not on the path", '    #2 → cancel(value: "b")  (error)', ""];
	expect(found?.right.text.split("\n")).toEqual([...head, ...taken, ...besides, ...paid]);
});

test("every step of the rollout is found by its line, on both sides", () => {
	const found = compareWithReference(plan("ordered", step("find"), step("pay")), rollout);
	const numbersOf = (side: "left" | "right") =>
		found?.[side].blocks.map(({ step: number, head, last }) => {
			const lines = found[side].text.split("\n").slice(head, last + 1);
			return lines.some((line) => line.includes(`#${number} →`)) ? number : null;
		});
	expect(numbersOf("left")).toEqual([1, 3]);
	expect(numbersOf("right")).toEqual([1, 2, 3]);
});

test("an unordered path is shown in the order in which the rollout took it", () => {
	const found = compareWithReference(plan("unordered", step("pay"), step("look"), step("find")), rollout);
	expect(found?.left.text.match(/^\d+ {2}\w+/gm)).toEqual(["3  find", "1  pay", "2  look"]);
});

test("a plan without any way cannot be compared with", () => {
	expect(compareWithReference({ ...plan("ordered"), ways: [] }, rollout)).toBeNull();
});
