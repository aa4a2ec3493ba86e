// Damaged logs of every format, the same ones in every run: nothing throws, nothing hangs, and what is read is sound.
import { describe, expect, test } from "vitest";
import { EXPORTERS } from "../../../src/core/exports/registry.ts";
import { seededRandom } from "../../../src/core/math/random.ts";
import type { Rollout, Step } from "../../../src/core/model/trajectory.ts";
import { allFixtures } from "../../support/fixtures.ts";
import { MUTATIONS } from "../../support/mutations.ts";
import { type ReadText, readText } from "../../support/records.ts";

const CASES = 20_400;
const SEED = 20_261_120;

const fixtures = allFixtures();
const perMutation = Math.ceil(CASES / (fixtures.length * Object.keys(MUTATIONS).length));

describe.each(Object.entries(MUTATIONS))("logs damaged by: %s", (name, mutate) => {
	test(`are read without a throw (${perMutation * fixtures.length} cases)`, () => {
		const random = seededRandom(SEED + name.length);
		fixtures.forEach((fixture, index) => {
			const other = fixtures[(index * 7 + 3) % fixtures.length] ?? fixture;
			for (let round = 0; round < perMutation; round++) {
				const bytes = mutate(fixture.bytes, random, other.bytes);
				// a second damage hides behind the first
				const damaged = round % 3 === 2 ? mutate(bytes, random, fixture.bytes) : bytes;
				const read = readOrSay(damaged, `${name}, round ${round} of ${fixture.name}`);
				checkSound(read, damaged);
				if (round === 0) for (const rollout of read.rollouts) for (const { write } of EXPORTERS) write(rollout);
			}
		});
	});
});

test("there are at least 20,000 cases", () => {
	expect(perMutation * fixtures.length * Object.keys(MUTATIONS).length).toBeGreaterThanOrEqual(20_000);
});

test("nothing in the logs reached the prototype of all objects", () => {
	expect(Object.keys(Object.prototype)).toEqual([]);
	expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

function readOrSay(bytes: Uint8Array, what: string): ReadText {
	try {
		return readText(bytes);
	} catch (error) {
		throw new Error(`${what}: ${String(error)}\n${new TextDecoder().decode(bytes).slice(0, 2000)}`, { cause: error });
	}
}

function checkSound(read: ReadText, bytes: Uint8Array): void {
	for (const problem of read.problems) if (!/^x\.dat(![^:]+)?:\d+: \S/.test(problem)) expect.fail(problem);
	let steps = 0;
	for (const rollout of read.rollouts) {
		steps += rollout.steps.length - rollout.sharedSteps;
		const flaw = flawOf(rollout, bytes.length);
		if (flaw !== null) expect.fail(`${read.format?.id}: ${flaw} in ${JSON.stringify(rollout).slice(0, 500)}`);
	}
	// every step of its own costs bytes of the log, so memory is bounded by the file
	expect(steps).toBeLessThanOrEqual(bytes.length);
	expect(read.problems.length).toBeLessThanOrEqual(bytes.length + 10);
}

function flawOf(rollout: Rollout, size: number): string | null {
	const { steps, reward, rewards, sharedSteps, branchStep, labels } = rollout;
	if (typeof rollout.id !== "string" || typeof rollout.task !== "string") return "an id that is no text";
	if (reward !== null && !Number.isFinite(reward)) return "a reward that is no number";
	if (!Object.values(rewards).every(Number.isFinite)) return "a part of the reward that is no number";
	if (sharedSteps > steps.length || (branchStep !== null && branchStep < 0)) return "a branch that begins nowhere";
	if (labels.some((label) => label.step !== null && steps[label.step] === undefined)) return "a label of no step";
	for (const [index, step] of steps.entries()) {
		const flaw = step.step === index ? stepFlaw(step, size) : "a step with a wrong number";
		if (flaw !== null) return flaw;
	}
	return null;
}

function stepFlaw(step: Step, size: number): string | null {
	const { start, end, line } = step.origin;
	if (typeof step.text !== "string" || typeof step.reasoning !== "string") return "a text that is none";
	if (!(start >= 0 && start <= end && end <= size && line >= 1)) return "a step outside of the file";
	if (step.calls.some((call) => typeof call.name !== "string")) return "a call without a name";
	if (step.observations.some((result) => typeof result.text !== "string")) return "a result that is no text";
	const numbers = [step.reward, step.value, step.time, step.cost, step.durationMs];
	return numbers.every((number) => number === null || Number.isFinite(number)) ? null : "a number that is none";
}
