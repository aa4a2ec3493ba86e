// The convention behind stored advantages: found where it can be told, "ambiguous" where it cannot.
import { describe, expect, test } from "vitest";
import { detectConvention, detectGroupConvention } from "../../../../src/core/advantages/detect.ts";
import { randomIndex, seededRandom } from "../../../../src/core/math/random.ts";
import { batchFrom, groupsOf, rollout } from "../../../support/batches.ts";

const mean = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
const std = (numbers: number[], less: number) =>
	Math.sqrt(numbers.reduce((sum, number) => sum + (number - mean(numbers)) ** 2, 0) / (numbers.length - less));

/** Conventions written out here, not taken from the product. */
const CONVENTIONS: [string, (rewards: number[]) => number[]][] = [
	["grpo", (rewards) => rewards.map((reward) => (reward - mean(rewards)) / (std(rewards, 1) + 1e-4))],
	["grpo", (rewards) => rewards.map((reward) => (reward - mean(rewards)) / (std(rewards, 1) + 1e-6))],
	["grpo-population", (rewards) => rewards.map((reward) => (reward - mean(rewards)) / (std(rewards, 0) + 1e-6))],
	["dr-grpo", (rewards) => rewards.map((reward) => reward - mean(rewards))],
	["rloo", (rewards) => rewards.map((reward) => ((reward - mean(rewards)) * rewards.length) / (rewards.length - 1))],
];

function storedGroup(rewards: number[], advantages: (number | null)[]) {
	return batchFrom(
		rewards.map((reward, index) => rollout(`t/${index}`, { reward, advantage: advantages[index] ?? null })),
	);
}

const apart = (one: number[], two: number[]) =>
	Math.max(...one.map((value, index) => Math.abs(value - (two[index] as number))));

test("1,000 random groups: right wherever another convention would give other numbers, else ambiguous", () => {
	const random = seededRandom(7);
	let distinct = 0;
	let right = 0;
	for (let group = 0; group < 1000; group++) {
		const binary = random() < 0.5;
		const size = 2 + randomIndex(random, 15);
		const rewards = Array.from({ length: size }, () => (binary ? Math.round(random()) : random() * 2 - 0.5));
		const [id, formula] = CONVENTIONS[randomIndex(random, CONVENTIONS.length)] as (typeof CONVENTIONS)[number];
		const advantages = formula(rewards).map((value) => (Number.isFinite(value) ? value : 0));
		const rivals = CONVENTIONS.filter(([other]) => other !== id).map(([, other]) => other(rewards));
		const detected = detectConvention(storedGroup(rewards, advantages));
		if (!rivals.every((rival) => apart(rival, advantages) > 1e-6)) {
			expect(detected.verdict).toBe("ambiguous");
			continue;
		}
		distinct++;
		if (detected.verdict === "found" && detected.candidates[0]?.estimator.id === id) right++;
	}
	expect(distinct).toBeGreaterThan(700);
	expect(right / distinct).toBeGreaterThanOrEqual(0.95);
});

describe("what is said of stored advantages", () => {
	test("the name of the convention, with the epsilon that fits", () => {
		const rewards = [1, 1, 1, 0];
		const [, trl] = CONVENTIONS[0] as (typeof CONVENTIONS)[number];
		expect(detectConvention(storedGroup(rewards, trl(rewards))).text).toBe("GRPO (sample std), epsilon 1e-4");
	});

	test("numbers rounded to four digits are still recognised", () => {
		const rewards = [0.2, 0.9, 0.4, 0.1, 0.7];
		const [, population] = CONVENTIONS[2] as (typeof CONVENTIONS)[number];
		const rounded = population(rewards).map((value) => Number(value.toFixed(4)));
		expect(detectConvention(storedGroup(rewards, rounded)).candidates[0]?.estimator.id).toBe("grpo-population");
	});

	test("a batch-level convention is recognised over several groups", () => {
		const rewards = [
			[1, 1, 1, 0],
			[1, 0, 0, 0],
		];
		const spread = std(rewards.flat(), 1);
		const rollouts = rewards.flatMap((group, task) =>
			group.map((reward, index) => rollout(`${task}/${index}`, { reward, advantage: (reward - mean(group)) / spread })),
		);
		expect(detectConvention(batchFrom(rollouts))).toMatchObject({ verdict: "found", text: "Lite PPO (sample std)" });
	});

	test("equal rewards fit every convention: ambiguous", () => {
		expect(detectConvention(storedGroup([1, 1, 1], [0, 0, 0])).verdict).toBe("ambiguous");
	});

	test("numbers that follow no convention: unknown, with the nearest", () => {
		const detected = detectConvention(storedGroup([1, 0, 0, 1], [3, 1, 4, 1]));
		expect(detected.verdict).toBe("unknown");
		expect(detected.text).toMatch(/^no known convention; nearest /);
	});

	test("null stays null: nothing is made up where nothing is stored", () => {
		expect(detectConvention(groupsOf([[1, 0]]))).toMatchObject({ verdict: "nothing", compared: 0 });
		const partly = storedGroup([1, 0, 0, 1], [0.5, null, null, 0.5]);
		expect(detectGroupConvention(partly, 0)).toMatchObject({ verdict: "found", compared: 2, text: "Dr. GRPO" });
	});
});
