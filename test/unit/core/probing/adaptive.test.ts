// The adaptive search: where it looks, when it stops, and that it says no more than it knows.
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../../src/core/math/random.ts";
import { adaptive } from "../../../../src/core/probing/adaptive.ts";
import { beliefOf } from "../../../../src/core/probing/belief.ts";
import { binaryStrategy, PAPER_TRIES, paper } from "../../../../src/core/probing/binary.ts";
import { fewestRollouts, zCapacity } from "../../../../src/core/probing/bounds.ts";
import { openSearch, record, type Search, spent } from "../../../../src/core/probing/search.ts";
import { PLAIN, play, summarize, type World } from "../../../support/probeWorlds.ts";

const exact = { falsePositive: 0, falseNegative: 0 };
/** Nothing but what never succeeds counts as lost. */
const ideal = { verifier: exact, epsilon: 0 };

function tried(search: Search, prefix: number, successes: number, failures: number): Search {
	const results = [...new Array(successes).fill(true), ...new Array(failures).fill(false)];
	return record(
		search,
		results.map((success) => ({ prefix, success })),
	);
}

function simulate(world: World, runs: number, settings: object, strategy = adaptive) {
	const random = seededRandom(11);
	const played = Array.from({ length: runs }, () => play(world, strategy, { budget: 200, ...settings }, random));
	return summarize(played);
}

describe("the belief", () => {
	test("is the evidence mixed with a quarter of uniform, because evidence may mislead", () => {
		const search = openSearch(3, { evidence: [0, 1, 0, 0] });
		const shares = [...beliefOf(search).answers];
		[0.0625, 0.8125, 0.0625, 0.0625].forEach((share, index) => {
			expect(shares[index]).toBeCloseTo(share, 6);
		});
	});

	test("evidence of the wrong length or without mass is left out", () => {
		for (const evidence of [[1, 2], [0, 0, 0, 0], []]) {
			const search = openSearch(3, { evidence });
			for (const share of beliefOf(search).answers) expect(share).toBeCloseTo(0.25, 6);
		}
	});

	test("a success rules every earlier step out where the verifier never errs", () => {
		const { answers } = beliefOf(tried(openSearch(4, ideal), 2, 1, 0));
		expect(answers[0]).toBe(0);
		expect(answers[1]).toBe(0);
		expect(answers[2]).toBeGreaterThan(0);
	});

	test("one success does not where a prefix of a small value counts as lost, but three do", () => {
		const lostAt = (successes: number) =>
			beliefOf(tried(openSearch(4, { verifier: exact, epsilon: 0.1 }), 2, successes, 0)).answers[0] as number;
		expect(lostAt(1)).toBeGreaterThan(0);
		expect(lostAt(1)).toBeLessThan(0.02);
		expect(lostAt(3)).toBeLessThan(lostAt(1) / 10);
	});

	test("one success does not, where the verifier may be wrong", () => {
		const { answers } = beliefOf(
			tried(openSearch(4, { verifier: { falsePositive: 0.02, falseNegative: 0.02 } }), 2, 1, 0),
		);
		expect(answers[0]).toBeGreaterThan(0);
		expect(answers[0]).toBeLessThan(0.02);
	});
});

describe("the search", () => {
	test("looks first where the evidence points: at the suspected step and the one before it", () => {
		const evidence = new Array(17).fill(0.01);
		evidence[9] = 0.84;
		const first = adaptive.next(openSearch(16, { evidence, group: { successes: 6, failures: 2 } }));
		expect([9, 10]).toContain(first[0]);
	});

	test("prefers the cheaper of two prefixes that tell as much", () => {
		const costs = Array.from({ length: 9 }, (_, prefix) => 100 - 12 * prefix);
		const cheap = adaptive.next(openSearch(8, { costs }))[0] as number;
		const plain = adaptive.next(openSearch(8))[0] as number;
		expect(cheap).toBeGreaterThan(plain);
	});

	test("spreads a batch over prefixes instead of asking one question four times", () => {
		const batch = adaptive.next(openSearch(32, { batch: 4, group: { successes: 4, failures: 4 } }));
		expect(batch).toHaveLength(4);
		expect(new Set(batch).size).toBeGreaterThan(1);
	});

	test("never asks for more than the budget holds", () => {
		const search = tried(openSearch(16, { budget: 3, batch: 4 }), 8, 0, 2);
		expect(adaptive.next(search)).toHaveLength(1);
		expect(adaptive.next(tried(search, 8, 0, 1))).toEqual([]);
	});

	test.each([0, 1])("with K = %i and budget 0 it answers without a try", (steps) => {
		const search = openSearch(steps, { budget: 0 });
		expect(adaptive.next(search)).toEqual([]);
		expect(adaptive.verdict(search).kind).toBe(steps === 0 ? "none" : "unresolved");
		expect(spent(search)).toBe(0);
	});

	test("states an interval that holds the asked mass while no step is sure", () => {
		const search = tried(
			tried(openSearch(8, { verifier: exact, group: { successes: 5, failures: 3 } }), 4, 1, 0),
			6,
			0,
			5,
		);
		const verdict = adaptive.verdict(search);
		expect(verdict).toMatchObject({ kind: "unresolved", from: 5 });
		expect(verdict.probability).toBeGreaterThanOrEqual(0.9);
	});

	test("reports a contradiction where an earlier prefix failed too often for chance", () => {
		const search = tried(tried(openSearch(8, { group: { successes: 4, failures: 4 } }), 3, 0, 25), 6, 5, 1);
		expect(adaptive.verdict(search)).toMatchObject({ kind: "contradiction", lost: 3, recovered: 6 });
	});
});

describe("over many simulated failures", () => {
	test("states 90 % and is right at least as often, with a value that it learns from the group", () => {
		const { stated, statedRight } = simulate({ ...PLAIN, steps: 8 }, 100, { verifier: exact });
		expect(stated).toBeGreaterThan(0.95);
		expect(statedRight).toBeGreaterThan(0.85);
	});

	test("needs fewer rollouts than fixed tries at their own accuracy", () => {
		const world = { ...PLAIN, steps: 16, value: 0.8 };
		const published = simulate(world, 120, ideal, paper);
		const own = simulate(world, 120, { ...ideal, confidence: 0.6 });
		expect(own.accuracy).toBeGreaterThan(published.accuracy - 0.05);
		expect(own.rollouts).toBeLessThan(0.75 * published.rollouts);
	});

	test("good evidence saves rollouts", () => {
		const world = { ...PLAIN, steps: 32 };
		const without = simulate(world, 60, { verifier: exact });
		const with_ = simulate({ ...world, topThree: 0.8 }, 60, { verifier: exact });
		expect(with_.rollouts).toBeLessThan(0.85 * without.rollouts);
	});

	test("stays near the truth with a noisy verifier and values that fall before the step", () => {
		const world: World = { ...PLAIN, steps: 8, value: 0.8, values: "falling", noise: 0.02 };
		const { statedNear } = simulate(world, 60, { verifier: { falsePositive: 0.02, falseNegative: 0.02 } });
		expect(statedNear).toBeGreaterThan(0.9);
	});
});

test("the bound: capacities of the Z channel and the fewest rollouts of any search", () => {
	expect([0.2, 0.5, 0.8].map((p) => Number(zCapacity(p).toFixed(4)))).toEqual([0.1136, 0.3219, 0.6182]);
	expect(fewestRollouts(17, 0.9, 0.5)).toBeCloseTo(10.0, 1);
	expect(zCapacity(0)).toBe(0);
	expect(zCapacity(1)).toBe(1);
});

test("fixed tries meet the simulated accuracy of the published setting", () => {
	const three = binaryStrategy("three", "three", { ...PAPER_TRIES, fewest: 3, most: 3 }, false);
	const { accuracy, rollouts } = simulate({ ...PLAIN, steps: 16 }, 400, { verifier: exact }, three);
	expect(accuracy).toBeGreaterThan(0.66);
	expect(accuracy).toBeLessThan(0.8);
	expect(rollouts).toBe(12);
});
