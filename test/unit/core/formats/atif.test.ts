// ATIF trajectories: steps with their observations, and the trajectories that belong together.
import { describe, expect, test } from "vitest";
import { jsonLines, readText, sliceOf } from "../../../support/records.ts";

const question = { step_id: 1, source: "user", message: "List the files.", timestamp: "2026-01-02T03:04:05Z" };
const look = {
	step_id: 2,
	source: "agent",
	model_name: "model-a",
	message: "I look.",
	reasoning_content: "ls is enough",
	tool_calls: [{ tool_call_id: "c1", function_name: "bash", arguments: { cmd: "ls" } }],
	observation: { results: [{ source_call_id: "c1", content: "a.py" }] },
	metrics: {
		prompt_tokens: 9,
		completion_tokens: 2,
		cached_tokens: 4,
		cost_usd: 0.5,
		completion_token_ids: [7, 8],
		logprobs: [-0.1, -0.2],
		prompt_token_ids: [1, 2, 3],
	},
};

function trajectory(fields: object = {}, steps: object[] = [question, look]) {
	return { schema_version: "ATIF-v1.6", session_id: "s-1", agent: { name: "agent-a", version: "1" }, steps, ...fields };
}

describe("a trajectory", () => {
	test("is read with calls, observations, usage, token ids and log-probabilities", () => {
		const read = readText(JSON.stringify(trajectory(), null, 2));
		const [rollout] = read.rollouts;
		expect(read.format?.id).toBe("atif");
		expect(read.problems).toEqual([]);
		expect(rollout).toMatchObject({
			id: "s-1",
			agent: "agent-a",
			title: "List the files.",
			cost: 0.5,
			model: "model-a",
		});
		expect(rollout?.steps[0]).toMatchObject({ role: "user", time: Date.UTC(2026, 0, 2, 3, 4, 5) });
		const step = rollout!.steps[1]!;
		expect(step).toMatchObject({
			role: "agent",
			reasoning: "ls is enough",
			calls: [{ id: "c1", name: "bash", arguments: { cmd: "ls" } }],
			observations: [{ callId: "c1", text: "a.py", isError: false }],
			tokens: { prompt: 9, completion: 2, cached: 4, reasoning: null },
			tokenDetail: { ids: [7, 8], logprobs: [-0.1, -0.2] },
			origin: { index: 2, pointer: "/steps/1" },
		});
		expect(JSON.parse(sliceOf(read, step.origin))).toEqual(look);
		expect(step.extra).toEqual({ metrics: look.metrics });
	});

	test("keeps what its version does not know", () => {
		const [rollout] = readText(JSON.stringify(trajectory({ schema_version: "ATIF-v1.99", mood: "calm" }))).rollouts;
		expect(rollout?.extra.mood).toBe("calm");
	});

	test("may hold content parts and pictures", () => {
		const parts = [
			{ type: "text", text: "What is this?" },
			{ type: "image", source: { media_type: "image/png", path: "shots/1.png" } },
		];
		const [rollout] = readText(JSON.stringify(trajectory({}, [{ ...question, message: parts }, look]))).rollouts;
		expect(rollout?.steps[0]).toMatchObject({ text: "What is this?", images: [{ path: "shots/1.png" }] });
	});

	test("may stand on one line beside others", () => {
		const read = readText(jsonLines([trajectory(), trajectory({ session_id: "s-2" })]));
		expect(read.rollouts.map((rollout) => rollout.id)).toEqual(["s-1", "s-2"]);
	});

	test("marks steps copied from an earlier one, which count for no total", () => {
		const copied = { ...look, is_copied_context: true };
		const [rollout] = readText(JSON.stringify(trajectory({}, [question, copied, { ...look, step_id: 3 }]))).rollouts;
		expect(rollout?.steps.map((step) => step.copied)).toEqual([false, true, false]);
		expect(rollout?.cost).toBe(0.5);
	});
});

describe("trajectories that belong together", () => {
	const delegate = (reference: object) => ({
		...look,
		observation: { results: [{ source_call_id: "c1", content: "see there", subagent_trajectory_ref: [reference] }] },
	});

	test("an embedded sub-agent hangs below the step that started it", () => {
		const inner = trajectory({ session_id: "s-1", trajectory_id: "t-2" }, [question]);
		const whole = trajectory({ subagent_trajectories: [inner] }, [question, delegate({ trajectory_id: "t-2" })]);
		const read = readText(JSON.stringify(whole));
		expect(read.rollouts[1]).toMatchObject({ id: "t-2", relation: "sub-agent", parent: "s-1", branchStep: 1 });
		expect(read.rollouts[1]?.steps[0]?.origin.pointer).toBe("/subagent_trajectories/0/steps/0");
		expect(JSON.parse(sliceOf(read, read.rollouts[1]!.steps[0]!.origin))).toEqual(question);
	});

	test("a sub-agent in a file beside is found by the path that refers to it", () => {
		const main = trajectory({}, [
			question,
			delegate({ session_id: "?", trajectory_path: "trajectory.summarization-1.json" }),
		]);
		const beside = { "x.summarization-1.json": JSON.stringify(trajectory({ session_id: "s-sub" })) };
		const read = readText(JSON.stringify(main), "x.json", beside);
		expect(read.rollouts[1]).toMatchObject({ id: "s-sub", relation: "sub-agent", parent: "s-1", branchStep: 1 });
		expect(read.rollouts[1]?.place.file).toBe("x.summarization-1.json");
	});

	test("a continuation in a file beside follows the last step", () => {
		const main = trajectory({ continued_trajectory_ref: "trajectory.cont-1.json" });
		const next = trajectory({ agent: { name: "agent-a", extra: { continuation_index: 1 } } });
		const read = readText(JSON.stringify(main), "x.json", { "x.cont-1.json": JSON.stringify(next) });
		expect(read.rollouts[1]).toMatchObject({
			id: "s-1/cont-1",
			relation: "continuation",
			parent: "s-1",
			branchStep: 1,
		});
	});

	test("the result of the trial gives task, reward and outcome", () => {
		const result = { trial_name: "fix__a", task_name: "fix", verifier_result: { rewards: { reward: 1, style: 0.5 } } };
		const read = readText(JSON.stringify(trajectory()), "trajectory.json", {
			"../result.json": JSON.stringify(result),
		});
		expect(read.format?.companions?.("trajectory.json", "trajectory")).toContain("../result.json");
		expect(read.rollouts[0]).toMatchObject({ id: "fix__a", task: "fix", reward: 1, outcome: "success" });
		expect(read.rollouts[0]?.rewards).toEqual({ reward: 1, style: 0.5 });
	});
});

describe("a damaged trajectory", () => {
	test("without steps is reported", () => {
		expect(readText(JSON.stringify({ schema_version: "ATIF-v1.5", session_id: "s" })).problems).toEqual([
			"x.dat:1: no steps",
		]);
	});

	test("is read around a step that is no object and a result that nobody asked for", () => {
		const stray = { ...look, observation: { results: [{ source_call_id: "c9", content: "?" }] } };
		const read = readText(JSON.stringify(trajectory({}, [question, 5 as unknown as object, stray]), null, 1));
		expect(read.rollouts[0]?.steps).toHaveLength(2);
		expect(read.problems).toEqual([
			expect.stringContaining("step 2 is not an object"),
			expect.stringContaining("a tool result without a call (c9)"),
		]);
	});
});
