// A trace's spans as the steps that a person would tell.
import { expect, test } from "vitest";
import { noParts, readParts } from "../../../../src/core/formats/parts.ts";
import { type Span, stepsOfSpans } from "../../../../src/core/formats/spanTree.ts";
import type { Turn } from "../../../../src/core/formats/turns.ts";
import type { JsonValue } from "../../../../src/core/model/json.ts";
import type { StepRole } from "../../../../src/core/model/trajectory.ts";

const place = { file: "x", entry: null, start: 0, end: 1, line: 1, pointer: "" };

function span(id: string, fields: Partial<Span>): Span {
	return {
		id,
		parent: null,
		kind: "other",
		name: id,
		place,
		start: null,
		end: null,
		error: null,
		input: [],
		output: noParts(),
		call: null,
		fields: {},
		...fields,
	};
}

function said(role: StepRole, content: JsonValue): Turn {
	return { role, place, index: null, parts: readParts(content, "") };
}

const asks = [
	{ type: "text", text: "I look." },
	{ type: "tool_use", id: "c1", name: "find", input: { order: 9 } },
];
const question = [said("system", "You run the desk."), said("user", "Cancel order 9.")];
const history = [
	...question,
	said("agent", asks),
	said("environment", [{ type: "tool_result", tool_use_id: "c1", content: "found" }]),
];

const silent = { problem: () => {} };

function story(spans: Span[]) {
	return stepsOfSpans(spans, silent).map((step) => [
		step.role,
		step.text,
		step.calls.map((call) => call.name).join(),
		step.observations.map((seen) => seen.text).join(),
	]);
}

const told = [
	["system", "You run the desk.", "", ""],
	["user", "Cancel order 9.", "", ""],
	["agent", "I look.", "find", "found"],
	["agent", "Done.", "", ""],
];

test("history that every model call repeats is told once, and tool runs answer the calls that asked", () => {
	const spans = [
		span("root", { kind: "agent", name: "desk" }),
		span("m2", { parent: "root", kind: "llm", start: 30, input: history, output: readParts("Done.", "") }),
		span("m1", { parent: "root", kind: "llm", start: 10, end: 14, input: question, output: readParts(asks, "") }),
		span("t1", { parent: "root", kind: "tool", name: "find", start: 20, output: readParts("found", "") }),
	];
	expect(story(spans)).toEqual(told);
	const steps = stepsOfSpans(spans, silent);
	expect(steps[2]).toMatchObject({ agent: "desk", time: 10, durationMs: 4, origin: { index: "m1" } });
	// without spans for the tools, the history is where their results are
	expect(story(spans.filter((one) => one.kind !== "tool"))).toEqual(told);
	// tools logged as plain spans are known by the name that was asked for
	expect(story(spans.map((one) => (one.id === "t1" ? { ...one, kind: "other" as const } : one)))).toEqual(told);
});

test("a wrapper around a model call is not told twice, and a message said twice is", () => {
	const spans = [
		span("outer", { kind: "llm", start: 1, input: question, output: readParts("Yes?", "") }),
		span("inner", { parent: "outer", kind: "llm", start: 2, input: question, output: readParts("Yes?", "") }),
		span("next", {
			kind: "llm",
			start: 3,
			input: [...question, said("agent", "Yes?"), said("user", "Cancel order 9.")],
			output: readParts("Yes?", ""),
		}),
	];
	expect(story(spans).map(([role, text]) => `${role}: ${text}`)).toEqual([
		"system: You run the desk.",
		"user: Cancel order 9.",
		"agent: Yes?",
		"user: Cancel order 9.",
		"agent: Yes?",
	]);
});

test("what only the wrapper recorded completes the one call inside it", () => {
	const spans = [
		span("outer", { kind: "llm", start: 1, output: readParts(asks, "") }),
		span("inner", { parent: "outer", kind: "llm", start: 2, input: question }),
		span("t", { kind: "tool", name: "execute_tool find", start: 3, output: readParts("found", "") }),
	];
	expect(story(spans)).toEqual(told.slice(0, 3));
});

test("a tool run that no call asked for is a step of its own, with its error", () => {
	const spans = [span("t", { kind: "tool", name: "index", start: 1, error: "disk full" })];
	expect(stepsOfSpans(spans, silent)).toMatchObject([
		{ role: "agent", calls: [{ name: "index" }], observations: [{ text: "disk full", isError: true }] },
	]);
});

test("a trace without model calls is told by its outermost spans", () => {
	const spans = [
		span("a", { start: 1, input: [said("user", "2+2?")], output: readParts("4", "") }),
		span("b", { parent: "a", start: 2, input: [said("user", "inner")], output: readParts("detail", "") }),
	];
	expect(story(spans).map(([role, text]) => `${role}: ${text}`)).toEqual(["user: 2+2?", "agent: 4"]);
});

test("parents in a circle and ten thousand levels end", () => {
	const output = readParts("hm", "");
	const circle = [span("a", { parent: "b", kind: "llm", output }), span("b", { parent: "a", kind: "llm", output })];
	const reasons: string[] = [];
	expect(stepsOfSpans(circle, { problem: (_, reason) => reasons.push(reason) })).toHaveLength(1);
	expect(reasons).toEqual(["the parents of b form a circle"]);
	const deep = Array.from({ length: 10_000 }, (_, index) =>
		span(`s${index}`, { parent: `s${index - 1}`, kind: index % 2 === 0 ? "other" : "tool", start: index }),
	);
	expect(stepsOfSpans(deep, silent)).toHaveLength(5_000);
});
