// Results and the calls that they answer.
import { expect, test } from "vitest";
import { noParts, readParts } from "../../../../src/core/formats/parts.ts";
import { stepsOfTurns, type Turn } from "../../../../src/core/formats/turns.ts";
import type { JsonValue } from "../../../../src/core/model/json.ts";
import type { Place, StepRole } from "../../../../src/core/model/trajectory.ts";

const place = (line: number): Place => ({
	file: "x",
	entry: null,
	start: line * 10,
	end: line * 10 + 9,
	line,
	pointer: "",
});
const turn = (line: number, role: StepRole, content: JsonValue): Turn => ({
	role,
	place: place(line),
	index: line,
	parts: readParts(content, ""),
});
const result = (id: string, text: string) => ({ type: "tool_result", tool_use_id: id, content: text });

function steps(...turns: Turn[]) {
	const reasons: string[] = [];
	const read = stepsOfTurns(turns, { problem: (at, reason) => reasons.push(`${at.line}: ${reason}`) });
	return { read, reasons };
}

test("a result joins its call even when others came between, and its bytes belong to the step", () => {
	const calls = [
		{ type: "tool_use", id: "a", name: "read", input: {} },
		{ type: "tool_use", id: "b", name: "list", input: {} },
	];
	const { read, reasons } = steps(
		turn(1, "agent", calls),
		turn(2, "user", [result("b", "two")]),
		turn(3, "user", [result("a", "one"), { type: "text", text: "go on" }]),
	);
	expect(reasons).toEqual([]);
	expect(read.map((step) => [step.role, step.text])).toEqual([
		["agent", ""],
		["user", "go on"],
	]);
	expect(read[0]?.observations.map((seen) => seen.text)).toEqual(["two", "one"]);
	expect(read[0]?.origin).toMatchObject({ start: 10, end: 39, line: 1 });
});

test("a result without a call is reported and kept as a step of the environment", () => {
	const { read, reasons } = steps(turn(1, "user", "hello"), turn(2, "user", [result("z", "lost")]));
	expect(reasons).toEqual(["2: a tool result without a call (z)"]);
	expect(read.map((step) => step.role)).toEqual(["user", "environment"]);
	expect(read[1]?.observations[0]?.text).toBe("lost");
});

test("a turn of nothing still stands as a step, so that nothing of the log is lost", () => {
	const { read } = steps({ role: "agent", place: place(1), index: "a", parts: noParts() });
	expect(read).toMatchObject([{ step: 0, role: "agent", text: "", origin: { index: "a" } }]);
});
