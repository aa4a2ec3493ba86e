// Which tool follows which, at three grains: the call, its category, and the pair of calls before it. Lift compares with
// how often the second tool is called anyway.
import type { Rollout } from "../model/trajectory.ts";
import { type Metric, type MetricValue, metricValue, type RunView, wholeRun } from "./metric.ts";

/** Rows shown of each grain, the most frequent first. */
const SHOWN = 30;

const CATEGORIES: readonly [string, RegExp][] = [
	["search", /(search|find|query|lookup|grep|browse)/i],
	["write", /(create|update|delete|remove|write|edit|set|send|cancel|book|modify|add|insert|submit|exchange|return)/i],
	["run", /(bash|shell|exec|run|python|terminal|execute)/i],
	["ask", /(ask|call_user|inquire|confirm|transfer)/i],
	["read", /(get|read|list|show|view|open|fetch|check|calculate|think)/i],
];

/** What kind of tool a name speaks of; "other" where it does not. */
export function categoryOf(name: string): string {
	return CATEGORIES.find(([, pattern]) => pattern.test(name))?.[0] ?? "other";
}

export interface Transition {
	from: string;
	to: string;
	count: number;
	/** P(to after from) / P(to). */
	lift: number;
	low: number;
	high: number;
}

/**
 * Transitions of all sequences, the most frequent first. The interval of the lift is normal on its logarithm, with the
 * delta method's variance 1/n(from,to) - 1/n(from) + 1/n(to) - 1/n.
 */
export function transitionsOf(sequences: readonly (readonly string[])[], order: 1 | 2): Transition[] {
	const pairs = new Map<string, { from: string; to: string; count: number }>();
	const fromCounts = new Map<string, number>();
	const toCounts = new Map<string, number>();
	let total = 0;
	const add = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
	for (const sequence of sequences) {
		for (let at = order; at < sequence.length; at++) {
			const from = sequence.slice(at - order, at).join(" \u2192 ");
			const to = sequence[at] as string;
			const key = JSON.stringify([from, to]);
			const pair = pairs.get(key) ?? { from, to, count: 0 };
			pair.count++;
			pairs.set(key, pair);
			add(fromCounts, from);
			add(toCounts, to);
			total++;
		}
	}
	return [...pairs.values()]
		.sort((a, b) => b.count - a.count || (a.from + a.to < b.from + b.to ? -1 : 1))
		.map((pair) => withLift(pair, fromCounts.get(pair.from) as number, toCounts.get(pair.to) as number, total));
}

function withLift(
	pair: Pick<Transition, "from" | "to" | "count">,
	from: number,
	to: number,
	total: number,
): Transition {
	const lift = (pair.count * total) / (from * to);
	const half = 1.959964 * Math.sqrt(Math.max(0, 1 / pair.count - 1 / from + 1 / to - 1 / total));
	return { ...pair, lift, low: lift * Math.exp(-half), high: lift * Math.exp(half) };
}

function toolsOf(rollout: Rollout): string[] {
	return rollout.steps.flatMap((step) => (step.role === "agent" ? step.calls.map((call) => call.name) : []));
}

function compute(run: RunView): MetricValue[] {
	const sequences = run.tasks.flatMap((task) => task.attempts.map(({ rollout }) => toolsOf(rollout)));
	const grains: [string, Transition[]][] = [
		["call", transitionsOf(sequences, 1)],
		[
			"category",
			transitionsOf(
				sequences.map((sequence) => sequence.map(categoryOf)),
				1,
			),
		],
		["two-step", transitionsOf(sequences, 2)],
	];
	return grains.flatMap(([grain, transitions]) => {
		if (transitions.length === 0)
			return [metricValue(wholeRun(run), `lift, ${grain}`, { reason: "no two calls in a row" })];
		return transitions
			.slice(0, SHOWN)
			.map(({ from, to, count, lift, low, high }) =>
				metricValue(wholeRun(run), `lift, ${grain}, ${from} \u2192 ${to}`, { value: lift, count, low, high }),
			);
	});
}

export const transitions: Metric = {
	id: "tool-transitions",
	title: "Tool transitions",
	formulas: [
		"lift = P(to | from) / P(to), with a 95 % interval",
		"grains: call, category (search, write, run, ask, read, other), two calls before",
	],
	source: { title: "Association rules", reference: "Brin et al. 1997", where: "lift" },
	grade: "M",
	choice: "categories are read off the tools' names; the 30 most frequent transitions of each grain",
	needs: "calls",
	better: "neither",
	parameters: [],
	compute,
};
