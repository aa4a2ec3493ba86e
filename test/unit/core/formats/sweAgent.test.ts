// SWE-agent and mini-swe-agent trajectories of all generations.
import { describe, expect, test } from "vitest";
import { fixture } from "../../../support/fixtures.ts";
import { readText, sliceOf } from "../../../support/records.ts";

describe("a SWE-agent trajectory", () => {
	test("of the first generation has its prompts, actions as commands and states as text", () => {
		const read = readText(fixture("swe-agent.old.json").bytes, "clock__clock-7.traj");
		const [rollout] = read.rollouts;
		expect(read.format?.id).toBe("swe-agent");
		expect(rollout).toMatchObject({
			id: "clock__clock-7",
			ending: "submitted (exit_cost)",
			truncated: true,
			answer: "diff",
			cost: 0.5,
			tokens: { prompt: 100, completion: 9 },
		});
		expect(rollout?.steps.map((step) => step.role)).toEqual(["system", "user", "user", "agent", "agent"]);
		expect(rollout?.title).toBe("The clock runs backwards.");
		expect(rollout?.steps[3]).toMatchObject({
			text: "I open the case.",
			calls: [{ name: "bash", arguments: { command: "open case.py" } }],
			observations: [{ text: "[File: case.py]\r\n1: spring()" }],
			state: { open_file: "case.py", working_dir: "/clock" },
			origin: { index: 0, pointer: "/trajectory/0" },
		});
		expect(sliceOf(read, rollout!.steps[3]!.origin)).toContain("I open the case.");
	});

	test("of the last generation takes the tool calls from the history and drops the repeated context", () => {
		const [rollout] = readText(fixture("swe-agent.json").bytes).rollouts;
		expect(rollout).toMatchObject({ id: "clock-7", task: "clock-7", agent: "main" });
		expect(rollout?.steps[2]).toMatchObject({
			calls: [{ id: "t1", name: "find_file", arguments: { name: "spring" } }],
			observations: [{ callId: "t1", text: "spring.py" }],
			durationMs: 500,
			extra: { extra_info: { note: "kept" } },
		});
		expect(JSON.stringify(rollout)).not.toContain("query");
	});

	test("that is a demonstration is read from its history", () => {
		const [rollout] = readText(fixture("swe-agent.demo.json").bytes).rollouts;
		expect(rollout?.steps.map((step) => [step.role, step.calls.length, step.observations.length])).toEqual([
			["system", 0, 0],
			["user", 0, 0],
			["agent", 1, 1],
		]);
	});

	test("is a success or a failure as the report beside it states", () => {
		const report = JSON.stringify({ "clock-7": { resolved: true } });
		const { rollouts } = readText(fixture("swe-agent.json").bytes, "x.traj", { "report.json": report });
		expect(rollouts[0]?.outcome).toBe("success");
	});

	test("of a run with several attempts shows each as a rollout of the same task", () => {
		const one = JSON.parse(fixture("swe-agent.json").text);
		const { rollouts } = readText(JSON.stringify({ ...one, attempts: [one, one] }));
		expect(rollouts.map((rollout) => [rollout.id, rollout.task])).toEqual([
			["clock-7/0", "clock-7"],
			["clock-7/1", "clock-7"],
		]);
	});
});

describe("a mini-swe-agent trajectory", () => {
	test("is read with tool calls, return codes, cost and usage", () => {
		const read = readText(fixture("mini-swe-agent.json").bytes);
		const [rollout] = read.rollouts;
		expect(read.format?.id).toBe("mini-swe-agent");
		expect(rollout).toMatchObject({ id: "piano-3", task: "piano-3", ending: "Submitted", cost: 0.03 });
		expect(rollout?.steps.map((step) => step.role)).toEqual(["system", "user", "agent", "agent", "system"]);
		expect(rollout?.steps[2]).toMatchObject({
			calls: [{ id: "p1", name: "bash", arguments: { command: "play c2" } }],
			observations: [{ callId: "p1", isError: true }],
			cost: 0.02,
			time: 1780000000500,
			tokens: { prompt: 50, completion: 8 },
			model: "model-a-1",
		});
	});

	test("without tool calls has its commands in fenced blocks", () => {
		const [rollout] = readText(fixture("mini-swe-agent.text.json").bytes).rollouts;
		expect(rollout).toMatchObject({ ending: "LimitsExceeded", truncated: true });
		expect(rollout?.steps).toHaveLength(3);
		expect(rollout?.steps[2]).toMatchObject({
			calls: [{ name: "bash", arguments: { command: "play c6" } }],
			observations: [{ isError: false, text: "<returncode>0</returncode>\n<output>\nting\n</output>" }],
		});
	});
});
