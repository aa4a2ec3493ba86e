// tau-bench's few-shot dialogues: turns cut out of one text.
import { expect, test } from "vitest";
import { fixture } from "../../../support/fixtures.ts";
import { readText, sliceOf } from "../../../support/records.ts";

test("a dialogue is cut at the names of its speakers, and each turn knows its bytes", () => {
	const read = readText(fixture("tau-few-shot.jsonl").bytes);
	const steps = read.rollouts[0]?.steps ?? [];
	expect(steps.map((step) => [step.role, step.text])).toEqual([
		["user", "Where is my parcel?"],
		["agent", ""],
		["agent", "It is on its way.\n\nIt arrives tomorrow."],
		["user", "Great – “thanks”!"],
	]);
	expect(steps[1]?.observations).toMatchObject([{ text: '{"parcel": "in transit"}' }]);
	expect(sliceOf(read, steps[3]!.origin)).toBe("user: Great – “thanks”!");
	expect(sliceOf(read, steps[1]!.origin)).toContain("in transit");
});
