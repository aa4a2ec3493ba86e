// The numbers that papers print about probing, or that follow from them by hand: tries a prefix, what failures prove,
// which node of a tree is grown next.
import { describe, expect, test } from "vitest";
import { wilson } from "../../../src/core/math/intervals.ts";
import { binaryStrategy, PAPER_TRIES, wantedTries } from "../../../src/core/probing/binary.ts";
import { falseLoss, upperBound } from "../../../src/core/probing/bounds.ts";
import { nextToExplore, scoreOf, type TreeNode, upperConfidence } from "../../../src/core/probing/explore.ts";
import { openSearch, record } from "../../../src/core/probing/search.ts";

describe("ELPO", () => {
	test("tries a prefix by entropy gap, with beta 5 between 1 and 3", () => {
		const gaps = [-0.6, -0.3, 0, 0.2, 0.3, 0.6, 1];
		const published = [1.095, 1.365, 2, 2.462, 2.635, 2.905, 2.987];
		expect(gaps.map((gap) => Number(wantedTries(PAPER_TRIES, gap).toFixed(3)))).toEqual(published);
	});

	test("a prefix that succeeds with probability 0.3 is taken for lost after one, two, three failures", () => {
		expect([1, 2, 3].map((tries) => falseLoss(0.3, tries))).toEqual(
			[0.7, 0.49, 0.343].map((p) => expect.closeTo(p, 12)),
		);
		expect(falseLoss(0.1, 3)).toBeCloseTo(0.729, 12);
	});

	test("tries after which a recoverable prefix is taken for lost less than once in twenty", () => {
		const needed = (value: number) => {
			let tries = 1;
			while (falseLoss(value, tries) >= 0.05) tries++;
			return tries;
		};
		expect([0.5, 0.3, 0.2, 0.1].map(needed)).toEqual([5, 9, 14, 29]);
	});

	test("seven steps, the fourth irrecoverable: how often tries at value 0.5 let the search find it", () => {
		const strategy = binaryStrategy("once", "one try", { ...PAPER_TRIES, fewest: 1, most: 1 }, false);
		const recoverable: number[] = [];
		let search = openSearch(7);
		for (let next = strategy.next(search); next.length > 0; next = strategy.next(search)) {
			recoverable.push(...next.filter((prefix) => prefix < 4));
			search = record(
				search,
				next.map((prefix) => ({ prefix, success: prefix < 4 })),
			);
		}
		expect(strategy.verdict(search)).toMatchObject({ kind: "step", step: 4 });
		const right = (tries: number) => recoverable.reduce((chance) => chance * (1 - falseLoss(0.5, tries)), 1);
		expect(right(2)).toBeCloseTo(0.5625, 12);
		expect(right(3)).toBeCloseTo(0.766, 3);
	});
});

test("no success in 3 and in 16 tries: the upper ends of Wilson's and of the one-sided exact interval", () => {
	expect([3, 16].map((tries) => Number(wilson(0, tries)?.high.toFixed(4)))).toEqual([0.5615, 0.1936]);
	expect([3, 16].map((tries) => Number(upperBound(0, tries)?.toFixed(3)))).toEqual([0.632, 0.171]);
});

describe("value-guided decoding (V-STAR)", () => {
	const node = (depth: number, tries: number, value: number, entropy: number): TreeNode => ({
		depth,
		tries,
		successes: 0,
		value,
		entropy,
	});

	test("V 0.4, H 1.5: G is 0.55; with 16 visits at the root and 3 here U is 1.3916", () => {
		expect(scoreOf(node(1, 3, 0.4, 1.5))).toBeCloseTo(0.55, 12);
		expect(upperConfidence(node(1, 3, 0.4, 1.5), 16)).toBeCloseTo(1.3916, 4);
	});

	test("grows the node of the largest U among those whose G is at least the mean of their depth", () => {
		// G: 0.5, 0.3 | 0.9, 0.2; the rare second and fourth have the larger U but are below their depths' means
		const nodes = [node(1, 8, 0.4, 1), node(1, 0, 0.2, 1), node(2, 5, 0.8, 1), node(2, 0, 0.1, 1)];
		const bounds = nodes.map((entry) => upperConfidence(entry, 13));
		expect(bounds.indexOf(Math.max(...bounds))).toBe(1);
		expect(nextToExplore(nodes, 1)).toEqual([2]);
	});

	test("a visit lowers the bound, so that an equal sibling comes next", () => {
		expect(nextToExplore([node(1, 0, 0.4, 1), node(1, 0, 0.4, 1)], 2)).toEqual([0, 1]);
	});
});
