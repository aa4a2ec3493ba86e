// Dumps with structure (verifiers, NeMo Gym, Atropos, Reasoning Gym, parallel samples, Tinker): what a person sees of them.
import { describe, expect, test } from "vitest";
import { detectFormat } from "../../../../src/core/formats/registry.ts";
import { sampleOfHead } from "../../../../src/core/formats/sample.ts";
import { fixture } from "../../../support/fixtures.ts";
import { jsonLines, type ReadText, readText } from "../../../support/records.ts";

function read(name: string, beside: Record<string, string> = {}): ReadText {
	return readText(fixture(name).text, "x.dat", beside);
}

function groupSizes(rollouts: ReadText["rollouts"]): number[] {
	const tasks = Map.groupBy(rollouts, (rollout) => rollout.task);
	return [...tasks.values()].map((group) => group.length);
}

describe("verifiers results", () => {
	test("group interleaved rollouts by example and keep every metric", () => {
		const { rollouts } = read("verifiers.jsonl");
		expect(rollouts.map(({ id, task, reward }) => [id, task, reward])).toEqual([
			["0/0", "0", 1.25],
			["1/1", "1", 1.25],
			["0/2", "0", 0],
			["1/3", "1", 0],
		]);
		expect(rollouts[0]).toMatchObject({
			rewards: { judge_reward: 1, find_calls: 1 },
			outcome: "success",
			durationMs: 121.5,
		});
		expect(rollouts[0]?.tools).toMatchObject([{ name: "find" }]);
	});

	test("decode tool calls that are JSON in a string, and count messages through prompt and completion", () => {
		const [rollout] = read("verifiers.jsonl").rollouts;
		expect(rollout?.steps.map((step) => [step.role, step.origin.index])).toEqual([
			["system", 0],
			["user", 1],
			["agent", 2],
			["agent", 4],
		]);
		expect(rollout?.steps[2]).toMatchObject({
			calls: [{ id: "c00", name: "find", arguments: { query: "bridge" } }],
			observations: [{ text: "Built by Lindner." }],
		});
	});

	test("of old files group by prompt and answer, since ids number rows there", () => {
		const { rollouts } = read("verifiers.old.jsonl");
		expect(groupSizes(rollouts)).toEqual([2, 1]);
		expect(rollouts.map((rollout) => rollout.id)).toEqual(["0", "1", "2"]);
		expect(rollouts[2]?.steps).toHaveLength(1);
	});

	test("take model, environment and date from metadata.json", () => {
		const beside = {
			"metadata.json": '{"env_id":"own-env","model":"tiny-model","num_examples":2,"date":"2026-03-01 10:00:00"}',
		};
		const [rollout] = read("verifiers.jsonl", beside).rollouts;
		expect(rollout).toMatchObject({ model: "tiny-model", agent: "own-env", time: Date.UTC(2026, 2, 1, 10) });
	});

	test("of new files keep per-turn tokens and advantage, usage and stop condition", () => {
		const [rollout] = read("verifiers.new.jsonl").rollouts;
		expect(rollout).toMatchObject({ task: "7", ending: "no_tools_called", rewards: { exact: 1 }, durationMs: 2500 });
		expect(rollout?.tokens).toMatchObject({ prompt: 12, completion: 4 });
		expect(rollout?.steps[1]).toMatchObject({ advantage: 0.5, tokenDetail: { ids: [3, 4], logprobs: [-0.1, -0.3] } });
	});

	test("give steps the rewards of their own, not copies of the rollout's", () => {
		const agent = (content: string) => ({ role: "assistant", content });
		const rewardsOf = (...rewards: (number | null)[]) => {
			const completion = [agent("First."), { role: "user", content: "And then?" }, agent("Second.")];
			const trajectory = rewards.map((reward) => ({ prompt: [], completion: [], reward, advantage: null }));
			const line = { example_id: 1, prompt: [], completion, reward: 1, is_completed: true, trajectory };
			const [rollout] = readText(JSON.stringify(line)).rollouts;
			return rollout?.steps.flatMap((step) => (step.role === "agent" ? [step.reward] : []));
		};
		expect(rewardsOf(0.25, 1)).toEqual([0.25, 1]);
		expect(rewardsOf(1, 1)).toEqual([null, null]);
		expect(rewardsOf(null, null)).toEqual([null, null]);
	});
});

describe("verifiers v1 traces", () => {
	const { rollouts } = read("verifiers-traces.jsonl");

	test("give a rollout for each leaf; the second branches off where its path parts", () => {
		expect(rollouts.map(({ id, parent, branchStep, sharedSteps }) => [id, parent, branchStep, sharedSteps])).toEqual([
			["r1/0", null, null, 0],
			["r1/1", "r1/0", 1, 2],
			["r2", null, null, 0],
		]);
		expect(rollouts.slice(0, 2).map((rollout) => rollout.steps.at(-1)?.text)).toEqual(["Venus.", "Pluto."]);
		expect(new Set(rollouts.map((rollout) => rollout.task))).toEqual(new Set(["quiz-4"]));
	});

	test("keep stored advantages of tokens, and state them for the step where they are all the same", () => {
		const step = rollouts[0]?.steps[1];
		expect(step).toMatchObject({
			advantage: 0.5,
			tokenDetail: { ids: [9, 10, 11], mask: [0, 1, 1], logprobs: [-0.1, -0.2], advantages: [0.5, 0.5] },
			model: "small-model",
			durationMs: 1500,
		});
		expect(rollouts[1]?.steps.at(-1)?.advantage).toBeNull();
	});

	test("add named rewards with their weights, as the format defines the reward", () => {
		expect(rollouts[0]).toMatchObject({ reward: 1, rewards: { correct: 1, brief: 1, turns: 2 }, outcome: "success" });
		expect(rollouts[2]).toMatchObject({ reward: 0, ending: "max_turns", truncated: true });
	});

	test("with a parent that does not come before its node are read from a new root, and say so", () => {
		const trace = {
			id: "r",
			nodes: [
				{ parent: 1, message: { role: "user", content: "a" } },
				{ parent: 0, message: { role: "assistant", content: "b" } },
				{ parent: 99, message: { role: "assistant", content: "c" } },
			],
		};
		const damaged = readText(jsonLines([trace]));
		expect(damaged.problems).toEqual([
			"x.dat:1: node 0 names 1 as its parent, which does not come before it",
			"x.dat:1: node 2 names 99 as its parent, which does not come before it",
		]);
		expect(damaged.rollouts.map((rollout) => [rollout.id, rollout.relation])).toEqual([
			["r/0", null],
			["r/1", "sub-agent"],
		]);
	});

	test("of a graph with very many leaves are cut, and say so", () => {
		const root = { parent: null, message: { role: "user", content: "q" } };
		const nodes = [
			root,
			...Array.from({ length: 2500 }, () => ({ parent: 0, message: { role: "assistant", content: "a" } })),
		];
		const wide = readText(jsonLines([{ id: "w", nodes }]));
		expect(wide.rollouts).toHaveLength(2000);
		expect(wide.problems[0]).toContain("the tree has 2500 leaves: the first 2000 are read");
	});
});

describe("NeMo Gym rollouts", () => {
	const { rollouts } = read("nemo-gym.jsonl");

	test("stand in groups whatever order they finished in", () => {
		expect(rollouts.map((rollout) => rollout.id)).toEqual(["3/0", "3/3", "3/1", "4/0"]);
		expect(groupSizes(rollouts)).toEqual([3, 1]);
	});

	test("join reasoning, call and result to one decision and the answer to the next", () => {
		const [system, user, acted, answered] = rollouts[0]?.steps ?? [];
		expect([system?.role, user?.role]).toEqual(["system", "user"]);
		expect(acted).toMatchObject({
			reasoning: "One call is enough.",
			calls: [{ id: "k1", name: "add", arguments: { a: 3 } }],
			observations: [{ text: "4" }],
		});
		expect(answered).toMatchObject({ text: "The sum is 4.", tokenDetail: { ids: [2, 3], logprobs: [-0.2, -0.4] } });
	});

	test("take a usage of zeros as not logged", () => {
		expect(rollouts[0]).toMatchObject({
			tokens: null,
			reference: "4",
			agent: "calculator_agent",
			rewards: { turns_used: 1 },
		});
	});

	test("of the deepswe layout are read from its trajectory", () => {
		const [rollout] = read("nemo-gym.deepswe.jsonl").rollouts;
		expect(rollout).toMatchObject({ task: "48", reward: 1, cost: 0.25, rewards: { tests_passed: 30, partial: 1 } });
		expect(rollout?.tokens).toMatchObject({ prompt: 100, cached: 50 });
	});

	test("placeholder rows and inputs that were not run are no trajectories", () => {
		const formatOf = (text: string): string | undefined =>
			detectFormat(sampleOfHead("x.dat", new TextEncoder().encode(text), true))?.format.id;
		expect(formatOf("<PLACEHOLDER ROW>\n<PLACEHOLDER ROW>\n")).toBe("run-numbers");
		expect(formatOf('{"responses_create_params":{"input":"hi"},"_ng_task_index":0}\n')).toBe("run-numbers");
	});

	test("a row without a response between others is reported and the rest is read", () => {
		const damaged = readText(fixture("nemo-gym.jsonl").text.replace('"response":{', '"no_response":{'));
		expect(damaged.problems).toEqual(["x.dat:1: no response"]);
		expect(damaged.rollouts).toHaveLength(3);
	});
});

describe("action groups", () => {
	test("give each sampled action its reward", () => {
		const { rollouts } = read("action-groups.jsonl");
		expect(rollouts.map(({ answer, reward, outcome }) => [answer, reward, outcome])).toEqual([
			["use key", 1, "success"],
			["kick door", 0, "failure"],
			["use key", 1, "success"],
		]);
		expect(groupSizes(rollouts)).toEqual([3]);
	});
});

describe("Atropos groups", () => {
	test("are one line each, also where two lines share a seed", () => {
		const { rollouts } = read("atropos.jsonl");
		expect(groupSizes(rollouts)).toEqual([2, 1]);
		expect(rollouts.map((rollout) => rollout.reward)).toEqual([0.75, -0.25, 1]);
	});

	test("put the environment's answers to the move before, and trained tokens to the last turn", () => {
		const [first, second] = read("atropos.jsonl").rollouts;
		expect(first?.steps.map((step) => step.role)).toEqual(["system", "user", "agent", "agent"]);
		expect(first?.steps[2]?.observations[0]?.text).toBe("One face done.");
		expect(first?.steps[3]?.tokenDetail).toMatchObject({ ids: [3, 4], rewards: [0.5, 0.25] });
		expect(second?.steps[3]?.tokenDetail).toMatchObject({ ids: [3, 5, 6], mask: [1, 1, 1] });
	});

	test("with ragged members say so and keep every member", () => {
		const line = {
			tokens: [[1], [2]],
			masks: [[1], [2]],
			scores: [1],
			messages: [[{ role: "user", content: "hi" }], []],
		};
		const damaged = readText(jsonLines([line]));
		expect(damaged.problems).toEqual(["x.dat:1: the group has 2 members, but 1 scores"]);
		expect(damaged.rollouts.map((rollout) => rollout.reward)).toEqual([1, null]);
	});

	test("of preference pairs keep the preference as a verdict", () => {
		const { rollouts } = read("atropos.pairs.jsonl");
		expect(rollouts.map(({ id, reward, labels }) => [id, reward, labels[0]?.rating])).toEqual([
			["pair-0/chosen", 1, 1],
			["pair-0/rejected", null, -1],
		]);
		expect(rollouts[0]?.steps[1]).toMatchObject({
			text: "Very well, thanks for asking!",
			tokenDetail: { ids: [8, 9] },
		});
	});
});

describe("Reasoning Gym results", () => {
	test("give every completion of a question its score, empty ones too", () => {
		const { rollouts } = read("reasoning-gym.json");
		expect(groupSizes(rollouts)).toEqual([3, 3]);
		expect(rollouts.slice(0, 3).map(({ reward, outcome, answer }) => [reward, outcome, answer])).toEqual([
			[1, "success", "1"],
			[3e-8, "unknown", "3e-8"],
			[0, "failure", null],
		]);
		expect(rollouts[0]?.steps[1]).toMatchObject({ text: "1", reasoning: "Counting slowly." });
		expect(rollouts.every((rollout) => rollout.steps.length === 2)).toBe(true);
	});

	test("of a whole checkpoint are found in its categories", () => {
		const { rollouts } = read("reasoning-gym.checkpoint.json");
		expect(rollouts.map((rollout) => rollout.id)).toEqual(["letter_count/0/0", "letter_count/0/1", "letter_count/0/2"]);
		expect(rollouts[0]?.model).toBe("trained-model");
	});
});

describe("parallel samples", () => {
	test("take each list's part of a sample", () => {
		const { rollouts } = read("parallel-samples.jsonl");
		expect(rollouts.map(({ id, reward, answer, rewards }) => [id, reward, answer, rewards])).toEqual([
			["0/0", 1, "144", { pred_score: 3.5 }],
			["0/1", 0, "124", { pred_score: -1.25 }],
		]);
		expect(rollouts[0]?.reference).toBe("144");
	});

	test("with a list that is too short say so", () => {
		const line = { question: "q", response: ["a", "b"], score: [1, 0] };
		const damaged = readText(jsonLines([line, { ...line, score: [1] }]));
		expect(damaged.problems).toEqual(["x.dat:2: 2 response, but 1 score"]);
		expect(damaged.rollouts).toHaveLength(4);
	});
});

describe("Tinker outputs", () => {
	test("summaries give groups, rewards of steps and their lengths", () => {
		const [rollout] = read("tinker.jsonl").rollouts;
		expect(rollout).toMatchObject({
			id: "2/0",
			task: "2",
			trainingStep: 10,
			reward: 1.5,
			outcome: "success",
			ending: "stop",
		});
		expect(rollout?.steps.map((step) => [step.reward, step.tokens?.completion])).toEqual([
			[0.5, 12],
			[0, 9],
		]);
	});

	test("programs without a verdict have no outcome", () => {
		const { rollouts } = read("tinker.programs.jsonl");
		expect(rollouts.map((rollout) => rollout.outcome)).toEqual(["success", "failure", "unknown"]);
		expect(groupSizes(rollouts)).toEqual([2, 1]);
	});

	test("metrics of training are no trajectories", () => {
		const text = jsonLines([{ step: 0, "reward/mean": 0.4, "reward/pass@1": 0.3, "time/total": 5 }]);
		expect(readText(text)).toMatchObject({
			format: { id: "run-numbers", notTrajectory: true },
			rollouts: [],
			problems: [],
		});
	});
});
