// How different the attempts at a task are: distinct action sequences, mean edit distance, effective number of strategies.

import { type Random, randomIndex } from "../math/random.ts";
import { actionKey } from "../model/action.ts";
import type { Rollout } from "../model/trajectory.ts";
import {
	type Measured,
	type Metric,
	type MetricContext,
	type MetricValue,
	meanMeasured,
	metricValue,
	type RunView,
	type TaskView,
	taskOf,
	wholeRun,
} from "./metric.ts";

/** Pairs compared in one group; larger groups are sampled. */
const PAIRS = 300;
/** Actions of a rollout that are compared; longer ones are cut. */
const LENGTH = 400;

/** Levenshtein distance between two sequences. */
export function editDistance(one: readonly string[], two: readonly string[]): number {
	let last = Int32Array.from({ length: two.length + 1 }, (_, index) => index);
	one.forEach((key, row) => {
		const next = new Int32Array(two.length + 1);
		next[0] = row + 1;
		two.forEach((other, column) => {
			const replaced = (last[column] as number) + (key === other ? 0 : 1);
			next[column + 1] = Math.min(replaced, (last[column + 1] as number) + 1, (next[column] as number) + 1);
		});
		last = next;
	});
	return last[two.length] as number;
}

/** exp of the entropy of the shares: n for n equal ones, near 1 where one dominates. */
export function effectiveNumber(counts: Iterable<number>): number {
	const list = [...counts];
	const total = list.reduce((sum, count) => sum + count, 0);
	return Math.exp(-list.reduce((sum, count) => sum + (count / total) * Math.log(count / total), 0));
}

function actionsOf(rollout: Rollout): string[] {
	return rollout.steps.filter((step) => step.role === "agent" && step.calls.length > 0).map(actionKey);
}

/** Mean of the edit distance divided by the longer length, over pairs. */
function meanDistance(sequences: readonly string[][], random: Random): number {
	const count = sequences.length;
	const cut = sequences.map((sequence) => sequence.slice(0, LENGTH));
	const distance = (a: number, b: number) => {
		const [one, two] = [cut[a] as string[], cut[b] as string[]];
		const longer = Math.max(one.length, two.length);
		return longer === 0 ? 0 : editDistance(one, two) / longer;
	};
	let sum = 0;
	let pairs = 0;
	if ((count * (count - 1)) / 2 <= PAIRS) {
		for (let a = 0; a < count; a++) for (let b = a + 1; b < count; b++, pairs++) sum += distance(a, b);
	} else {
		for (; pairs < PAIRS; pairs++) {
			const a = randomIndex(random, count);
			sum += distance(a, (a + 1 + randomIndex(random, count - 1)) % count);
		}
	}
	return sum / pairs;
}

function measure(task: TaskView, random: Random): [string, Measured][] {
	const sequences = task.attempts.map(({ rollout }) => actionsOf(rollout));
	if (sequences.length < 2) return [["distinct", { reason: "a single rollout" }]];
	const counts = new Map<string, number>();
	for (const sequence of sequences) {
		const key = JSON.stringify(sequence);
		counts.set(key, (counts.get(key) ?? 0) + 1);
	}
	const count = sequences.length;
	return [
		["distinct", { value: counts.size / count, count }],
		["edit distance", { value: meanDistance(sequences, random), count }],
		["strategies", { value: effectiveNumber(counts.values()), count }],
	];
}

function compute(run: RunView, context: MetricContext): MetricValue[] {
	const random = context.random();
	const byTask = run.tasks.map((task) => ({ task, measured: measure(task, random) }));
	const rows = byTask.flatMap(({ task, measured }) =>
		measured.map(([part, value]) => metricValue(taskOf(run, task), part, value)),
	);
	const parts = ["distinct", "edit distance", "strategies"];
	const means = parts.map((part) => {
		const values = byTask.flatMap(({ measured }) =>
			measured.flatMap(([name, value]) => (name === part ? [value] : [])),
		);
		return metricValue(wholeRun(run), part, meanMeasured(values));
	});
	return [...rows, ...means];
}

export const diversity: Metric = {
	id: "diversity",
	title: "Group diversity",
	formulas: [
		"distinct = different action sequences / rollouts",
		"edit distance = mean over pairs of Levenshtein distance / longer length",
		"strategies = exp(entropy of the shares of equal sequences)",
	],
	source: { title: "Hill numbers", reference: "Hill 1973", where: "order 1" },
	grade: "M",
	choice:
		"actions are calls with canonical arguments; groups with more than 300 pairs are sampled; sequences are cut at 400 actions",
	needs: "calls",
	better: "neither",
	parameters: [],
	compute,
};
