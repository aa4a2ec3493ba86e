// Langfuse exports: a trace's observations told as the steps of one rollout.
import { describe, expect, test } from "vitest";
import { fixture } from "../../../support/fixtures.ts";
import { readText, sliceOf } from "../../../support/records.ts";

const log = fixture("langfuse.json").text;

describe("a Langfuse export", () => {
	const read = readText(log);
	const [rollout] = read.rollouts;

	test("is one rollout a trace, in order of time, told once although every call repeats its history", () => {
		expect(read.problems).toEqual([]);
		expect(rollout).toMatchObject({ id: "trace-1", title: "Renew “Tides” for customer-7.", agent: "desk agent" });
		expect(rollout?.steps.map((step) => [step.role, step.text, step.calls.map((call) => call.name).join()])).toEqual([
			["system", "You run the desk of a library.", ""],
			["user", "Renew “Tides” for customer-7.", ""],
			["agent", "I look it up.", "find_loan"],
			["agent", "", "renew"],
		]);
	});

	test("finds tool runs among plain spans and in attributes, with their errors", () => {
		expect(rollout?.steps[2]?.observations).toMatchObject([{ callId: "call_1", text: "loan 12", isError: false }]);
		expect(rollout?.steps[3]?.observations).toMatchObject([
			{ callId: "call_2", text: "the loan is blocked", isError: true },
		]);
	});

	test("adds up tokens and cost, and keeps scores as rewards and as verdicts", () => {
		expect(rollout).toMatchObject({ durationMs: 9500, tokens: { prompt: 50, completion: 15 }, outcome: "success" });
		expect(rollout?.cost).toBeCloseTo(0.003);
		expect(rollout?.rewards).toEqual({ helpful: 0.75, success: 1 });
		expect(rollout?.labels[1]).toMatchObject({ step: 3, originalIndex: "g2", rating: -1, annotatorKind: "human" });
		expect(rollout?.labels[0]).toMatchObject({ step: null, rating: null, annotatorKind: "model", text: "short" });
	});

	test("says which bytes each step came from", () => {
		const place = rollout!.steps[3]!.origin;
		expect(JSON.parse(sliceOf(read, place))).toMatchObject({ id: "g2" });
	});
});

test("observations listed one a line are put together by trace", () => {
	const { rollouts } = readText(fixture("langfuse.observations.jsonl").text);
	expect(rollouts.map((rollout) => [rollout.id, rollout.steps.length])).toEqual([
		["t-a", 3],
		["t-b", 2],
	]);
	expect(rollouts[0]?.steps[2]).toMatchObject({ calls: [{ name: "log" }], observations: [{ text: "ok" }] });
});

test("parents in a circle, a record without observations and an observation that is none are reported", () => {
	const circle = log.replace('"parentObservationId": null', '"parentObservationId": "g2"');
	expect(readText(circle).problems).toEqual([expect.stringMatching(/^x\.dat:\d+: the parents of .* form a circle$/)]);
	const lines = `${JSON.stringify(JSON.parse(log))}\n{"trace":{"id":"b","timestamp":"2026-11-01T10:00:00Z"}}\n`;
	expect(readText(lines).problems).toEqual(["x.dat:2: no observations"]);
	const damaged = JSON.parse(log);
	damaged.observations.push("oops");
	expect(readText(JSON.stringify(damaged)).problems).toEqual(["x.dat:1: observation 6 is not an object"]);
});
