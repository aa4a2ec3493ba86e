// The rollout tree of a group, as drawings.
import { describe, expect, test } from "vitest";
import { blankStep } from "../../../../src/core/model/create.ts";
import type { Rollout } from "../../../../src/core/model/trajectory.ts";
import { type KeyedRollout, mergeRollouts, TreeBuilder } from "../../../../src/core/tree/merge.ts";
import { DEFAULT_NORMALISATION, normalisationById } from "../../../../src/core/tree/normalise.ts";
import { drawTree } from "../../../../src/core/tree/picture.ts";
import { meanReward, successRate, treeStatistics } from "../../../../src/core/tree/statistics.ts";
import { draw } from "../../../support/rollouts.ts";

/** `abc +` : three steps that call tools a, b and c, and success; `-` is failure, nothing is an unknown outcome. */
function rollout(id: string, letters: string, fields: Partial<Rollout> = {}): KeyedRollout {
	const [steps = "", sign] = letters.split(" ");
	const drawing = [...steps].map((letter) => `${letter}(x) = ok`).join("\n");
	const reward = sign === undefined ? null : Number(sign === "+");
	return { key: `drawn#${id}`, rollout: { ...draw(id, drawing, reward), ...fields } };
}

function picture(group: KeyedRollout[], normalisation = DEFAULT_NORMALISATION): string {
	const tree = mergeRollouts(group, normalisation);
	return `\n${drawTree(tree, { label: (node) => letterOf(group, tree, node) })}\n`;
}

function letterOf(group: KeyedRollout[], tree: ReturnType<typeof mergeRollouts>, node: number): string {
	const first = tree.rollouts[tree.origin[node]!]!;
	const { rollout } = group.find(({ key }) => key === first.key)!;
	return rollout.steps[tree.depth[node]! - first.offset]?.calls[0]?.name ?? "?";
}

describe("rollouts of one task", () => {
	test("share their common beginnings; the better branch stands above", () => {
		expect(
			picture([rollout("r1", "abx -"), rollout("r2", "abcd +"), rollout("r3", "abce -"), rollout("r4", "abcd +")]),
		).toBe(`
a ─ b  ×4 solved 0.5
├─c  ×3 solved 0.67
│ ├─d  ×2 solved 1  ✓ 1.0 r2  ✓ 1.0 r4
│ └─e  ×1 solved 0  ✗ 0.0 r3
└─x  ×1 solved 0  ✗ 0.0 r1
`);
	});

	test("that differ from the first step on hang from the task itself", () => {
		expect(picture([rollout("r1", "ab"), rollout("r2", "cb")])).toBe(`
├─a ─ b  ×1  · r1
└─c ─ b  ×1  · r2
`);
	});

	test("end where others go on", () => {
		expect(picture([rollout("r1", "ab -"), rollout("r2", "abc +")])).toBe(`
a ─ b  ×2 solved 0.5  ✗ 0.0 r1
└─c  ×1 solved 1  ✓ 1.0 r2
`);
	});

	test("may be absent, alone or empty", () => {
		expect(picture([])).toBe("\n\n");
		expect(picture([rollout("r1", "a +")])).toBe("\na  ×1 solved 1  ✓ 1.0 r1\n");
		expect(mergeRollouts([rollout("r1", "")], DEFAULT_NORMALISATION).rollouts[0]?.end).toBe(0);
	});
});

describe("recorded branches", () => {
	test("begin after the parent's step, also when the parent comes later in the log", () => {
		const fork = rollout("r2", "yz +", { parent: "r1", branchStep: 1, relation: "branch" });
		expect(picture([fork, rollout("r1", "abc -")])).toBe(`
a ─ b  ×2 solved 0.5
├─y ─ z  ×1 solved 1  ✓ 1.0 r2
└─c  ×1 solved 0  ✗ 0.0 r1
`);
	});

	test("that repeat the parent's steps are not drawn twice, whatever these steps look like", () => {
		const fork = rollout("r2", "QRd +", { parent: "r1", sharedSteps: 2, relation: "branch" });
		expect(picture([rollout("r1", "abc -"), fork])).toBe(`
a ─ b  ×2 solved 0.5
├─d  ×1 solved 1  ✓ 1.0 r2
└─c  ×1 solved 0  ✗ 0.0 r1
`);
	});

	test("of sub-agents hang from the step that started them and are no attempts of their own", () => {
		const agent = rollout("s", "bb", { parent: "r1", branchStep: 0, relation: "sub-agent" });
		expect(picture([rollout("r1", "abc +"), agent])).toBe(`
a  ×1 solved 1
├─b ─ c  ×1 solved 1  ✓ 1.0 r1
└─b ─ b  ×1  · s
`);
	});

	test("whose parents form a cycle are drawn from the task on, and say so", () => {
		const tree = mergeRollouts(
			[
				rollout("r1", "ab", { parent: "r2", branchStep: 0 }),
				rollout("r2", "cd", { parent: "r1", branchStep: 0 }),
				rollout("r3", "e", { parent: "r3", branchStep: 0 }),
				rollout("r4", "f", { parent: "lost", branchStep: 0 }),
			],
			DEFAULT_NORMALISATION,
		);
		expect(tree.rollouts.map(({ id, problem }) => [id, problem])).toEqual([
			["r2", "its recorded parents form a cycle (r1)"],
			["r1", null],
			["r3", "its recorded parents form a cycle (r3)"],
			["r4", "its parent lost is not in this group"],
		]);
	});
});

describe("two steps are one node", () => {
	const one = draw("r1", 'user: Cancel it.\nfind(A-1) = found\nagent: Sure?\nuser: "Yes."\nagent: Done!', 1);
	const two = draw("r2", "user: Cancel that.\nfind(a 1) = found twice\nagent: Really?\nuser: No\nagent: done", 0);
	const nodes = (id: string, other: Rollout = two) =>
		mergeRollouts(
			[one, other].map((rollout) => ({ key: rollout.id, rollout })),
			normalisationById(id)!,
		).parent.length - 1;

	test.each([
		["exact", 10],
		["action", 9],
		["canonical-action", 5],
		["tool", 5],
	])("under %s: %i nodes", (id, expected) => {
		expect(nodes(id)).toBe(expected);
	});

	test("by action though reasoning and observations differ; not where the last words differ", () => {
		const steps = one.steps.map((step) => ({ ...step, reasoning: "hm", observations: [] }));
		expect(nodes("action", { ...two, steps })).toBe(5);
		expect(nodes("exact", { ...two, steps })).toBe(10);
		steps[4] = { ...steps[4]!, text: "I cannot do it" };
		expect(nodes("canonical-action", { ...two, steps })).toBe(6);
	});

	test("not where an agent without tools says different things: its words are its actions", () => {
		const guess = (id: string, words: string) => draw(id, `user: Guess.\nagent: ${words}\nuser: No.\nagent: end`, 0);
		const group = [guess("r1", "crane"), guess("r2", "slate"), guess("r3", "Crane!")];
		const keyed = group.map((rollout) => ({ key: rollout.id, rollout }));
		expect(mergeRollouts(keyed, DEFAULT_NORMALISATION).parent.length - 1).toBe(7);
	});

	test("by state where the log states it", () => {
		const state = (letters: string, states: number[]): KeyedRollout => {
			const drawn = rollout(letters, letters);
			for (const [index, step] of drawn.rollout.steps.entries()) step.state = { at: states[index]! };
			return drawn;
		};
		const tree = mergeRollouts([state("ab", [1, 2]), state("cd", [1, 3])], normalisationById("state")!);
		expect(tree.parent.length - 1).toBe(3);
	});
});

describe("statistics", () => {
	test("count attempts, successes and rewards by node, and mean over children rather than over rollouts", () => {
		// a forks into b (three attempts, all failed) and c (one, solved): mean over rollouts 0.25, over children 0.5
		const tree = mergeRollouts(
			[rollout("r1", "ab -"), rollout("r2", "ab -"), rollout("r3", "ab -"), rollout("r4", "ac +")],
			DEFAULT_NORMALISATION,
		);
		const statistics = treeStatistics(tree);
		expect([...statistics.through]).toEqual([4, 4, 3, 1]);
		expect(successRate(statistics, 1)).toBe(0.25);
		expect(meanReward(statistics, 1)).toBe(0.25);
		expect([...statistics.meanOverChildren]).toEqual([0.5, 0.5, 0, 1]);
	});
});

describe("a group that is still being written", () => {
	test("grows without changing the numbers of nodes, and leaves steps that were rewritten behind", () => {
		const builder = new TreeBuilder(normalisationById("action")!);
		builder.addAll([rollout("r1", "ab"), rollout("r2", "ac")]);
		const before = builder.tree();
		builder.add(rollout("r2", "acd +"));
		builder.add(rollout("r1", "aX"));
		builder.add(rollout("r3", "ab -"));
		const after = builder.tree();
		expect([...after.parent.subarray(0, before.parent.length)]).toEqual([...before.parent]);
		const statistics = treeStatistics(after);
		expect(after.rollouts).toHaveLength(3);
		expect([...statistics.reached]).toEqual([3, 3, 1, 1, 1, 1]);
	});
});

describe("hostile sizes", () => {
	test("20,000 steps with a fork at each, and 10,000 children of one node", () => {
		const long = rollout("long", "");
		const origin = { file: "f", entry: null, start: 0, end: 0, line: 1, pointer: "", index: null };
		long.rollout.steps = Array.from({ length: 20_000 }, (_, step) => ({
			...blankStep(origin, "agent"),
			step,
			text: String(step),
		}));
		const forks = Array.from({ length: 20_000 }, (_, step) =>
			rollout(`fork ${step}`, "z", { parent: "long", branchStep: step, relation: "branch" }),
		);
		const wide = Array.from({ length: 10_000 }, (_, index) =>
			rollout(`wide ${index}`, "", { parent: "long", branchStep: 5, relation: "branch" }),
		);
		for (const [index, { rollout }] of wide.entries())
			rollout.steps = [{ ...blankStep(origin, "agent"), text: `w${index}` }];
		const tree = mergeRollouts([...forks, ...wide, long], DEFAULT_NORMALISATION);
		expect(tree.parent.length).toBe(1 + 20_000 + 20_000 + 10_000);
		expect(treeStatistics(tree).through[1]).toBe(30_001);
		expect(drawTree(tree, { label: String }).split("\n").length).toBe(20_000 - 1 + 20_000 + 10_000 + 1);
	});

	test("arguments nested 100,000 deep", () => {
		const deep = rollout("deep", "a");
		deep.rollout.steps[0]!.calls[0]!.arguments = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
		expect(mergeRollouts([deep], DEFAULT_NORMALISATION).parent.length).toBe(2);
	});
});
