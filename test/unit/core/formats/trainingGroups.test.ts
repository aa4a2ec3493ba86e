// rLLM episodes and ART groups: who is compared with whom, rewards and advantages at their steps, YAML as it comes.
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../../src/core/model/json.ts";
import { fixture } from "../../../support/fixtures.ts";
import { jsonLines, type ReadText, readRows, readText, sliceOf } from "../../../support/records.ts";

function read(name: string): ReadText {
	return readText(fixture(name).text);
}

describe("rLLM", () => {
	test("reads an attempt's number from the id, so that attempts at a task are one group", () => {
		const episode = JSON.parse(fixture("rllm.json").text) as JsonObject;
		const { rollouts } = readText(jsonLines([episode, { ...episode, id: "task-5:2" }]));
		expect(rollouts.map(({ id, task }) => [id, task])).toEqual([
			["task-5:1", "task-5"],
			["task-5:2", "task-5"],
		]);
	});

	test("gives an action the observation that the next step starts with", () => {
		const [rollout] = read("rllm.json").rollouts;
		expect(rollout?.steps.map((step) => [step.role, step.text])).toEqual([
			["user", "Which bridge is longer?"],
			["agent", "I measure the northern one."],
			["agent", "The northern one."],
		]);
		expect(rollout?.steps[1]?.observations).toMatchObject([{ text: "It spans ninety paces." }]);
		expect(rollout?.steps[2]?.calls).toMatchObject([{ name: "finish", arguments: { answer: "north" } }]);
	});

	test("keeps rewards, returns and advantages of steps and of tokens", () => {
		const [rollout] = read("rllm.json").rollouts;
		expect(rollout?.steps.slice(1).map(({ reward, advantage, value }) => [reward, advantage, value])).toEqual([
			[0, 0.5, 0.9],
			[1, 0.5, 1],
		]);
		expect(rollout?.steps[1]?.tokenDetail).toMatchObject({ ids: [3, 4], logprobs: [-0.5, -0.25] });
		expect(rollout).toMatchObject({ reward: 1, outcome: "success", ending: "env_done" });
	});

	test("leaves out returns that nobody computed: 0 everywhere is the default", () => {
		const text = fixture("rllm.json").text.replace(/"mc_return": [\d.]+/g, '"mc_return": 0');
		expect(readText(text).rollouts[0]?.steps.map((step) => step.value)).toEqual([null, null, null]);
	});

	test("compares each agent of an episode with its like only", () => {
		const { rollouts } = read("rllm.agents.jsonl");
		expect(rollouts.map(({ id, task, agent, reward, truncated }) => [id, task, agent, reward, truncated])).toEqual([
			["e7a/writer", "task-6:writer", "writer", 0.25, true],
			["e7a/reviewer", "task-6:reviewer", "reviewer", 0.75, true],
		]);
	});

	test("reads the chat of the last step where steps say nothing of their own", () => {
		const chat = [
			{ role: "user", content: "Sing." },
			{ role: "assistant", content: "La." },
			{ role: "user", content: "Louder." },
			{ role: "assistant", content: "LA." },
		];
		const steps = [
			{ chat_completions: chat.slice(0, 2), reward: 0, response_ids: [7] },
			{ chat_completions: chat, reward: 1, response_ids: [8, 9] },
		];
		const episode = { id: "sing:0", is_correct: true, trajectories: [{ name: "singer", steps }] };
		const [rollout] = readText(JSON.stringify(episode)).rollouts;
		expect(rollout?.steps.map((step) => [step.text, step.reward, step.tokenDetail?.ids ?? null])).toEqual([
			["Sing.", null, null],
			["La.", 0, [7]],
			["Louder.", null, null],
			["LA.", 1, [8, 9]],
		]);
	});

	test("reports a trajectory without steps and reads the others", () => {
		const text = fixture("rllm.agents.jsonl").text.replace(/"steps":\[\{"id":"s","input":"Review/, '"st":[{"input":"R');
		const { rollouts, problems } = readText(text);
		expect(rollouts.map((rollout) => rollout.agent)).toEqual(["writer"]);
		expect(problems).toEqual(["x.dat:1: trajectory 1 has no steps"]);
	});
});

describe("ART", () => {
	test("reads YAML groups: messages, choices and their calls, rewards, metrics, the training step of the name", () => {
		const { rollouts, problems } = readText(fixture("art.yaml").text, "trajectories/train/0007.yaml");
		expect(problems).toEqual([]);
		expect(rollouts.map(({ task, reward, outcome, trainingStep }) => [task, reward, outcome, trainingStep])).toEqual([
			["group-0", 1, "success", 7],
			["group-0", 0, "failure", 7],
			["group-1", 0.5, "unknown", 7],
		]);
		expect(rollouts[0]?.steps.map((step) => [step.role, step.text])).toEqual([
			["system", "You play the ferry game."],
			["user", "Guess the number."],
			["agent", "I guess twelve."],
			["agent", "Then it is\ntwenty at Ödern."],
		]);
		expect(rollouts[0]?.steps[2]).toMatchObject({
			calls: [{ name: "guess", arguments: { number: 12 } }],
			observations: [{ text: "too low" }],
		});
		expect(rollouts[0]?.rewards).toMatchObject({ guesses: 2 });
	});

	test("follows aliases, and keeps dates as they are written", () => {
		const { rollouts } = read("art.yaml");
		expect(rollouts[1]?.extra.metadata).toEqual({ when: "2024-05-01", round: 3 });
	});

	test("places a message of YAML at its own lines", () => {
		const yaml = read("art.yaml");
		const place = yaml.rollouts[0]!.steps[3]!.origin;
		expect(sliceOf(yaml, place)).toContain("twenty at Ödern.");
		expect(sliceOf(yaml, place)).not.toContain("too low");
		expect([place.line, place.index]).toEqual([23, 4]);
	});

	test("reads lines of groups alike; other histories are what the rollout started", () => {
		const { rollouts } = read("art.groups.jsonl");
		expect(rollouts.map(({ id, task, parent, relation }) => [id, task, parent, relation])).toEqual([
			["group-0/0", "group-0", null, null],
			["group-0/1", "group-0", null, null],
			["group-0/1/history-0", "group-0", "group-0/1", "sub-agent"],
			["second/0", "second", null, null],
		]);
		expect(rollouts[0]?.steps[1]?.tokenDetail).toMatchObject({ logprobs: [-0.5, -0.25] });
		expect(rollouts[0]?.tools).toMatchObject([{ name: "guess" }]);
	});

	test("reads tables, whose groups are numbered and whose loose parts are JSON in strings", () => {
		const row = (group_index: number, reward: number, said: string): JsonObject => ({
			group_index,
			reward,
			metrics: '{"won": true}',
			metadata: null,
			tools: '[{"type": "function", "function": {"name": "guess"}}]',
			logs: [],
			additional_histories: null,
			messages: [
				{ role: "user", content: "Guess.", tool_calls: null, tool_call_id: null, trainable: false },
				{
					role: "assistant",
					content: said,
					tool_calls: '[{"id": "c1", "type": "function", "function": {"name": "guess", "arguments": "{}"}}]',
					tool_call_id: null,
					trainable: true,
				},
			],
		});
		const { format, rollouts, problems } = readRows([row(0, 1, "One."), row(0, 0, "Two."), row(1, 1, "Three.")]);
		expect([format?.id, problems]).toEqual(["art", []]);
		expect(rollouts.map(({ task, reward }) => [task, reward])).toEqual([
			["group-0", 1],
			["group-0", 0],
			["group-1", 1],
		]);
		expect(rollouts[0]).toMatchObject({ outcome: "success", tools: [{ name: "guess" }] });
		expect(rollouts[0]?.steps[1]?.calls).toMatchObject([{ id: "c1", name: "guess" }]);
		expect(rollouts[0]?.steps[1]?.origin.pointer).toBe("/messages/1");
	});

	const head = "- trajectories:\n  - messages_and_choices:\n    - {role: user, content: Go.}\n    reward: 1\n";

	test.each([
		["an alias without its anchor", "    metadata: *nowhere\n", "not YAML: "],
		["a value that holds itself", "    metadata: &own {self: *own}\n", "its aliases repeat themselves"],
		["aliases of aliases that grow without end", bomb(), "not YAML: Excessive alias count"],
		["one large text in very many places", repeated(), "its aliases repeat themselves or far too much"],
		["a line that is no YAML", "    metadata: {a: [1, 2\n", "not YAML: "],
	])("with %s is reported, not expanded and no throw", (_, lines, reason) => {
		const { format, problems } = readText(head + lines);
		expect(format?.id).toBe("art");
		expect(problems[0]).toContain(reason);
	});

	test("ragged groups: members without messages are reported, the others read", () => {
		const group = JSON.parse(fixture("art.groups.jsonl").text.split("\n")[1] ?? "") as { trajectories: unknown[] };
		group.trajectories.push(null, { reward: 1 }, []);
		const { rollouts, problems } = readText(jsonLines([group]));
		expect(rollouts.length).toBe(1);
		expect(problems).toEqual([1, 2, 3].map((at) => `x.dat:1: trajectory ${at} of second has no messages_and_choices`));
	});
});

function bomb(): string {
	const level = (name: string, of: string): string => `      ${name}: &${name} [${`*${of}, `.repeat(9)}]\n`;
	return `    metadata:\n      a: &a [x, x]\n${level("b", "a")}${level("c", "b")}${level("d", "c")}${level("e", "d")}${level("f", "e")}`;
}

function repeated(): string {
	return `    metadata:\n      text: &text ${"long words ".repeat(2000)}\n      uses: [${"*text, ".repeat(2000)}]\n`;
}
