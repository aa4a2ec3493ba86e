// Pi and OpenClaw sessions: a tree of entries with a branch that was left.
import { expect, test } from "vitest";
import { fixture } from "../../../support/fixtures.ts";
import { readText, sliceOf } from "../../../support/records.ts";

const log = fixture("pi-session.jsonl").text;

test("the last entry's path is the rollout, what was left of it a branch that shares its first steps", () => {
	const { rollouts, problems } = readText(log);
	expect(problems).toEqual([]);
	expect(rollouts.map(({ id, relation, branchStep, sharedSteps }) => [id, relation, branchStep, sharedSteps])).toEqual([
		["5f0c0000-0000-4000-8000-000000000001", null, null, 0],
		["5f0c0000-0000-4000-8000-000000000001/a2", "branch", 1, 2],
	]);
	expect(rollouts[0]?.steps.map((step) => [step.role, step.text])).toEqual([
		["user", "Why does the build fail?"],
		["agent", "I read the log."],
		["agent", "I look elsewhere."],
		["system", "The log is out.log."],
		["agent", "It is in out.log."],
	]);
	expect(rollouts[1]?.steps.at(-1)?.text).toBe("There is no log.");
});

test("steps have their thoughts, errors, summaries, tokens with the cached ones, costs and bytes", () => {
	const read = readText(log);
	const [rollout] = read.rollouts;
	expect(rollout).toMatchObject({ title: "Failing build", ending: "stop", cost: 0.006 });
	expect(rollout?.steps[1]).toMatchObject({
		reasoning: "Look at the log.",
		observations: [{ callId: "call_1", text: "no such file", isError: true }],
		tokens: { prompt: 130, completion: 5, cached: 100 },
	});
	expect(rollout?.steps[3]?.summary).toBe("The log is out.log.");
	expect(sliceOf(read, rollout!.steps[1]!.origin).split("\n")).toHaveLength(2);
});

test("an OpenClaw session list names the session that started a sub-agent", () => {
	const sessions = JSON.stringify({
		"agent:main": { sessionId: "starter" },
		"agent:sub": { sessionId: "5f0c0000-0000-4000-8000-000000000001", spawnedBy: "agent:main", label: "checker" },
	});
	const [rollout] = readText(log, "x.jsonl", { "sessions.json": sessions }).rollouts;
	expect(rollout).toMatchObject({ parent: "starter", relation: "sub-agent", agent: "checker" });
});

test("a fork names the session that it continues", () => {
	const forked = log.replace('"cwd"', '"parentSession":"/a/2026_9a.jsonl","cwd"');
	expect(readText(forked).rollouts[0]).toMatchObject({ parent: "9a", relation: "continuation" });
});

test("broken lines, lines without message and circles are reported", () => {
	const lines = log.trim().split("\n");
	const circle = lines.map((line) => line.replace('"id":"u1","parentId":"m0"', '"id":"u1","parentId":"a4"'));
	expect(readText(`${circle.join("\n")}\n`).problems).toEqual([expect.stringContaining("a cycle in parentUuid at")]);
	expect(readText(`${lines.join("\n")}\nnot json\n{"type":"message","id":"z","parentId":"a4"}\n{"a`).problems).toEqual([
		'x.dat:13: not JSON: unexpected "n"',
		"x.dat:15: not JSON: a text has no closing quote",
		"x.dat:14: an entry without a message",
	]);
});
