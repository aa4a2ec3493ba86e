// Codex sessions of all versions: nothing twice, turns taken back as branches.
import { describe, expect, test } from "vitest";
import { fixture } from "../../../support/fixtures.ts";
import { jsonLines, readText, sliceOf } from "../../../support/records.ts";

function item(payload: object, second = 0) {
	return { timestamp: `2026-03-01T09:00:0${second}.000Z`, type: "response_item", payload };
}

function event(payload: object) {
	return { timestamp: "2026-03-01T09:00:01.000Z", type: "event_msg", payload };
}

function message(role: string, text: string, second = 0) {
	return item({ type: "message", role, content: [{ type: "output_text", text }] }, second);
}

function meta(payload: object) {
	return { timestamp: "2026-03-01T09:00:00.000Z", type: "session_meta", payload };
}

describe("a session", () => {
	const read = readText(fixture("codex.jsonl").bytes);
	const [main, branch] = read.rollouts;

	test("shows once what is logged as item and as event", () => {
		expect(main?.steps.map((step) => [step.role, step.text.slice(0, 26)])).toEqual([
			["system", "<environment_context>\n  <c"],
			["user", "Which files mention “harbo"],
			["agent", ""],
			["agent", ""],
			["agent", "Only notes.md mentions it."],
			["user", "Delete it instead."],
			["agent", "Deleted."],
		]);
		expect(main?.steps[2]).toMatchObject({
			reasoning: "**Searching**",
			calls: [{ id: "call_1", name: "shell", arguments: { command: ["grep", "-rl", "harbour"] } }],
			observations: [{ callId: "call_1", text: "grep: bad option", isError: true }],
			tokens: { prompt: 40, completion: 9, cached: 10, reasoning: 2 },
		});
		expect(main?.steps[3]?.observations).toMatchObject([{ text: "Exit code: 0\nDone", isError: false }]);
	});

	test("states id, model and the session's total of tokens", () => {
		expect(main).toMatchObject({ id: "thread-1", model: "model-a", tokens: { prompt: 160, completion: 9 } });
	});

	test("covers with a step all lines that it was made of", () => {
		const lines = sliceOf(read, main!.steps[2]!.origin).split("\n");
		expect(lines[0]).toContain("reasoning");
		expect(lines.at(-1)).toContain("function_call_output");
	});

	test("keeps the turns that were taken back as a branch", () => {
		expect(branch).toMatchObject({ relation: "branch", parent: "thread-1", branchStep: 4, sharedSteps: 5 });
		expect(branch?.steps.slice(5).map((step) => step.text)).toEqual(["Rename it.", "Renamed to port.md."]);
	});

	test("is told by its events where it has no items", () => {
		const lines = [
			meta({ id: "t" }),
			event({ type: "user_message", message: "Hi" }),
			event({ type: "agent_message", message: "Hello" }),
			event({ type: "exec_command_end", call_id: "c", command: ["ls"], aggregated_output: "a", exit_code: 1 }),
			event({ type: "mcp_tool_call_end", call_id: "d", invocation: { tool: "look" }, result: { Err: "gone" } }),
		];
		const [rollout] = readText(jsonLines(lines)).rollouts;
		expect(rollout?.steps.map((step) => step.text)).toEqual(["Hi", "Hello", ""]);
		expect(rollout?.steps.flatMap((step) => step.observations)).toMatchObject([
			{ callId: "c", text: "a", isError: true },
			{ callId: "d", text: "gone", isError: true },
		]);
	});

	test("says the same sentence twice where the agent did", () => {
		const lines = [message("assistant", "Yes."), event({ type: "agent_message", message: "Yes." })];
		const again = event({ type: "agent_message", message: "Yes." });
		const [rollout] = readText(jsonLines([...lines, again])).rollouts;
		expect(rollout?.steps.map((step) => step.text).join(" ")).toBe("Yes.\nYes.");
	});

	test("keeps a summary where the context was compacted", () => {
		const compacted = { type: "compacted", payload: { message: "Earlier: two files." } };
		const [rollout] = readText(jsonLines([message("user", "Go on."), compacted, message("assistant", "On.")])).rollouts;
		expect(rollout?.steps[1]).toMatchObject({ role: "system", summary: "Earlier: two files." });
	});

	test("that was broken off counts as truncated", () => {
		const [rollout] = readText(
			jsonLines([message("user", "Wait."), event({ type: "turn_aborted", reason: "interrupted" })]),
		).rollouts;
		expect(rollout).toMatchObject({ ending: "interrupted", truncated: true, outcome: "unknown" });
	});
});

describe("a relative of a session", () => {
	test("a fork marks the steps that it copied", () => {
		const fork = { id: "new", timestamp: "2026-03-01T09:00:05.000Z", forked_from_id: "old" };
		const lines = [meta(fork), meta({ id: "old" }), message("user", "q", 1), message("assistant", "a", 2)];
		const [rollout] = readText(jsonLines([...lines, message("user", "other", 6)])).rollouts;
		expect(rollout).toMatchObject({ id: "new", relation: "branch", parent: "old", branchStep: 1, sharedSteps: 2 });
		expect(rollout?.steps.map((step) => step.copied)).toEqual([true, true, false]);
	});

	test("a sub-agent names the thread that started it", () => {
		const source = { subagent: { thread_spawn: { parent_thread_id: "boss", agent_nickname: "scout" } } };
		const [rollout] = readText(jsonLines([meta({ id: "t", source }), message("user", "Look.")])).rollouts;
		expect(rollout).toMatchObject({ relation: "sub-agent", parent: "boss", agent: "scout" });
	});

	test("an old flat file is read", () => {
		const [rollout] = readText(fixture("codex.legacy.jsonl").bytes).rollouts;
		expect(rollout?.id).toBe("old-1");
		expect(rollout?.steps.map((step) => step.observations.map((result) => result.text))).toEqual([
			[],
			["oak\npine"],
			[],
		]);
	});

	test("what codex exec prints is read, each item in its last state", () => {
		const [rollout] = readText(fixture("codex.exec.jsonl").bytes).rollouts;
		expect(rollout).toMatchObject({ id: "thread-7", tokens: { prompt: 50, completion: 8 } });
		expect(rollout?.steps).toHaveLength(2);
		expect(rollout?.steps[0]).toMatchObject({
			reasoning: "Look first.",
			calls: [{ name: "command_execution", arguments: { command: "ls" } }],
			observations: [{ text: "no such folder", isError: true }],
		});
	});
});

test("many turns taken back one after the other are read in time that grows with their number", () => {
	const lines: object[] = [meta({ id: "t" }), message("user", "Start."), message("assistant", "Yes.")];
	for (let at = 0; at < 4000; at++) {
		lines.push(message("user", `try ${at}`), message("assistant", "no"));
		if (at % 2 === 0) lines.push(event({ type: "thread_rolled_back", num_turns: 1 }));
	}
	expect(readText(jsonLines(lines)).rollouts).toHaveLength(2001);
});
