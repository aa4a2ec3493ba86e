// The readable document of a rollout, and its map from lines back to steps.
import { expect, test } from "vitest";
import { blockAtLine, DEFAULT_RENDERING, partOfStep, renderDocument } from "../../../../src/core/document/render.ts";
import { draw } from "../../../support/rollouts.ts";

const rollout = draw("12/3", "user: cancel my order\nfind_order(a@b) = !no customer\nagent: sorry", 0);

test("reads as one head line and one block a step", () => {
	const [part] = renderDocument(rollout, { ...DEFAULT_RENDERING, group: "group 3/8 solved" });
	expect(part?.text).toBe(`Task 12 · rollout 12/3 · failed · reward 0.0 · 3 steps · group 3/8 solved

#0  user
    cancel my order

#1  agent · find_order
    → find_order(value: "a@b")
    ← error  no customer

#2  agent
    sorry
`);
});

test("knows the step of every line", () => {
	const [part] = renderDocument(rollout, DEFAULT_RENDERING);
	const steps = Array.from({ length: part!.lines }, (_, line) => blockAtLine(part!, line)?.step ?? null);
	expect(steps).toEqual([null, null, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2]);
	expect(part!.text.split("\n")).toHaveLength(part!.lines);
});

test("cuts long observations with a note of how much is missing", () => {
	const long = draw("t/0", `find(a) = ${"x".repeat(50)}`);
	const [part] = renderDocument(long, { ...DEFAULT_RENDERING, sectionLimit: 20 });
	expect(part?.text).toContain(`← ok  ${"x".repeat(20)}\n      … 30 more characters: show raw record`);
	expect(part?.blocks[0]?.sections.find((section) => section.kind === "observation")?.cut).toBe(30);
});

test("splits a long rollout into numbered parts between steps", () => {
	const long = draw("t/0", Array.from({ length: 10 }, (_, step) => `agent: step ${step} ${"y".repeat(80)}`).join("\n"));
	const parts = renderDocument(long, { ...DEFAULT_RENDERING, partLimit: 250 });
	expect(parts.map((part) => part.blocks.map((block) => block.step))).toEqual([
		[0, 1],
		[2, 3],
		[4, 5],
		[6, 7],
		[8, 9],
	]);
	expect(parts[1]?.text).toContain("Part 2 of 5");
	expect(partOfStep(parts, 5)).toBe(2);
});

test("shows control characters and direction marks instead of obeying them", () => {
	const hostile = draw("t/0", "find(a) = red\u001b[31m \u202eevil\u0000");
	expect(renderDocument(hostile, DEFAULT_RENDERING)[0]?.text).toContain("red␛[31m ⟨U+202E⟩evil␀");
});
