// A rollout tree as text: for the terminal, and for tests whose expectations are drawings.
import { outcomeSign, plain, reward } from "../text/format.ts";
import type { PlacedRollout, RolloutTree } from "./merge.ts";
import { type Children, childCount, orderChildren, runFrom } from "./order.ts";
import { successRate, type TreeStatistics, treeStatistics } from "./statistics.ts";

export interface PictureOptions {
	/** Short name of a node's step. */
	label(node: number): string;
	/** A run longer than this shows its first steps, how many follow, and its last. */
	longestRun: number;
	/** Forks inside each other beyond this are no longer indented: lines would grow without bound. */
	deepestIndent: number;
}

const DEFAULTS = { longestRun: 12, deepestIndent: 40 };

interface Pending {
	node: number;
	lead: string;
	branch: string;
	level: number;
}

/**
 * One line for each unbranched run: its steps, the attempts through it, how many of them succeeded, and the rollouts
 * that end there. Children stand below their fork, best first.
 */
export function drawTree(tree: RolloutTree, options: Partial<PictureOptions> & Pick<PictureOptions, "label">): string {
	const settings: PictureOptions = { ...DEFAULTS, ...options };
	const statistics = treeStatistics(tree);
	const children = orderChildren(tree, statistics);
	const ends = rolloutsByEnd(tree);
	const lines: string[] = [];
	const pending: Pending[] = below(children, 0, "", 0, settings);
	for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
		const run = runFrom(children, statistics, next.node);
		const last = run.at(-1) as number;
		const facts = [describe(statistics, last), ...(ends.get(last) ?? []).map(describeEnd)];
		lines.push(
			`${next.lead}${next.branch}${joinRun(run, settings)}  ${facts.filter((fact) => fact !== "").join("  ")}`,
		);
		const lead = next.lead + (next.branch === "" ? "" : next.branch.startsWith("└") ? "  " : "│ ");
		for (const child of below(children, last, lead, next.level + 1, settings)) pending.push(child);
	}
	return lines.join("\n");
}

/** The children of a node as the lines to come, in the order in which a stack gives them back. */
function below(children: Children, node: number, lead: string, level: number, settings: PictureOptions): Pending[] {
	const from = children.start[node] as number;
	const count = childCount(children, node);
	return Array.from({ length: count }, (_, index): Pending => {
		const position = count - 1 - index;
		const only = level === 0 && count === 1;
		return {
			node: children.list[from + position] as number,
			lead: level > settings.deepestIndent ? "" : lead,
			branch: only ? "" : index === 0 ? "└─" : "├─",
			level,
		};
	});
}

function joinRun(run: number[], settings: PictureOptions): string {
	if (run.length <= settings.longestRun) return run.map(settings.label).join(" ─ ");
	const shown = settings.longestRun - 2;
	const head = run.slice(0, shown).map(settings.label);
	return [...head, `⋯ ${run.length - shown - 1} steps ⋯`, settings.label(run.at(-1) as number)].join(" ─ ");
}

function describe(statistics: TreeStatistics, node: number): string {
	const through = statistics.through[node] as number;
	const rate = successRate(statistics, node);
	if (through === 0) return "";
	return Number.isNaN(rate) ? `×${through}` : `×${through} solved ${plain(rate, 2)}`;
}

function describeEnd(rollout: PlacedRollout): string {
	const given = rollout.reward === null ? "" : ` ${reward(rollout.reward)}`;
	return `${outcomeSign(rollout.outcome)}${given} ${rollout.id}`;
}

function rolloutsByEnd(tree: RolloutTree): Map<number, PlacedRollout[]> {
	const ends = new Map<number, PlacedRollout[]>();
	for (const rollout of tree.rollouts) {
		const here = ends.get(rollout.end);
		if (here === undefined) ends.set(rollout.end, [rollout]);
		else here.push(rollout);
	}
	return ends;
}
