// Reference paths: how they are written, what of them a rollout covers, and what several successes propose.
import { describe, expect, test } from "vitest";
import { coverPlan } from "../../../../src/core/labels/planCoverage.ts";
import { proposePlan } from "../../../../src/core/labels/proposePlan.ts";
import { decodePlan, type ReferencePlan, type ReferenceWay } from "../../../../src/core/labels/referencePlan.ts";
import { draw } from "../../../support/rollouts.ts";

function plan(...ways: ReferenceWay[]): ReferencePlan {
	return { version: 1, task: "t", revision: 1, source: "", annotator: "", ways };
}

/** A way whose steps are calls of these tools with any arguments, called by their names. */
function way(order: ReferenceWay["order"], tools: string[], after: Record<string, string[]> = {}): ReferenceWay {
	const steps = tools.map((tool) => ({
		id: tool,
		title: tool,
		anyOf: [{ tool, arguments: {} }],
		after: after[tool] ?? [],
	}));
	return { title: "", order, steps };
}

const made = (...tools: string[]) => draw("t/0", tools.map((tool) => `${tool}(x) = ok`).join("\n"));

describe("coverage", () => {
	test("of an ordered path is what the rollout took in that order; one left out does not cost the others", () => {
		const found = coverPlan(plan(way("ordered", ["look", "pay", "send"])), made("look", "send", "pay", "send"));
		expect(found).toEqual({ way: 0, taken: [0, 2, 3], share: 1 });
		expect(coverPlan(plan(way("ordered", ["look", "pay", "send"])), made("send", "look", "send"))).toMatchObject({
			taken: [1, null, 2],
		});
	});

	test("of an unordered path counts every call once, and finds the assignment that covers most", () => {
		const either = way("unordered", ["a", "b"]);
		either.steps[0]?.anyOf.push({ tool: "b", arguments: {} });
		expect(coverPlan(plan(either), made("b", "a"))?.share).toBe(1);
		expect(coverPlan(plan(either), made("b"))?.share).toBe(0.5);
	});

	test("of a partially ordered path keeps to the demanded order only", () => {
		const partial = way("partial", ["look", "ask", "pay"], { pay: ["look"] });
		expect(coverPlan(plan(partial), made("ask", "look", "pay"))?.share).toBe(1);
		expect(coverPlan(plan(partial), made("pay", "look", "ask"))?.taken).toEqual([null, 2, 0]);
	});

	test("is that of the way that fits best", () => {
		const found = coverPlan(plan(way("ordered", ["a", "b"]), way("ordered", ["c"])), made("c"));
		expect(found).toEqual({ way: 1, taken: [0], share: 1 });
		expect(coverPlan(plan(), made("c"))).toBeNull();
	});

	test.each([
		["exact", { match: "exact", value: "x" }, true],
		["exact", { match: "exact", value: "y" }, false],
		["one of", { match: "oneOf", values: ["y", "x"] }, true],
		["pattern", { match: "pattern", pattern: "^x$" }, true],
		["pattern that is none", { match: "pattern", pattern: "(" }, false],
		["range", { match: "range", low: 1, high: null }, false],
		["any", { match: "any" }, true],
	] as const)("matches an argument: %s", (_, matcher, expected) => {
		const text = JSON.stringify(plan(way("ordered", ["look"]))).replace(
			'"arguments":{}',
			`"arguments":{"value":${JSON.stringify(matcher)}}`,
		);
		const decoded = decodePlan(text);
		expect(decoded.ok && coverPlan(decoded.value, made("look"))?.share === 1).toBe(expected);
	});
});

describe("a file that is no path is refused with the reason", () => {
	const wrong = (changed: object) => decodePlan(JSON.stringify({ ...plan(way("ordered", ["a"])), ...changed }));
	test.each([
		["a newer version", { version: 2 }, "version 2 is newer"],
		["a circle", { ways: [way("partial", ["a", "b"], { a: ["b"], b: ["a"] })] }, "in a circle"],
		["a step after nothing", { ways: [way("partial", ["a"], { a: ["z"] })] }, "z, which is not there"],
		["two steps with one name", { ways: [way("ordered", ["a", "a"])] }, "same id"],
	])("%s", (_, changed, reason) => {
		const decoded = wrong(changed);
		expect(decoded.ok ? "" : decoded.error).toContain(reason);
	});
});

describe("a proposal", () => {
	const options = { threshold: 0.6, annotator: "annotator-1" };
	const steps = (found: ReferencePlan | null) => found?.ways[0]?.steps.map(({ title, after }) => [title, after]);

	test("from one success is its calls without those that failed", () => {
		const found = proposePlan([draw("t/0", "look(a) = !no\nlook(b) = yes\npay(c) = ok")], options);
		expect(found?.ways[0]).toMatchObject({
			order: "ordered",
			steps: [
				{ id: "1", anyOf: [{ tool: "look", arguments: { value: { match: "exact", value: "b" } } }] },
				{ id: "2", anyOf: [{ tool: "pay", arguments: { value: { match: "exact", value: "c" } } }] },
			],
		});
	});

	test("from several is what most of them did, with the arguments that they used", () => {
		const found = proposePlan(
			[
				draw("t/0", "look(a)\npay(c)"),
				draw("t/1", "look(b)\nwait(1)\npay(c)"),
				draw("t/2", "look(a)\npay(c)\nwave(1)"),
			],
			options,
		);
		expect(steps(found)).toEqual([
			["look", []],
			["pay", []],
		]);
		expect(found?.ways[0]?.steps[0]?.anyOf[0]?.arguments.value).toEqual({ match: "oneOf", values: ["a", "b"] });
	});

	test("leaves the order open where successes differ in it", () => {
		const found = proposePlan(
			[draw("t/0", "look(a)\nask(b)\npay(c)"), draw("t/1", "ask(b)\nlook(a)\npay(c)")],
			options,
		);
		expect(found?.ways[0]?.order).toBe("partial");
		expect(steps(found)?.at(-1)).toEqual(["pay", ["1", "2"]]);
		expect(coverPlan(found as ReferencePlan, draw("t/1", "ask(b)\nlook(a)\npay(c)"))?.share).toBe(1);
	});

	test("covers itself, and is null without calls", () => {
		const success = draw("t/0", "look(a)\nask(b)\npay(c)");
		expect(coverPlan(proposePlan([success], options) as ReferencePlan, success)?.share).toBe(1);
		expect(proposePlan([draw("t/0", "user: hello")], options)).toBeNull();
	});
});
