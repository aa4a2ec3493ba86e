// Where nodes stand in the picture, as drawings: one line a row, one character a step.
import { describe, expect, test } from "vitest";
import type { Rollout } from "../../../src/core/model/trajectory.ts";
import { type KeyedRollout, mergeRollouts } from "../../../src/core/tree/merge.ts";
import { DEFAULT_NORMALISATION } from "../../../src/core/tree/normalise.ts";
import { orderChildren } from "../../../src/core/tree/order.ts";
import { treeStatistics } from "../../../src/core/tree/statistics.ts";
import { ancestorAt, layoutTree, nodeAt, rowEnd, rowWeight } from "../../../webview/tree/layout.ts";
import { draw } from "../../support/rollouts.ts";

function rollout(
	id: string,
	letters: string,
	reward: number | null = null,
	fields: Partial<Rollout> = {},
): KeyedRollout {
	return {
		key: id,
		rollout: { ...draw(id, [...letters].map((letter) => `${letter}(x)`).join("\n"), reward), ...fields },
	};
}

interface Options {
	/** Nodes that are folded, as their path of letters. */
	folded?: string[];
	hidden?: string[];
}

function arrange(group: KeyedRollout[], { folded = [], hidden = [] }: Options = {}) {
	const tree = mergeRollouts(group, DEFAULT_NORMALISATION);
	const statistics = treeStatistics(tree);
	const children = orderChildren(tree, statistics);
	const letters = Array.from(tree.parent, (_, node) => {
		const origin = tree.rollouts[tree.origin[node]!];
		const entry = group.find(({ key }) => key === origin?.key);
		return entry?.rollout.steps[tree.depth[node]! - origin!.offset]?.calls[0]?.name ?? "";
	});
	const pathOf = (node: number) => {
		let path = "";
		for (let at = node; at > 0; at = tree.parent[at]!) path = letters[at] + path;
		return path;
	};
	const ended = new Int32Array(tree.parent.length);
	for (const { id, end } of tree.rollouts) if (!hidden.includes(id)) ended[end]! += 1;
	const weight = ended.slice();
	for (let node = weight.length - 1; node > 0; node--) weight[tree.parent[node]!]! += weight[node]!;
	const layout = layoutTree({
		tree,
		children,
		weight,
		ended,
		folded: Uint8Array.from(tree.parent, (_, node) => Number(folded.length > 0 && folded.includes(pathOf(node)))),
	});
	return { tree, layout, letters };
}

function picture(group: KeyedRollout[], options?: Options): string {
	const { tree, layout, letters } = arrange(group, options);
	const rows = Array.from({ length: layout.rows }, (_, row) => {
		const steps = Array.from({ length: layout.columns }, (_, step) => {
			const node = nodeAt(layout, tree.depth, row, step);
			return node === -1 ? " " : letters[node];
		});
		const stub = layout.stub[row] === -1 ? "" : `stub of ${letters[rowEnd(layout, row)]} `;
		return `${steps.join("")} ${stub}${rowWeight(layout, row)}`;
	});
	return `\n${rows.join("\n")}\n`;
}

describe("the picture", () => {
	test("has one row for each end, the best on top, and equal steps below each other", () => {
		expect(
			picture([rollout("r1", "abx", 0), rollout("r2", "abcd", 1), rollout("r3", "abcef", 0), rollout("r4", "q", 0)]),
		).toBe(`
abcd  1
   ef 1
  x   1
q     1
`);
	});

	test("gives rollouts that end where others go on a row without steps", () => {
		expect(picture([rollout("r1", "ab", 0), rollout("r2", "abcd", 1), rollout("r3", "ab", 0)])).toBe(`
abcd 1
     stub of b 2
`);
	});

	test("shows identical rollouts as one wide row", () => {
		expect(picture([rollout("r1", "ab", 1), rollout("r2", "ab", 1)])).toBe("\nab 2\n");
	});

	test("leaves out what is folded or hidden", () => {
		const group = [rollout("r1", "abx", 0), rollout("r2", "abcd", 1), rollout("r3", "abcef", 0)];
		expect(picture(group, { folded: ["abc"] })).toBe("\nabc 2\n  x 1\n");
		expect(picture(group, { hidden: ["r2"] })).toBe("\nabcef 1\n  x   1\n");
	});

	test("of nothing is the task alone", () => {
		expect(arrange([]).layout).toMatchObject({ rows: 1, columns: 0 });
		expect(arrange([rollout("r1", "")]).layout).toMatchObject({ rows: 1, columns: 0 });
	});
});

test("from any place in a row one finds the step of its path above", () => {
	const { tree, layout, letters } = arrange([
		rollout("r1", "abx", 0),
		rollout("r2", "abcd", 1),
		rollout("r3", "ab", 0),
		rollout("r4", "abcef", 0),
	]);
	const path = (row: number) =>
		[-1, 0, 1, 2, 3, 4].map((step) => letters[ancestorAt(layout, tree, row, step)] ?? " ").join("");
	expect([0, 1, 2, 3].map(path)).toEqual(["abcd ", "abcef", "abx  ", "ab   "]);
	expect([-1, 4].map((row) => ancestorAt(layout, tree, row, 0))).toEqual([-1, -1]);
});

test("20,000 steps and 10,000 branches are laid out without recursion", () => {
	const long = rollout("long", "a");
	const step = long.rollout.steps[0]!;
	long.rollout.steps = Array.from({ length: 20_000 }, (_, number) => ({ ...step, step: number }));
	const wide = Array.from({ length: 10_000 }, (_, index) =>
		rollout(`w${index}`, "a", null, { parent: "long", branchStep: 3, relation: "branch" }),
	);
	wide.forEach(({ rollout: { steps } }, index) => {
		steps[0]!.calls[0]!.name = `w${index}`;
	});
	const { layout } = arrange([long, ...wide]);
	expect([layout.rows, layout.columns]).toEqual([10_001, 20_000]);
});
