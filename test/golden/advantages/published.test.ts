// The numbers that papers and their code print, or that follow from them by hand: every estimator must give them.
import { describe, expect, test } from "vitest";
import { arpoHard } from "../../../src/core/advantages/arpo.ts";
import { at2po, childSoftmax } from "../../../src/core/advantages/at2po.ts";
import type { Batch } from "../../../src/core/advantages/batch.ts";
import { batchNormalised, litePpo, litePpoPopulation } from "../../../src/core/advantages/batchStd.ts";
import { complementary } from "../../../src/core/advantages/complementary.ts";
import { softOverlong } from "../../../src/core/advantages/dapo.ts";
import { drGrpo } from "../../../src/core/advantages/drGrpo.ts";
import { elpo, elpoBranch, elpoTrajectory } from "../../../src/core/advantages/elpo.ts";
import { type Estimator, type EstimatorOptions, readingAt } from "../../../src/core/advantages/estimator.ts";
import { gae } from "../../../src/core/advantages/gae.ts";
import { gigpo } from "../../../src/core/advantages/gigpo.ts";
import { grpo, grpoPopulation } from "../../../src/core/advantages/grpo.ts";
import { relativeProgress } from "../../../src/core/advantages/monteCarlo.ts";
import { processGrpo, processGrpoPopulation } from "../../../src/core/advantages/processGrpo.ts";
import { reinforcePlusPlus, reinforcePlusPlusBaseline } from "../../../src/core/advantages/reinforcePlusPlus.ts";
import { rloo } from "../../../src/core/advantages/rloo.ts";
import { siblingGrpo } from "../../../src/core/advantages/siblingGrpo.ts";
import { treeGrpo } from "../../../src/core/advantages/treeGrpo.ts";
import { treeRl } from "../../../src/core/advantages/treeRl.ts";
import { childMeans, leafMeans, treePart } from "../../../src/core/advantages/treeValues.ts";
import type { Rollout } from "../../../src/core/model/trajectory.ts";
import { batchFrom, expectNumbers, groupsOf, rollout } from "../../support/batches.ts";

const EASY_AND_HARD = [
	[1, 1, 1, 0],
	[1, 0, 0, 0],
];

describe("a batch of an easy and a hard group (Tricks or Traps, table of normalisations)", () => {
	const T = 1.7321;
	const t = 0.5774;
	const third = 1 / 3;
	const cases: [Estimator, number[]][] = [
		[grpoPopulation, [t, t, t, -T, T, -t, -t, -t]],
		[grpo, [0.5, 0.5, 0.5, -1.5, 1.5, -0.5, -0.5, -0.5]],
		[drGrpo, [0.25, 0.25, 0.25, -0.75, 0.75, -0.25, -0.25, -0.25]],
		[rloo, [third, third, third, -1, 1, -third, -third, -third]],
		[batchNormalised, [1, 1, 1, -1, 1, -1, -1, -1]],
		[litePpoPopulation, [0.5, 0.5, 0.5, -1.5, 1.5, -0.5, -0.5, -0.5]],
		[litePpo, [0.4677, 0.4677, 0.4677, -1.4031, 1.4031, -0.4677, -0.4677, -0.4677]],
		[reinforcePlusPlus, [0.9354, 0.9354, 0.9354, -0.9354, 0.9354, -0.9354, -0.9354, -0.9354]],
		[reinforcePlusPlusBaseline, [0.5401, 0.5401, 0.5401, -1.6202, 1.6202, -0.5401, -0.5401, -0.5401]],
	];
	test.each(cases.map(([estimator, values]) => [estimator.id, estimator, values] as const))(
		"%s",
		(_, estimator, values) => {
			expectNumbers(estimator.compute(groupsOf(EASY_AND_HARD)).values, values);
		},
	);
});

/** A branch that leaves `parent` after the parent's step 0. */
function branch(id: string, parent: string, reward: number, fields: Partial<Rollout> = {}): Rollout {
	return rollout(id, { parent, branchStep: 0, relation: "branch", reward, ...fields });
}

/** What an estimator says at the first and at the last step of a rollout. */
function ends(
	batch: Batch,
	estimator: Estimator,
	index: number,
	options: EstimatorOptions = {},
): [number | null, number | null] {
	const values = estimator.compute(batch, options);
	const first = readingAt(batch, values, { rollout: index, step: batch.stepStart[index] as number });
	const last = readingAt(batch, values, { rollout: index, step: (batch.stepStart[index + 1] as number) - 1 });
	return [first.value, last.value];
}

const two = [{}, {}];

describe("ELPO", () => {
	const small = batchFrom([
		rollout("t/a", { reward: 0 }),
		rollout("t/b1", { reward: 0, steps: two }),
		branch("t/b2", "t/b1", 1),
		branch("t/b3", "t/b1", 0),
		rollout("t/c", { reward: 1 }),
	]);

	test("a tree with an unbalanced branch", () => {
		expectNumbers(
			[elpo, elpoBranch, elpoTrajectory].map((part) => ends(small, part, 0)[0] as number),
			[-0.9428, -1.069, -0.8165],
		);
		expectNumbers(
			[elpo, elpoBranch, elpoTrajectory].map((part) => ends(small, part, 1)[0] as number),
			[-0.2017, -0.2673, -0.1361],
		);
		expectNumbers(
			[elpo, elpoBranch, elpoTrajectory].map((part) => ends(small, part, 4)[0] as number),
			[1.2805, 1.3363, 1.2247],
		);
		expectNumbers(
			[elpo, elpoBranch].map((part) => ends(small, part, 2)[0] as number),
			[1.3195, Math.SQRT2],
		);
		expectNumbers(
			[elpo, elpoBranch].map((part) => ends(small, part, 1)[1] as number),
			[-0.7618, -Math.SQRT1_2],
		);
	});

	test("lambda 0 is plain group training, lambda 1 branches alone", () => {
		expect(ends(small, elpo, 1, { set: { lambda: 0 } })).toEqual(ends(small, elpoTrajectory, 1));
		expect(ends(small, elpo, 1, { set: { lambda: 1 } })).toEqual(ends(small, elpoBranch, 1));
	});

	test("the paper's figure 4: 16 leaves, two successes", () => {
		const failed = -1.1;
		const rollouts = Array.from({ length: 8 }, (_, index) => rollout(`t/${index}`, { reward: failed, steps: two }));
		// one of the eight failing children of the root has two more failing leaves
		rollouts.push(branch("t/0x", "t/0", failed), branch("t/0y", "t/0", failed));
		// the ninth child: two successes and a failing branch that forks again into four failing leaves
		rollouts.push(
			rollout("t/8", { reward: 1, steps: two }),
			branch("t/9", "t/8", 1),
			branch("t/10", "t/8", failed, { steps: [{}, {}] } as never),
		);
		for (const id of ["t/11", "t/12", "t/13"]) rollouts.push(branch(id, "t/10", failed));
		const batch = batchFrom(rollouts);
		const success = batch.members.findIndex((member) => member.rollout === "t/9");
		const ninth = success - 1;
		const failing = success + 1;
		expect(batch.reward.length).toBe(16);
		expectNumbers(
			[ends(batch, elpoTrajectory, success)[0] as number, ends(batch, elpoTrajectory, 1)[0] as number],
			[2.6458, -0.378],
		);
		expectNumbers(
			[ends(batch, elpoBranch, ninth)[0] as number, ends(batch, elpoBranch, 1)[0] as number],
			[2.8284, -0.3536],
		);
		expectNumbers(
			[ends(batch, elpoTrajectory, ninth)[0] as number, ends(batch, elpo, ninth)[0] as number],
			[0.63, 1.729],
			5e-4,
		);
		expectNumbers(
			[ends(batch, elpo, success)[0] as number, ends(batch, elpo, failing)[0] as number],
			[1.676, -0.896],
			1e-3,
		);
		// leaves under an all-failing branch: the siblings are equal and count 0
		expectNumbers([ends(batch, elpo, failing)[1] as number], [-0.189], 5e-4);
	});
});

test("Sibling-GRPO (V-STAR): branches a [1, 0], b [0], c [0, 0, 0.5] of one fork", () => {
	const batch = batchFrom([
		rollout("t/a", { reward: 1, steps: two }),
		branch("t/a2", "t/a", 0),
		rollout("t/b", { reward: 0 }),
		rollout("t/c", { reward: 0, steps: two }),
		branch("t/c2", "t/c", 0),
		branch("t/c3", "t/c", 0.5),
	]);
	expectNumbers(
		[0, 2, 3].map((index) => ends(batch, siblingGrpo, index)[0] as number),
		[1.3357, -1.0685, -0.2671],
		1e-3,
	);
	expectNumbers(grpo.compute(batch).values, [1.7924, -0.5975, -0.5975, -0.5975, -0.5975, 0.5975], 5e-4);
});

test("Tree-GRPO: two trees [1, 0] and [0, 0]", () => {
	const batch = batchFrom([
		rollout("t/a", { reward: 1, steps: two }),
		branch("t/a2", "t/a", 0),
		rollout("t/b", { reward: 0, steps: two }),
		branch("t/b2", "t/b", 0),
	]);
	expectNumbers(treeGrpo.compute(batch).values, [1.5 + Math.SQRT1_2, -0.5 - Math.SQRT1_2, -0.5, -0.5]);
});

describe("TreeRL: A with leaves 1 and 0, B with leaves 0 and 0", () => {
	const batch = batchFrom([
		rollout("t/a", { reward: 1, steps: two }),
		branch("t/a2", "t/a", 0),
		rollout("t/b", { reward: 0, steps: two }),
		branch("t/b2", "t/b", 0),
	]);
	test.each([
		["raw", [0.3536, 1.25, -0.75, -0.3536]],
		["leave-one-out", [0.4714, 1.6667, -1, -0.4714]],
	])("%s leaves", (leaves, published) => {
		const options = { set: { leaves } };
		const shown = [
			ends(batch, treeRl, 0, options)[0],
			ends(batch, treeRl, 0, options)[1],
			ends(batch, treeRl, 1, options)[0],
			ends(batch, treeRl, 2, options)[0],
		];
		expectNumbers(shown as number[], published);
	});
});

test("AT2PO: a leaf of 1 beside a node with leaves 0, 0, 1", () => {
	const batch = batchFrom([
		rollout("t/a", { reward: 1 }),
		rollout("t/b", { reward: 0, steps: two }),
		branch("t/b2", "t/b", 0),
		branch("t/b3", "t/b", 1),
	]);
	const root = 0;
	const tree = treePart(batch, 0, 1);
	expect(childMeans(tree, batch.reward).value[root]).toBeCloseTo(2 / 3, 4);
	expect(leafMeans(tree, batch.reward)[root]).toBeCloseTo(0.5, 4);
	const entropies = new Float64Array(batch.tree.nodeParent.length).fill(0.7);
	entropies[batch.tree.leafOf[0] as number] = 1;
	entropies[batch.tree.stepNode[1] as number] = 0.5;
	expect(childSoftmax(tree, batch.reward, entropies)[root]).toBeCloseTo(0.7483, 4);
	const options = { set: { leaves: "raw", backup: "child-mean", form: "parent" } };
	expect(ends(batch, at2po, 0, options)[0]).toBeCloseTo(1 - 2 / 3, 4);
});

test("ARPO, hard: a step shared by rollouts with advantages 1.5 and -0.5 gets 0.5", () => {
	const batch = batchFrom([
		rollout("t/a", { reward: 1, steps: two }),
		branch("t/a2", "t/a", 0),
		rollout("t/b", { reward: 0 }),
		rollout("t/c", { reward: 0 }),
	]);
	expect(ends(batch, arpoHard, 0)[0]).toBeCloseTo(0.5, 4);
});

describe("GiGPO: rewards 1, 0, 1; the same state visited 3, 0 and 1 steps before the end", () => {
	const shared = { state: "the same state" };
	const batch = batchFrom([
		rollout("t/a", { reward: 1, steps: [shared, { state: "a1" }, { state: "a2" }, { state: "a3" }, {}] }),
		rollout("t/b", { reward: 0, steps: [shared, { state: "b1" }] }),
		rollout("t/c", { reward: 1, steps: [shared, { state: "c1" }, {}] }),
	]);
	test("with F = 1", () => {
		const advantages = gigpo.compute(batch, { set: { norm: "1" } }).values;
		expectNumbers(
			[1, 6, 8].map((step) => advantages[step] as number),
			[0.5882, -1.2691, 0.6809],
		);
	});
	test("a state visited once leaves the episode part", () => {
		const alone = gigpo.compute(batch, { set: { norm: "1" } }).values[3];
		expect(alone).toBeCloseTo(1 / 3, 6);
	});
});

test("GAE: rewards 0, 0, 1 and values 0.5, 0.4, 0.7", () => {
	const values = [0.5, 0.4, 0.7];
	const batch = batchFrom([rollout("t/a", { reward: 1, steps: values.map((value) => ({ value })) })]);
	expectNumbers(gae.compute(batch).values, [0.4557, 0.585, 0.3], 1e-3);
});

test("process-supervised GRPO: step rewards [1, 0] and [1, 1]", () => {
	const steps = (rewards: number[]) => ({ steps: rewards.map((reward) => ({ reward })) });
	const batch = batchFrom([rollout("t/a", steps([1, 0])), rollout("t/b", steps([1, 1]))]);
	expectNumbers(processGrpoPopulation.compute(batch).values, [-1.1547, -1.7321, 1.1547, 0.5774]);
	expectNumbers(processGrpo.compute(batch).values, [-1, -1.5, 1, 0.5]);
});

test("Complementary RL: guided [1, 1, 0, 1], free [0, 1, 0, 0], each centred on its own kind", () => {
	const of = (condition: string, rewards: number[]) =>
		rewards.map((reward, index) => rollout(`t/${condition}${index}`, { reward, extra: { condition } }));
	const batch = batchFrom([...of("guided", [1, 1, 0, 1]), ...of("free", [0, 1, 0, 0])]);
	expectNumbers(drGrpo.compute(batch).values, [0.5, 0.5, -0.5, 0.5, -0.5, 0.5, -0.5, -0.5]);
	expectNumbers(
		complementary.compute(batch, { set: { scale: "none" } }).values,
		[0.25, 0.25, -0.75, 0.25, -0.25, 0.75, -0.25, -0.25],
	);
});

test("DAPO's soft overlong punishment", () => {
	expect([16384, 18432, 20480, 30000].map((length) => softOverlong(length, 20480, 4096))).toEqual([0, -0.5, -1, -1]);
});

test("relative progress (GenPRM): from 0.5 to 0.4 is kept, from 0.5 to 0.2 is bad", () => {
	// two forks of ten rollouts each, five of ten solved; through their first branch five rollouts go
	const fork = (task: string, through: number) =>
		Array.from({ length: 10 }, (_, index) => {
			const inside = index < 5;
			const solved = inside ? index < through : index - 5 < 5 - through;
			const id = `${task}/${index}`;
			if (index === 0 || index === 5) return rollout(id, { reward: solved ? 1 : 0, steps: two });
			return branch(id, `${task}/${inside ? 0 : 5}`, solved ? 1 : 0);
		});
	for (const [through, progress, verdict] of [
		[2, 0.8, "kept"],
		[1, 0.4, "bad (below 0.8)"],
	] as const) {
		const batch = batchFrom(fork("t", through));
		expect(ends(batch, relativeProgress, 0)[0]).toBeCloseTo(progress, 12);
		const lines = relativeProgress.explain(batch, { rollout: 0, step: 0 });
		expect(lines.at(-1)).toContain(verdict);
	}
});
