// Broken groups and trees: a reason, never a number that looks like one, and never a hang.
import { describe, expect, test } from "vitest";
import { litePpo } from "../../../../src/core/advantages/batchStd.ts";
import { elpo } from "../../../../src/core/advantages/elpo.ts";
import { type Estimator, readingAt } from "../../../../src/core/advantages/estimator.ts";
import { grpo } from "../../../../src/core/advantages/grpo.ts";
import { monteCarlo } from "../../../../src/core/advantages/monteCarlo.ts";
import { ESTIMATORS } from "../../../../src/core/advantages/registry.ts";
import type { Rollout } from "../../../../src/core/model/trajectory.ts";
import { batchFrom, groupsOf, rollout } from "../../../support/batches.ts";

function reasonsOf(rollouts: Rollout[], estimator: Estimator, force = false): (string | null)[] {
	const batch = batchFrom(rollouts);
	const advantages = estimator.compute(batch, { force });
	return rollouts.map((_, index) => {
		const reading = readingAt(batch, advantages, { rollout: index, step: batch.stepStart[index] as number });
		return reading.value === null ? reading.reason : null;
	});
}

const TREES = ESTIMATORS.filter((estimator) => estimator.needs.includes("branches"));
const branch = (id: string, parent: string, reward: number): Rollout =>
	rollout(id, { parent, branchStep: 0, relation: "branch", reward });

describe.each(TREES.map((estimator) => [estimator.id, estimator] as const))("%s", (_, estimator) => {
	test("a branch whose parent is missing", () => {
		const reasons = reasonsOf([rollout("t/0", { reward: 1 }), branch("t/1", "t/gone", 0)], estimator);
		expect(reasons).toEqual(Array(2).fill("no tree: a branch names a parent that is not in the group"));
	});

	test("branches that name each other, or themselves, as parents", () => {
		const circle = [rollout("t/0", { reward: 1 }), branch("t/1", "t/2", 0), branch("t/2", "t/1", 1)];
		expect(reasonsOf(circle, estimator)).toEqual(Array(3).fill("no tree: branches name each other as parents"));
		const own = [rollout("t/0", { reward: 1 }), branch("t/1", "t/1", 0)];
		expect(reasonsOf(own, estimator)).toEqual(Array(2).fill("no tree: branches name each other as parents"));
	});

	test("two roots that were told different things", () => {
		const told = (id: string, text: string, reward: number) =>
			rollout(id, { reward, steps: [{ role: "system", text }, {}] });
		const reasons = reasonsOf(
			[told("t/0", "be quick", 1), told("t/1", "be kind", 0), branch("t/2", "t/0", 0)],
			estimator,
		);
		expect(reasons.every((reason) => reason?.startsWith("no tree: branches start from different prompts"))).toBe(true);
	});
});

describe("a hundred thousand", () => {
	test("children of one step are compared in linear time", () => {
		const rollouts = [rollout("t/0", { reward: 1, steps: [{}, {}] })];
		for (let index = 1; index <= 100_000; index++) rollouts.push(branch(`t/${index}`, "t/0", index % 2));
		const batch = batchFrom(rollouts);
		const { values } = elpo.compute(batch);
		const leaf = values[batch.tree.leafOf[5] as number] as number;
		expect(leaf).toBeCloseTo(1, 3);
	});

	test("branches, each leaving the one before: deep, and still linear", () => {
		const rollouts = [rollout("t/0", { reward: 1 })];
		for (let index = 1; index <= 100_000; index++) {
			rollouts.push(branch(`t/${index}`, `t/${index - 1}`, index % 2));
		}
		const batch = batchFrom(rollouts);
		expect(batch.groupTreeFlaw[0]).toBe(0);
		const { values, reasons } = monteCarlo.compute(batch);
		const node = batch.tree.leafOf[99_999] as number;
		expect(Number.isFinite(values[node]) || reasons[node] !== 0).toBe(true);
	});
});

describe("batch-level estimators", () => {
	test("refuse a part of a batch and say why, unless forced", () => {
		const batch = groupsOf(
			[
				[1, 0],
				[1, 1],
			],
			{ partial: "a filter hides 6 of 10 rollouts" },
		);
		const refused = readingAt(batch, litePpo.compute(batch), { rollout: 0, step: null });
		expect(refused).toMatchObject({ value: null, reason: "refused: a filter hides 6 of 10 rollouts" });
		const forced = readingAt(batch, litePpo.compute(batch, { force: true }), { rollout: 0, step: null });
		expect(forced.value).toBeCloseTo(1, 4);
	});

	test("refuse where the log names no training step, and where rewards are missing", () => {
		const unnamed = [
			rollout("t/0", { reward: 1, trainingStep: null }),
			rollout("t/1", { reward: 0, trainingStep: null }),
		];
		expect(reasonsOf(unnamed, litePpo)[0]).toMatch(/^refused: the log names no training step/);
		const missing = [rollout("t/0", { reward: 1 }), rollout("t/1", {}), rollout("t/2", { reward: 0 })];
		expect(reasonsOf(missing, litePpo)[0]).toBe("refused: 1 of its 3 rollouts have no reward");
	});
});

test("sub-agents and continuations are no attempts at the task", () => {
	const helper = rollout("t/helper", { relation: "sub-agent", parent: "t/0", reward: 1 });
	const batch = batchFrom([rollout("t/0", { reward: 1 }), helper, rollout("t/1", { reward: 0 })]);
	expect(batch.members.map((member) => member.rollout)).toEqual(["t/0", "t/1"]);
	expect(grpo.compute(batch).values[0]).toBeCloseTo(Math.SQRT1_2, 5);
});
