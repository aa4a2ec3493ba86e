// Batches for tests from bare numbers: groups of rewards, steps with rewards and values, branches.
import { expect } from "vitest";
import type { Batch } from "../../src/core/advantages/batch.ts";
import { type BatchOptions, batchOf, inputsOfRollouts } from "../../src/core/advantages/batchOf.ts";
import { blankRollout, blankStep, numberSteps } from "../../src/core/model/create.ts";
import { outcomeOfReward } from "../../src/core/model/outcome.ts";
import type { Rollout, Step } from "../../src/core/model/trajectory.ts";

const place = { file: "drawn.jsonl", entry: null, start: 0, end: 0, line: 1, pointer: "" };

/** One rollout; steps are all the agent's, each with a text of its own unless `steps` says otherwise. */
export function rollout(
	id: string,
	fields: Partial<Omit<Rollout, "steps">> & { steps?: Partial<Step>[] } = {},
): Rollout {
	const { steps = [{}], ...rest } = fields;
	const made = { ...blankRollout(place, id, id.split("/")[0] ?? id), run: "training", trainingStep: 1, ...rest };
	made.steps = numberSteps(
		steps.map((step, index) => ({
			...blankStep({ ...place, index }, "agent"),
			text: `${id} does ${index}`,
			...step,
		})),
	);
	if (made.outcome === "unknown") made.outcome = outcomeOfReward(made.reward);
	return made;
}

/** One group for each row of rewards; null is a rollout without a reward. */
export function groupsOf(rewards: (number | null)[][], options: BatchOptions = {}): Batch {
	const rollouts = rewards.flatMap((row, group) =>
		row.map((reward, member) => rollout(`task-${group}/${member}`, { reward })),
	);
	return batchOf(inputsOfRollouts(rollouts), options);
}

export function batchFrom(rollouts: Rollout[], options: BatchOptions = {}): Batch {
	return batchOf(inputsOfRollouts(rollouts), options);
}

/**
 * Asserts that numbers equal published ones to their four digits (an epsilon in a divisor moves the fifth); null stands
 * for "no number".
 */
export function expectNumbers(values: Iterable<number>, published: (number | null)[], tolerance = 1e-4): void {
	const shown = [...values].map((value, index) => {
		const wanted = published[index] ?? Number.NaN;
		return Math.abs(value - wanted) <= tolerance ? wanted : Number.isNaN(value) ? null : value;
	});
	expect(shown).toEqual(published);
}
