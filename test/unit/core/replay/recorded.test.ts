// Walking through a recorded run and serving its recorded results.
import { describe, expect, test } from "vitest";
import { recordedCalls, serve } from "../../../../src/core/replay/recording.ts";
import { stateChanges } from "../../../../src/core/replay/stateChange.ts";
import {
	runTo,
	stackAt,
	stepBack,
	stepIn,
	stepOut,
	stepOver,
	timelineOf,
} from "../../../../src/core/replay/timeline.ts";
import { draw } from "../../../support/rollouts.ts";

const main = draw("main", "user: go\nresearch(a) = three sources\nwrite(b) = ok\nagent: done");
const helper = {
	...draw("helper", "user: find sources\nsearch(a) = one\nsearch(b) = two"),
	parent: "main",
	branchStep: 1,
	relation: "sub-agent" as const,
};

describe("walking through a run with a sub-agent", () => {
	const timeline = timelineOf([main, helper]);
	const at = (position: number | null) =>
		position === null
			? null
			: `${timeline.rollouts[timeline.moments[position]!.rollout]!.id}#${timeline.moments[position]!.step}`;

	test("the sub-agent's steps follow the step that started it", () => {
		expect(timeline.moments.map((_, position) => at(position))).toEqual([
			"main#0",
			"main#1",
			"helper#0",
			"helper#1",
			"helper#2",
			"main#2",
			"main#3",
		]);
	});

	test("stepping goes over, into, out of and back", () => {
		expect(at(stepOver(timeline, 1))).toBe("main#2");
		expect(at(stepIn(timeline, 1))).toBe("helper#0");
		expect(at(stepOut(timeline, 3))).toBe("main#2");
		expect(at(stepBack(timeline, 5))).toBe("main#1");
		expect(at(stepBack(timeline, 2))).toBe("main#1");
		expect(stepOver(timeline, 6)).toBeNull();
		expect(stepOut(timeline, 5)).toBeNull();
	});

	test("the call stack names every agent at work", () => {
		expect(stackAt(timeline, 3).map((moment) => `${timeline.rollouts[moment.rollout]!.id}#${moment.step}`)).toEqual([
			"helper#1",
			"main#1",
		]);
	});

	test("running stops at the nearest wanted step in either direction", () => {
		const atWrite = (moment: { rollout: number; step: number }) => moment.rollout === 0 && moment.step === 2;
		expect(at(runTo(timeline, 0, 1, atWrite))).toBe("main#2");
		expect(at(runTo(timeline, 6, -1, atWrite))).toBe("main#2");
		expect(runTo(timeline, 5, 1, atWrite)).toBeNull();
	});

	test("a rollout that names itself as its ancestor is walked once", () => {
		const looped = { ...helper, id: "main", parent: "main" };
		expect(timelineOf([main, looped]).moments).toHaveLength(7);
	});
});

describe("serving recorded results", () => {
	const recording = recordedCalls(draw("t/0", "find(a) = first\nfind(b) = !none\nfind(a) = second\nfind(c)"));

	test("an equal call gets its recorded answer, the one that comes next", () => {
		expect(serve(recording, "find", { value: "a" }, 0)).toMatchObject({ kind: "recorded", recorded: { step: 0 } });
		expect(serve(recording, "find", { value: "a" }, 1)).toMatchObject({
			kind: "recorded",
			recorded: { step: 2, observation: { text: "second" } },
		});
	});

	test("a call that was not recorded is an error that shows the nearest recorded one", () => {
		expect(serve(recording, "find", { value: "d" }, 0)).toMatchObject({
			kind: "not recorded",
			difference: 'value: "d" instead of "a"',
		});
		expect(serve(recording, "drop", { value: "a" }, 0)).toMatchObject({
			kind: "not recorded",
			difference: "the recording has no call of drop",
		});
		expect(serve([], "find", {}, 0)).toMatchObject({ kind: "not recorded", nearest: null });
	});

	test("a recording without an answer says so", () => {
		expect(serve(recording, "find", { value: "c" }, 0).kind).toBe("no answer");
	});
});

test("what a step changed in the environment is listed member by member", () => {
	const rollout = draw("t/0", "find(a) = x\nfind(b) = y\nagent: done");
	rollout.steps[0]!.state = { orders: { w1: "open", w2: "open" }, clock: 1 };
	rollout.steps[1]!.state = { orders: { w1: "cancelled", w2: "open" }, clock: 1, note: "n" };
	expect(stateChanges(rollout, 1)).toEqual([
		{ path: "orders.w1", before: "open", after: "cancelled" },
		{ path: "note", before: undefined, after: "n" },
	]);
	expect(stateChanges(rollout, 2)).toEqual([]);
});
