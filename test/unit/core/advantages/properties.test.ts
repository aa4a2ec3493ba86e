// What must hold for any group, whatever the numbers.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readingAt } from "../../../../src/core/advantages/estimator.ts";
import { explainAdvantage } from "../../../../src/core/advantages/explain.ts";
import { gae } from "../../../../src/core/advantages/gae.ts";
import { ESTIMATORS, estimatorById } from "../../../../src/core/advantages/registry.ts";
import type { Rollout } from "../../../../src/core/model/trajectory.ts";
import { batchFrom, groupsOf, rollout } from "../../../support/batches.ts";

const FIXED = { seed: 20, numRuns: 150 };
const rewards = fc.array(
	fc.double({ min: -10, max: 10, noNaN: true }).map((value) => Math.round(value * 1000) / 1000),
	{
		minLength: 2,
		maxLength: 12,
	},
);

const CENTRED = [
	"grpo",
	"grpo-population",
	"dr-grpo",
	"rloo",
	"lite-ppo",
	"batch-norm",
	"reinforce-plus-plus",
	"arpo-soft",
];
const SHIFT_FREE = [...CENTRED, "grpo-pass-k", "tree-grpo"];

function valuesOf(id: string, group: number[]): number[] {
	const estimator = estimatorById(id);
	if (estimator === null) throw new Error(id);
	const options = { force: true, asTrainer: true, set: { weight: "rollouts" } };
	return [...estimator.compute(groupsOf([group]), options).values];
}

describe.each(CENTRED)("%s", (id) => {
	test("sums to zero over the group", () => {
		fc.assert(
			fc.property(rewards, (group) => {
				const sum = valuesOf(id, group).reduce((all, value) => all + value, 0);
				expect(Math.abs(sum)).toBeLessThan(1e-6);
			}),
			FIXED,
		);
	});
});

describe.each(SHIFT_FREE)("%s", (id) => {
	test("does not change when a constant is added to all rewards", () => {
		fc.assert(
			fc.property(rewards, fc.integer({ min: -50, max: 50 }), (group, constant) => {
				const shifted = valuesOf(
					id,
					group.map((reward) => reward + constant),
				);
				valuesOf(id, group).forEach((value, index) => {
					expect(shifted[index]).toBeCloseTo(value, 4);
				});
			}),
			FIXED,
		);
	});
});

test("GAE at lambda 1 is the return minus the value", () => {
	const steps = fc.array(
		fc.record({
			reward: fc.double({ min: -2, max: 2, noNaN: true }),
			value: fc.double({ min: -2, max: 2, noNaN: true }),
		}),
		{ minLength: 1, maxLength: 10 },
	);
	fc.assert(
		fc.property(steps, fc.double({ min: 0.5, max: 1, noNaN: true }), (drawn, gamma) => {
			const { values } = gae.compute(batchFrom([rollout("t/0", { steps: drawn })]), { set: { gamma, lambda: 1 } });
			drawn.forEach(({ value }, step) => {
				const later = drawn.slice(step).reduce((sum, { reward }, ahead) => sum + gamma ** ahead * reward, 0);
				expect(values[step]).toBeCloseTo(later - value, 9);
			});
		}),
		FIXED,
	);
});

/** Groups with branches, missing rewards, equal rewards, steps of others, values and step rewards. */
const anyGroup: fc.Arbitrary<Rollout[]> = fc
	.array(
		fc.record({
			reward: fc.oneof(fc.constant(null), fc.constantFrom(0, 1), fc.double({ min: -3, max: 3, noNaN: true })),
			parent: fc.option(fc.nat(30), { nil: null }),
			branchStep: fc.option(fc.nat(6), { nil: null }),
			steps: fc.array(
				fc.record({
					role: fc.constantFrom("agent" as const, "agent" as const, "user" as const),
					reward: fc.option(fc.double({ min: -1, max: 1, noNaN: true }), { nil: null }),
					value: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null }),
					text: fc.constantFrom("a", "b", "c"),
				}),
				{ maxLength: 5 },
			),
		}),
		{ minLength: 1, maxLength: 10 },
	)
	.map((drawn) =>
		drawn.map(({ reward, parent, branchStep, steps }, index) =>
			rollout(`t/${index}`, {
				reward,
				parent: parent === null ? null : `t/${parent % (drawn.length + 1)}`,
				branchStep,
				relation: parent === null ? null : "branch",
				steps,
			}),
		),
	);

describe.each(ESTIMATORS.map((estimator) => [estimator.id, estimator] as const))(
	"%s, whatever the group",
	(_, estimator) => {
		test("gives a finite number or a reason at every place, and explains it without failing", () => {
			fc.assert(
				fc.property(anyGroup, fc.boolean(), (group, force) => {
					const batch = batchFrom(group);
					const advantages = estimator.compute(batch, { force });
					expect(advantages.values.length).toBe(advantages.reasons.length);
					for (let index = 0; index < group.length; index++) {
						const start = batch.stepStart[index] as number;
						const end = batch.stepStart[index + 1] as number;
						for (let step = start; step <= end; step++) {
							const at = { rollout: index, step: step === end ? null : step };
							const reading = readingAt(batch, advantages, at);
							expect(reading.value === null).toBe(reading.reason !== null);
							const explained = explainAdvantage(estimator, batch, at, { force });
							expect(explained.value).toEqual(reading.value);
							expect(explained.lines.join("\n")).not.toMatch(/NaN|undefined|Infinity/);
						}
					}
				}),
				{ seed: 4, numRuns: 30 },
			);
		});
	},
);
