// Google ADK: what happened in a session, and what an evaluation set expects.
import { expect, test } from "vitest";
import { fixture } from "../../../support/fixtures.ts";
import { readText } from "../../../support/records.ts";

test("a session's events are steps of their authors; parts of a stream and silent events are none", () => {
	const { rollouts, problems } = readText(fixture("google-adk.json").text);
	expect(problems).toEqual([]);
	expect(rollouts).toMatchObject([{ id: "session-1", agent: "desk", title: "Is loan 12 late?" }]);
	expect(rollouts[0]?.steps.map((step) => [step.role, step.agent, step.text])).toEqual([
		["user", null, "Is loan 12 late?"],
		["agent", "desk", "I look it up."],
		["agent", "fines", "It is 31 days late."],
	]);
	expect(rollouts[0]?.steps[1]).toMatchObject({
		calls: [{ id: "f1", name: "find_loan", arguments: { id: 12 } }],
		observations: [{ callId: "f1", text: "due 2026-10-01" }],
		tokens: { prompt: 40, completion: 6 },
		time: 1793527202000,
	});
});

test("an evaluation set is one rollout a case, with the expected calls", () => {
	const { rollouts } = readText(fixture("google-adk.evalset.json").text);
	expect(rollouts.map((rollout) => [rollout.id, rollout.run, rollout.steps.length])).toEqual([
		["late loan", "set-1", 3],
		["no tool", "set-1", 1],
	]);
	expect(rollouts[0]?.steps[1]?.calls).toMatchObject([{ name: "find_loan", arguments: { id: 12 } }]);
	expect(readText(fixture("google-adk.old.json").text).rollouts[0]?.steps).toMatchObject([
		{ role: "user", text: "Renew loan 12." },
		{ role: "agent", text: "It is renewed.", calls: [{ name: "renew", arguments: { id: 12 } }] },
	]);
});

test("an event that is none and a response without a call are reported", () => {
	const log = JSON.parse(fixture("google-adk.json").text);
	log.events.splice(2, 1, "x");
	expect(readText(JSON.stringify(log)).problems).toEqual([
		"x.dat:1: event 2 is not an object",
		"x.dat:1: a tool result without a call (f1)",
	]);
});
