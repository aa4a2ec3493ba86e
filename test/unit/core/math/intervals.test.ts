// Intervals and tests against published or hand-computed numbers.
import { expect, test } from "vitest";
import {
	clusterBootstrap,
	differenceOfShares,
	mcNemar,
	quantile,
	wilson,
} from "../../../../src/core/math/intervals.ts";
import { correlation, rankCorrelation, ranksOf } from "../../../../src/core/math/moments.ts";
import { seededRandom } from "../../../../src/core/math/random.ts";

test("Wilson's upper bound of 0 successes in 3 and in 16 tries", () => {
	expect(wilson(0, 3)?.high).toBeCloseTo(0.5615, 4);
	expect(wilson(0, 16)?.high).toBeCloseTo(0.194, 3);
	expect(wilson(0, 3)?.low).toBe(0);
	expect(wilson(3, 3)?.high).toBe(1);
	expect(wilson(0, 0)).toBeNull();
});

test("Newcombe's interval of 56/70 against 48/80 (his own example)", () => {
	const interval = differenceOfShares(56, 70, 48, 80);
	expect(interval?.low).toBeCloseTo(0.0524, 4);
	expect(interval?.high).toBeCloseTo(0.3339, 4);
});

test("McNemar's exact test", () => {
	expect(mcNemar(0, 0)).toBe(1);
	expect(mcNemar(0, 6)).toBeCloseTo(2 / 64, 12);
	expect(mcNemar(2, 10)).toBeCloseTo((2 * (1 + 12 + 66)) / 4096, 12);
	expect(mcNemar(5, 5)).toBe(1);
	expect(mcNemar(900, 1200)).toBeGreaterThan(0);
});

test("a cluster bootstrap draws whole clusters and repeats with its seed", () => {
	const values = [0, 0, 1, 1, 1, 0, 1, 0];
	const mean = (drawn: Int32Array) => drawn.reduce((sum, index) => sum + (values[index] as number), 0) / drawn.length;
	const one = clusterBootstrap(values.length, mean, seededRandom(1));
	expect(one).toEqual(clusterBootstrap(values.length, mean, seededRandom(1)));
	expect(one?.low).toBeGreaterThanOrEqual(0);
	expect(one?.high).toBeLessThanOrEqual(1);
	expect(one?.low).toBeLessThan(0.5);
	expect(clusterBootstrap(1, mean, seededRandom(1))).toBeNull();
});

test("quantiles are interpolated, ranks are shared, correlations need variation", () => {
	expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
	expect(ranksOf([10, 20, 10])).toEqual([1.5, 3, 1.5]);
	expect(correlation([1, 2, 3], [2, 4, 6])).toBeCloseTo(1);
	expect(rankCorrelation([1, 2, 3], [9, 4, 1])).toBeCloseTo(-1);
	expect(correlation([1, 1], [1, 2])).toBeNaN();
});

test("the seeded generator is uniform enough for the tests that rely on it", () => {
	const random = seededRandom(42);
	const bins = new Array(10).fill(0);
	for (let draw = 0; draw < 100_000; draw++) bins[Math.floor(random() * 10)]++;
	const chiSquare = bins.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
	expect(chiSquare).toBeLessThan(27.9);
});
