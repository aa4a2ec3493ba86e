// What Copilot Chat leaves behind: its agent debug log and its replay export.
import { describe, expect, test } from "vitest";
import { fixture } from "../../../support/fixtures.ts";
import { readText, sliceOf } from "../../../support/records.ts";

describe("an agent debug log", () => {
	const read = readText(fixture("copilot-debug.jsonl").text);
	const [rollout] = read.rollouts;

	test("is told in order of time although entries are written when they end", () => {
		expect(read.problems).toEqual([]);
		expect(rollout).toMatchObject({ id: "session-1", tokens: { prompt: 1850, completion: 28 } });
		expect(rollout?.steps.map((step) => [step.role, step.agent, step.text])).toEqual([
			["user", null, "Which file is largest?"],
			["agent", null, "I list them."],
			["agent", "Explore", ""],
			["agent", null, "b.ts is the lar"],
		]);
	});

	test("gives tool calls their results and errors, found by name where the log has no ids", () => {
		expect(rollout?.steps[1]).toMatchObject({
			calls: [{ id: "call_1", name: "list_dir", arguments: { path: "src" } }],
			observations: [{ text: "a.ts 10\nb.ts 20", isError: false }],
		});
		expect(rollout?.steps[2]?.observations).toMatchObject([{ text: "no such file", isError: true }]);
	});

	test("points at the bytes of the request and of its answer", () => {
		expect(sliceOf(read, rollout!.steps[1]!.origin)).toMatch(/"llm_request".*I list them/s);
	});
});

test("the log of a child session names the session that started it", () => {
	const line = (type: string, attrs: object) =>
		JSON.stringify({ ts: 1, dur: 0, sid: "b", type, name: type, spanId: type, attrs });
	const { rollouts } = readText(
		`${line("session_start", { parentSessionId: "a", label: "title" })}\n${line("user_message", { content: "hi" })}\n`,
	);
	expect(rollouts).toMatchObject([{ id: "b", parent: "a", relation: "sub-agent", agent: "title" }]);
});

describe("a replay export", () => {
	const read = readText(fixture("copilot-replay.json").text);
	const [rollout] = read.rollouts;

	test("tells prompts, answers and tool calls once, although a prompt is exported again after its calls", () => {
		expect(read.problems).toEqual([]);
		expect(rollout?.steps.map((step) => [step.role, step.text])).toEqual([
			["system", "You edit files."],
			["user", "make a file that says hello"],
			["agent", "I make it."],
			["agent", "It is made."],
			["user", "now delete it"],
			["agent", ""],
		]);
		expect(rollout?.steps[2]).toMatchObject({
			calls: [{ name: "create_file", arguments: { filePath: "hello.txt", content: "hello" } }],
			observations: [{ text: "The file was created." }],
			durationMs: 1000,
		});
		expect(rollout?.tools.map((tool) => tool.name)).toEqual(["create_file"]);
	});

	test("shows why a request failed", () => {
		expect(rollout?.steps[5]?.observations).toMatchObject([{ text: "the request was rejected", isError: true }]);
	});

	test("reports entries that are none", () => {
		const damaged = JSON.parse(fixture("copilot-replay.json").text);
		damaged.prompts[0].logs.push(7);
		damaged.prompts.push("x");
		expect(readText(JSON.stringify(damaged)).problems).toEqual([
			"x.dat:1: log entry 2 is not an object",
			"x.dat:1: prompt 3 is not an object",
		]);
	});
});
