// LangSmith runs, flat or as a tree, in LangChain's messages or a vendor's.
import { describe, expect, test } from "vitest";
import { fixture } from "../../../support/fixtures.ts";
import { readText } from "../../../support/records.ts";

describe("a flat list of runs", () => {
	const read = readText(fixture("langsmith.jsonl").text);
	const [rollout] = read.rollouts;

	test("is one rollout a trace, with the dataset's example as its task and the project as its run", () => {
		expect(read.problems).toEqual([]);
		expect(rollout).toMatchObject({ id: "r0", task: "example-3", run: "desk-eval", model: "m-1", cost: 0.0031 });
		expect(rollout).toMatchObject({ rewards: { correct: 1, tone: 0.5 }, outcome: "success", answer: "It is blocked." });
	});

	test("reads LangChain's messages and puts the tool's message to its call", () => {
		expect(rollout?.steps.map((step) => [step.role, step.text])).toEqual([
			["system", "You run the desk."],
			["user", "Renew “Tides”."],
			["agent", ""],
			["agent", "It is blocked."],
		]);
		expect(rollout?.steps[2]).toMatchObject({
			calls: [{ id: "call_1", name: "renew", arguments: { title: "Tides" } }],
			observations: [{ callId: "call_1", text: "blocked", isError: true }],
			tokens: { prompt: 20, completion: 7 },
		});
	});

	test("takes a run that was sent twice, at its start and at its end, as one", () => {
		expect(rollout?.steps[3]).toMatchObject({ durationMs: 2000, origin: { index: "r3" } });
	});
});

test("a tree of runs is told in order of time, retrievers as tools", () => {
	const { rollouts, problems } = readText(fixture("langsmith.tree.json").text);
	expect(problems).toEqual([]);
	expect(rollouts).toHaveLength(1);
	expect(rollouts[0]).toMatchObject({ id: "q0", run: "desk-eval", answer: "4", tokens: { prompt: 5, completion: 1 } });
	expect(rollouts[0]?.steps.map((step) => [step.role, step.text, step.calls.map((call) => call.name).join()])).toEqual([
		["user", "2+2?", ""],
		["agent", "4", ""],
		["agent", "", "docs"],
	]);
});

test("a tree of fifteen hundred levels and parents in a circle end", () => {
	const depth = 1500;
	const deep = `${'{"id":"a","run_type":"chain","trace_id":"t","child_runs":['.repeat(depth)}${"]}".repeat(depth)}`;
	expect(readText(deep).rollouts).toHaveLength(1);
	const run = (id: string, parent: string) =>
		JSON.stringify({ id, parent_run_id: parent, run_type: "tool", name: "n", inputs: {}, outputs: { output: "o" } });
	expect(readText(`${run("a", "b")}\n${run("b", "a")}\n`).problems).toEqual([
		"x.dat:2: the parents of b form a circle",
	]);
});
