// Seeded simulations against exact values. Seeds are fixed, so these tests either always pass or always fail.
import { expect, test } from "vitest";
import { DEFAULT_OPTIONS, TaskRecorder } from "../src/record/generate.ts";
import { type Message, stateOf } from "../src/world/messages.ts";
import { childSeed, PURPOSE, uniform } from "../src/world/random.ts";
import { playRollout } from "../src/world/rollout.ts";
import { SKILLS, type Skill } from "../src/world/skill.ts";
import { openState, succeeded } from "../src/world/state.ts";
import { TASKS } from "../src/world/taskList.ts";
import { ValueGraph, type ValueNode } from "../src/world/values.ts";
import { rewardChance, verify } from "../src/world/verifier.ts";
import { type Cell, cellOf, count, deviation, emptyCell, jointTest } from "./support/statistics.ts";

interface Played {
	recorder: TaskRecorder;
	messages: Message[];
	/** By message. */
	values: number[];
}

/** Recorders share their exact values between the tests of this file. */
const recorders = new Map<string, TaskRecorder>();

function recorderOf(taskIndex: number, skill: Skill, rescue = 0): TaskRecorder {
	const key = `${taskIndex} ${skill} ${rescue}`;
	const switches = { ...DEFAULT_OPTIONS.switches, rescue };
	const known =
		recorders.get(key) ?? new TaskRecorder(TASKS[taskIndex]!, { ...DEFAULT_OPTIONS, switches, skill, seed: 77 });
	recorders.set(key, known);
	return known;
}

const TEN_TASKS = [1, 4, 7, 10, 13, 16, 19, 22, 25, 28];
/** Tasks in which something is sent off. */
const SENDING_TASKS = [3, 6, 8];

/** Rollouts over tasks and all skills. */
function rollouts(number: number, tasks = TEN_TASKS, rescue = 0): Played[] {
	return Array.from({ length: number }, (_, index) => {
		const recorder = recorderOf(tasks[index % tasks.length]!, SKILLS[index % SKILLS.length]!, rescue);
		const { record, truth } = recorder.play(index)!;
		return { recorder, messages: record.messages, values: truth.values };
	});
}

/** Lengths of the prefixes that end where the agent is to move. */
function prefixLengths(messages: readonly Message[]): number[] {
	return messages.flatMap((message, index) => (message.role === "assistant" ? [index] : []));
}

function walkOnce(start: ValueNode, seed: number): boolean {
	let node = start;
	for (let step = 0; node.next.length > 0; step++) {
		let chance = uniform(seed, step, PURPOSE.decision);
		let taken = 0;
		while (taken < node.next.length - 1 && chance >= node.probabilities[taken]!) chance -= node.probabilities[taken++]!;
		node = node.next[taken]!;
	}
	return node.value === 1;
}

test("2,000 simulations of every prefix of 50 rollouts agree with the exact values", () => {
	const cells: Cell[] = [];
	for (const [index, { recorder, messages }] of rollouts(50).entries()) {
		for (const length of prefixLengths(messages)) {
			const node = recorder.graph.node(stateOf(recorder.task, messages.slice(0, length)));
			let successes = 0;
			for (let run = 0; run < 2000; run++) successes += Number(walkOnce(node, childSeed(index * 1000 + length, run)));
			cells.push(cellOf(node.value, 2000, successes));
		}
	}
	const { p, degrees, certain } = jointTest(cells);
	expect(degrees).toBeGreaterThan(200);
	expect(certain).toBe(true);
	expect(p).toBeGreaterThan(0.001);
	expect(p).toBeLessThan(0.999);
});

/** Continues a rollout from all of its prefixes, as conversations, and counts against the values in its truth. */
function continuePrefixes({ recorder, messages, values }: Played, trials: number): Cell {
	const { task, graph, options } = recorder;
	const cell = emptyCell();
	for (const length of prefixLengths(messages)) {
		const prefix = messages.slice(0, length);
		let successes = 0;
		for (let run = 0; run < trials; run++) {
			const seed = childSeed(length * 31 + messages.length, run + 5);
			const { state } = playRollout({ task, policy: graph.policy, seed, switches: options.switches, prefix });
			successes += Number(succeeded(task, state.desk, state.talk));
		}
		count(cell, values[length - 1]!, trials, successes);
	}
	return cell;
}

test("conversations continued from every prefix of 50 rollouts agree with the exact values", () => {
	const { p, degrees, certain } = jointTest(rollouts(50).map((played) => continuePrefixes(played, 20)));
	expect(degrees).toBeGreaterThan(40);
	expect(certain).toBe(true);
	expect(p).toBeGreaterThan(0.001);
});

test("where wrongly sent parcels may come back, continued conversations agree too, and a value can rise again", () => {
	const { p, certain } = jointTest(rollouts(15, SENDING_TASKS, 0.3).map((played) => continuePrefixes(played, 20)));
	expect(certain).toBe(true);
	expect(p).toBeGreaterThan(0.001);
	const recorder = recorderOf(3, "middle", 0.3);
	const rises = Array.from({ length: 200 }, (_, trial) => recorder.play(trial)!.truth.steps).some((steps) =>
		steps.some((step) => step.before < 0.4 && step.after > step.before + 0.3),
	);
	expect(rises).toBe(true);
});

test("success rates of whole groups agree with the value of the task, in every skill", () => {
	const cells = SKILLS.flatMap((skill) =>
		TEN_TASKS.map((index) => {
			const { task, graph, options } = recorderOf(index, skill);
			let successes = 0;
			for (let run = 0; run < 100; run++) {
				const { state } = playRollout({
					task,
					policy: graph.policy,
					seed: childSeed(index, run),
					switches: options.switches,
				});
				successes += Number(succeeded(task, state.desk, state.talk));
			}
			return cellOf(graph.value(openState(task)), 100, successes);
		}),
	);
	expect(jointTest(cells).p).toBeGreaterThan(0.001);
});

test("a mistaken verifier errs at the rates that were switched on, and the reward's chance follows from the value", () => {
	const switches = { falsePositive: 0.1, falseNegative: 0.25 };
	const { task, graph, options } = recorderOf(2, "middle");
	const wrong = emptyCell();
	const missed = emptyCell();
	let rewarded = 0;
	for (let seed = 0; seed < 4000; seed++) {
		const { state } = playRollout({ task, policy: graph.policy, seed, switches: options.switches });
		const { reward, success } = verify(task, state, switches, seed);
		count(success ? missed : wrong, success ? 0.25 : 0.1, 1, Number(success !== (reward === 1)));
		rewarded += reward;
	}
	const value = new ValueGraph(task, graph.policy, options.switches).value(openState(task));
	for (const cell of [wrong, missed, cellOf(rewardChance(value, switches), 4000, rewarded)]) {
		expect(Math.abs(deviation(cell))).toBeLessThan(3.3);
	}
});
