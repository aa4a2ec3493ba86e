// Binary search for the first irrecoverable step: what the paper's algorithm answers, and what it must not claim.
import { describe, expect, test } from "vitest";
import { binaryStrategy, inclusive, PAPER_TRIES, paper, triesAt } from "../../../../src/core/probing/binary.ts";
import { openSearch, record, type Search, type SearchSettings, spent } from "../../../../src/core/probing/search.ts";
import type { ProbeStrategy, Verdict } from "../../../../src/core/probing/strategy.ts";

/** Searches a rollout whose prefixes before step `error` always recover and never after it. */
function searchSure(strategy: ProbeStrategy, steps: number, error: number, settings: Partial<SearchSettings> = {}) {
	let search = openSearch(steps, settings);
	const order: number[] = [];
	for (let next = strategy.next(search); next.length > 0; next = strategy.next(search)) {
		order.push(...next);
		search = record(
			search,
			next.map((prefix) => ({ prefix, success: prefix < error })),
		);
	}
	return { search, order, verdict: strategy.verdict(search) };
}

function tried(search: Search, prefix: number, successes: number, failures: number): Search {
	const results = [...new Array(successes).fill(true), ...new Array(failures).fill(false)];
	return record(
		search,
		results.map((success) => ({ prefix, success })),
	);
}

const once = binaryStrategy("once", "one try", { ...PAPER_TRIES, fewest: 1, most: 1 }, false);

describe("the algorithm as published", () => {
	test("finds step 4 of 7 by trying after steps 4, 2 and 3", () => {
		expect(searchSure(once, 7, 4)).toMatchObject({ order: [4, 2, 3], verdict: { kind: "step", step: 4 } });
	});

	test("takes three tries a prefix without entropies, and does not stop at a success", () => {
		expect(searchSure(paper, 7, 4).order).toEqual([4, 4, 4, 2, 2, 2, 3, 3, 3]);
	});

	test("says that a step it never tried is the last one left, not a finding", () => {
		const { verdict, search } = searchSure(once, 7, 7);
		expect(verdict).toMatchObject({ kind: "step", step: 7, note: expect.stringContaining("was not tried") });
		expect(search.failures[7]).toBe(0);
	});

	test("adapts its tries to the entropy after each step, rounded half up", () => {
		const at = (gap: number) => triesAt(PAPER_TRIES, openSearch(1, { entropies: { root: 1, steps: [1 + gap] } }), 1);
		expect([-0.6, -0.3, 0, 0.2, 0.6, 1].map(at)).toEqual([1, 1, 2, 2, 3, 3]);
	});

	test("with one step or none it has nothing to try and claims nothing", () => {
		expect(paper.next(openSearch(1))).toEqual([]);
		expect(paper.verdict(openSearch(1))).toMatchObject({ kind: "unresolved", from: 1, to: 1 });
		expect(inclusive.verdict(openSearch(0))).toMatchObject({ kind: "none" });
	});
});

describe("a budget that ends first", () => {
	test.each([paper, inclusive])("leaves the interval open instead of naming step 1 ($id)", (strategy) => {
		const { verdict, search } = searchSure(strategy, 7, 4, { budget: 0 });
		expect(verdict).toMatchObject({ kind: "unresolved", from: 1 });
		expect(spent(search)).toBe(0);
	});

	test("of one try shows that try and no more", () => {
		const { search, verdict } = searchSure(inclusive, 7, 4, { budget: 1 });
		expect(spent(search)).toBe(1);
		expect(verdict.kind).toBe("unresolved");
	});
});

describe("the inclusive search", () => {
	test("tries the step that it names", () => {
		const { verdict, search } = searchSure(inclusive, 7, 7);
		expect(verdict).toMatchObject({ kind: "step", step: 7 });
		expect(search.failures[7]).toBe(3);
	});

	test("knows that only the final answer was wrong", () => {
		expect(searchSure(inclusive, 7, 8).verdict).toMatchObject({ kind: "none" });
	});

	test("stops at the first success of a prefix", () => {
		expect(searchSure(inclusive, 2, 3).order).toEqual([1, 2]);
	});

	test("tells how often it would be too early by chance alone", () => {
		// three failures of a prefix that succeeds half of the time: 12.5 %, at two prefixes
		const search = tried(tried(openSearch(3, { group: { successes: 3, failures: 3 } }), 2, 0, 3), 1, 0, 3);
		expect(inclusive.verdict(search)).toMatchObject({ kind: "step", step: 1, note: expect.stringContaining("0.23") });
	});

	test("gives the bounds of what it saw: no success in three tries leaves up to 63 %", () => {
		const search = tried(tried(openSearch(3), 2, 0, 3), 1, 1, 0);
		const verdict = inclusive.verdict(search) as Verdict;
		expect(verdict.bounds[1]).toMatchObject({ prefix: 2, successes: 0, tries: 3 });
		expect(verdict.bounds[1]?.upper).toBeCloseTo(0.632, 3);
		expect(verdict.bounds[1]?.interval?.high).toBeCloseTo(0.5615, 4);
	});
});

test("a success below a prefix that was taken for lost is reported as a contradiction", () => {
	const search = tried(tried(tried(openSearch(7), 4, 0, 3), 2, 0, 3), 6, 1, 0);
	expect(inclusive.verdict(search)).toMatchObject({ kind: "contradiction", lost: 4, recovered: 6 });
});
