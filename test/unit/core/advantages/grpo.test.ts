// GRPO: both conventions, and what a person sees where there is no signal.
import { describe, expect, test } from "vitest";
import { readingAt } from "../../../../src/core/advantages/estimator.ts";
import { explainAdvantage } from "../../../../src/core/advantages/explain.ts";
import { grpo, grpoPopulation } from "../../../../src/core/advantages/grpo.ts";
import { batchFrom, expectNumbers, groupsOf, rollout } from "../../../support/batches.ts";

describe("GRPO", () => {
	test("divides by the sample or the population std, as its name says", () => {
		const batch = groupsOf([
			[1, 1, 1, 0],
			[1, 0, 0, 0],
		]);
		expectNumbers(grpo.compute(batch).values, [0.5, 0.5, 0.5, -1.5, 1.5, -0.5, -0.5, -0.5]);
		expectNumbers(
			grpoPopulation.compute(batch).values,
			[0.5774, 0.5774, 0.5774, -1.7321, 1.7321, -0.5774, -0.5774, -0.5774],
		);
	});

	test("amplifies the single failure of an easy group", () => {
		const { values } = grpoPopulation.compute(groupsOf([[...Array(15).fill(1), 0]]));
		expectNumbers(values, [...Array(15).fill(0.2582), -3.873]);
	});

	test.each([
		["equal rewards", [[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]], "no signal (zero-variance group)"],
		["one member", [[1]], "a group of one has no baseline"],
		["no reward", [[null, null]], "no reward"],
		["a reward that is NaN", [[Number.NaN, 1]], "the reward is not a finite number"],
	])("%s: a reason and no number", (_, rewards, reason) => {
		const batch = groupsOf(rewards);
		const reading = readingAt(batch, grpo.compute(batch), { rollout: 0, step: null });
		expect(reading).toMatchObject({ value: null, reason });
	});

	test("gives the trainers' numbers on request, still with the reason", () => {
		const batch = groupsOf([[1, 1], [0.5]]);
		const advantages = grpo.compute(batch, { asTrainer: true });
		expectNumbers(advantages.values, [0, 0, 0.5]);
		expect(readingAt(batch, advantages, { rollout: 0, step: null }).reason).toBe("no signal (zero-variance group)");
	});

	test("a rollout without a reward leaves the others' numbers as if it were not there", () => {
		expectNumbers(grpo.compute(groupsOf([[1, null, 1, 1, 0]])).values, [0.5, null, 0.5, 0.5, -1.5]);
	});

	test("takes outcomes for rewards only where no rollout of the group has a reward", () => {
		const stated = [rollout("t/0", { outcome: "success" }), rollout("t/1", { outcome: "failure" })];
		expectNumbers(grpo.compute(batchFrom(stated)).values, [Math.SQRT1_2, -Math.SQRT1_2]);
		const mixed = batchFrom([...stated, rollout("t/2", { reward: 1 }), rollout("t/3", { reward: 0 })]);
		const reading = readingAt(mixed, grpo.compute(mixed), { rollout: 0, step: null });
		expect(reading).toMatchObject({ value: null, reason: expect.stringContaining("only an outcome") });
		expectNumbers(grpo.compute(mixed).values, [null, null, Math.SQRT1_2, -Math.SQRT1_2]);
	});

	test("rollouts of different training steps are different groups", () => {
		const batch = batchFrom([
			rollout("t/0", { reward: 1 }),
			rollout("t/1", { reward: 0 }),
			rollout("t/2", { reward: 1, trainingStep: 2 }),
		]);
		expectNumbers(grpo.compute(batch).values, [Math.SQRT1_2, -Math.SQRT1_2, null]);
	});
});

test("the explanation shows formula, group, arithmetic, convention and source", () => {
	const batch = groupsOf([
		[0, 0],
		[1, 1, 1, 0],
	]);
	const explanation = explainAdvantage(grpo, batch, { rollout: 5, step: null });
	expect(explanation.lines).toEqual([
		"A = (r − mean) / (std + epsilon), mean and sample std over the group",
		"rewards of the group (4): 1, 1, 1, [0]",
		"mean 0.75, sample std 0.5",
		"A = (0 − 0.75) / (0.5 + 1e-6) = −1.5",
		"GRPO (sample std): sample std, over the group, one value a rollout",
		"DeepSeekMath (arXiv 2402.03300), section 4.1.2; std as in verl and TRL; certainty A",
	]);
	expect(explanation.siblings).toEqual([2, 3, 4, 5]);
	expect(explanation.value).toBeCloseTo(-1.5, 5);
});
