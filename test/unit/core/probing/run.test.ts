// Running a search against something that continues rollouts: progress, cancelling, failures, going on.
import { describe, expect, test } from "vitest";
import { adaptive } from "../../../../src/core/probing/adaptive.ts";
import { nextToExplore, scoreOf, type TreeNode, upperConfidence } from "../../../../src/core/probing/explore.ts";
import { criticalStep, grownGroup } from "../../../../src/core/probing/grownTree.ts";
import { STRATEGIES } from "../../../../src/core/probing/registry.ts";
import { type ContinuationPort, runProbing } from "../../../../src/core/probing/run.ts";
import { openSearch, spent } from "../../../../src/core/probing/search.ts";
import { selectFailure } from "../../../../src/core/probing/select.ts";
import { draw } from "../../../support/rollouts.ts";

const settings = { budget: 60, verifier: { falsePositive: 0, falseNegative: 0 }, group: { successes: 7, failures: 1 } };

/** Prefixes below `error` always recover. */
function world(error: number): ContinuationPort {
	return { continueFrom: async (prefix) => ({ success: prefix < error }) };
}

describe("a search that runs", () => {
	test.each(STRATEGIES.filter(({ id }) => id !== "explore"))("finds step 5 of 8 by $id", async (strategy) => {
		const { verdict, ended } = await runProbing(openSearch(8, settings), strategy, world(5));
		expect(verdict).toMatchObject({ kind: "step", step: 5 });
		expect(ended).toBe("done");
	});

	test("tells its progress before and after every round, with what runs", async () => {
		const seen: number[] = [];
		await runProbing(openSearch(8, settings), adaptive, world(5), undefined, ({ running }) =>
			seen.push(running.length),
		);
		expect(seen.slice(0, 4)).toEqual([1, 0, 1, 0]);
	});

	test("keeps what it has when it is cancelled, and goes on from there", async () => {
		let rounds = 0;
		const first = await runProbing(openSearch(8, settings), adaptive, world(5), () => rounds++ >= 3);
		expect(first.ended).toBe("cancelled");
		expect(spent(first.search)).toBe(3);
		const second = await runProbing(first.search, adaptive, world(5));
		expect(second.verdict).toMatchObject({ kind: "step", step: 5 });
	});

	test("ends with its reasons when the endpoint fails in the middle, and goes on when it is back", async () => {
		let tries = 0;
		const failing: ContinuationPort = {
			continueFrom: async (prefix) => (tries++ < 3 ? { success: prefix < 5 } : { reason: "the endpoint answered 503" }),
		};
		const first = await runProbing(openSearch(8, settings), adaptive, failing);
		expect(first.ended).toBe("failed");
		expect(spent(first.search)).toBe(3);
		expect(first.failures[0]?.reason).toBe("the endpoint answered 503");
		expect((await runProbing(first.search, adaptive, world(5))).verdict).toMatchObject({ kind: "step", step: 5 });
	});

	test("spends the budget to the last try when it explores, and names no step", async () => {
		const explore = STRATEGIES.find(({ id }) => id === "explore");
		if (explore === undefined) throw new Error("no such strategy");
		const { search, verdict } = await runProbing(
			openSearch(4, { ...settings, budget: 10, batch: 3 }),
			explore,
			world(3),
		);
		expect(spent(search)).toBe(10);
		expect(verdict).toMatchObject({ kind: "unresolved", from: 3 });
	});
});

describe("exploring a tree", () => {
	const node = (fields: Partial<TreeNode>): TreeNode => ({
		depth: 1,
		tries: 0,
		successes: 0,
		value: null,
		entropy: null,
		...fields,
	});

	test("scores a node by value and entropy, and adds the bound for rare visits", () => {
		const example = node({ value: 0.4, entropy: 1.5, tries: 3 });
		expect(scoreOf(example)).toBeCloseTo(0.55, 10);
		expect(upperConfidence(example, 16)).toBeCloseTo(1.3916, 4);
	});

	test("leaves out nodes that are worse than their depth's average", () => {
		const nodes = [node({ value: 0.9, tries: 50 }), node({ value: 0.1, tries: 0 }), node({ value: 0.8, tries: 60 })];
		expect(nextToExplore(nodes, 3)).not.toContain(1);
	});

	test("spreads a round over nodes that are alike, and asks for nothing where there is nothing", () => {
		expect(new Set(nextToExplore([node({}), node({}), node({})], 3)).size).toBe(3);
		expect(nextToExplore([], 4)).toEqual([]);
	});
});

test("the rollout to search is the one with the largest gap of entropy, else the longest", () => {
	const rollout = (rootEntropy: number | null, toolEntropies: (number | null)[]) => ({
		rootEntropy,
		toolEntropies,
		steps: toolEntropies.length,
	});
	expect(selectFailure([rollout(1, [1.2, 1.1]), rollout(1, [2, null]), rollout(0.5, [0.6])])).toBe(1);
	expect(selectFailure([rollout(null, [null]), rollout(null, [null, null])])).toBe(1);
	expect(selectFailure([])).toBeNull();
});

test("the grown tree is a group of the failed rollout and its branches", () => {
	const failed = draw("t/0", "user: go\nfind(a) = x\ncancel(a) = ok\nagent: done", 0);
	const saved = draw("t/0@1", "user: go\nfind(a) = x\nask(a) = yes\nagent: done", 1);
	const group = grownGroup(failed, [{ after: 1, rollout: saved }]);
	expect(group[1]).toMatchObject({ task: "t", parent: "t/0", branchStep: 1, relation: "branch", sharedSteps: 2 });
	expect(criticalStep({ kind: "step", step: 2, probability: 0.9, bounds: [], note: "" }, [1, 2, 3])).toBe(2);
	expect(criticalStep({ kind: "none", probability: 0.9, bounds: [], note: "" }, [1, 2, 3])).toBeNull();
});

describe.each(STRATEGIES)("$id, where there is little to do", (strategy) => {
	const failing = { continueFrom: async () => ({ success: false }) };

	test("tries nothing in a rollout without steps, and says so", async () => {
		const { verdict, search } = await runProbing(openSearch(0), strategy, failing);
		expect(verdict).toMatchObject({ kind: "none", note: "there is no step to try" });
		expect(spent(search)).toBe(0);
	});

	test.each([0, 1])("states no step with a budget of %d", async (budget) => {
		for (const steps of [1, 6]) {
			const { verdict, search } = await runProbing(openSearch(steps, { budget }), strategy, failing);
			expect(verdict.kind).toBe("unresolved");
			expect(spent(search)).toBeLessThanOrEqual(budget);
		}
	});
});
