// How good a list of answers is.
import type { Interval } from "../../math/intervals.ts";
import { clusterBootstrap, mcNemar } from "../../math/intervals.ts";
import { seededRandom } from "../../math/random.ts";
import type { EvaluationItem } from "./items.ts";
import type { Method, Ranked } from "./predictions.ts";

/** Shares of rollouts; null where there are none to count. */
export interface Measures {
	/** Right on all rollouts, "none" included. */
	all: number;
	/** Right on those that have an error. */
	onErrors: number | null;
	/** "None" on those that have none. */
	onClean: number | null;
	/** ProcessBench's F1: harmonic mean of the two. Null where one of the two kinds is missing, 0 where both are 0. */
	f1: number | null;
	/** The error is among the first three (five) steps that the method lists. */
	top3: number | null;
	top5: number | null;
	/** At most one step of the agent off. */
	withinOne: number | null;
	/**
	 * Share of steps told right from wrong: those up to the first error, or all where there is none; a method calls steps
	 * wrong from its first error on.
	 */
	steps: number;
	/** 95 % intervals by bootstrap over tasks; null for fewer than two tasks. */
	intervals: { all: Interval | null; onErrors: Interval | null; top3: Interval | null };
}

const SEED = 20260101;
const DRAWS = 2000;

interface Counts {
	items: number;
	right: number;
	errors: number;
	errorsRight: number;
	clean: number;
	cleanRight: number;
	top3: number;
	top5: number;
	near: number;
	steps: number;
	stepsRight: number;
}

function countsOf(item: EvaluationItem, ranked: Ranked | null): Counts {
	const counts: Counts = {
		items: 1,
		right: 0,
		errors: 0,
		errorsRight: 0,
		clean: 0,
		cleanRight: 0,
		top3: 0,
		top5: 0,
		near: 0,
		steps: 0,
		stepsRight: 0,
	};
	const first = ranked === null || ranked.length === 0 ? undefined : ranked[0];
	const right = isRight(item, ranked);
	counts.right = Number(right);
	const length = item.candidates.steps.length;
	if (item.step === null) {
		counts.clean = 1;
		counts.cleanRight = Number(right);
		counts.steps = length;
		counts.stepsRight = first === undefined ? 0 : first === null ? length : Math.max(0, first);
		return counts;
	}
	counts.errors = 1;
	counts.errorsRight = Number(right);
	const truth = item.truth as number;
	if (!item.reachable) return counts;
	const listed = (ranked ?? []).filter((position) => position !== null);
	counts.top3 = Number(listed.slice(0, 3).includes(truth));
	counts.top5 = Number(listed.slice(0, 5).includes(truth));
	counts.near = Number(typeof first === "number" && first >= 0 && Math.abs(first - truth) <= 1);
	counts.steps = truth + 1;
	const from = first === null ? length : (first ?? length);
	counts.stepsRight =
		first === undefined ? 0 : Math.min(from < 0 ? length : from, truth) + Number(from >= 0 && from <= truth);
	return counts;
}

export function isRight(item: EvaluationItem, ranked: Ranked | null): boolean {
	return item.reachable && ranked !== null && ranked.length > 0 && ranked[0] === item.truth;
}

function add(sum: Counts, more: Counts): void {
	for (const key of Object.keys(sum) as (keyof Counts)[]) sum[key] += more[key];
}

function total(parts: readonly Counts[]): Counts {
	const sum: Counts = {
		items: 0,
		right: 0,
		errors: 0,
		errorsRight: 0,
		clean: 0,
		cleanRight: 0,
		top3: 0,
		top5: 0,
		near: 0,
		steps: 0,
		stepsRight: 0,
	};
	for (const part of parts) add(sum, part);
	return sum;
}

export function measure(items: readonly EvaluationItem[], answers: readonly (Ranked | null)[]): Measures {
	const counts = items.map((item, index) => countsOf(item, answers[index] ?? null));
	const sum = total(counts);
	const byTask = tasksOf(items).map((members) => total(members.map((index) => counts[index] as Counts)));
	const interval = (of: (sum: Counts) => number) => {
		const drawn = (tasks: Int32Array) => of(total([...tasks].map((task) => byTask[task] as Counts)));
		return clusterBootstrap(byTask.length, drawn, seededRandom(SEED), DRAWS);
	};
	const onErrors = share(sum.errorsRight, sum.errors);
	const onClean = share(sum.cleanRight, sum.clean);
	return {
		all: sum.right / sum.items,
		onErrors,
		onClean,
		f1: harmonic(onErrors, onClean),
		top3: share(sum.top3, sum.errors),
		top5: share(sum.top5, sum.errors),
		withinOne: share(sum.near, sum.errors),
		steps: sum.stepsRight / Math.max(1, sum.steps),
		intervals: {
			all: interval(({ right, items: count }) => right / count),
			onErrors: interval(({ errorsRight, errors }) => errorsRight / errors),
			top3: interval(({ top3, errors }) => top3 / errors),
		},
	};
}

function share(part: number, whole: number): number | null {
	return whole === 0 ? null : part / whole;
}

function harmonic(a: number | null, b: number | null): number | null {
	if (a === null || b === null) return null;
	return a + b === 0 ? 0 : (2 * a * b) / (a + b);
}

function tasksOf(items: readonly EvaluationItem[]): number[][] {
	return [
		...Map.groupBy(
			items.map((_, index) => index),
			(index) => items[index]?.task,
		).values(),
	];
}

/** One method against another on the same rollouts. */
export interface Comparison {
	method: string;
	against: string;
	/** Rollouts that only one of the two got right. */
	onlyMethod: number;
	onlyOther: number;
	/** Two-sided exact probability of so uneven a split (McNemar). */
	chance: number;
	/** Difference of the share of all rollouts, with its paired 95 % interval by bootstrap over tasks. */
	difference: number;
	interval: Interval | null;
	/** True only where the interval excludes 0 in the method's favour. */
	better: boolean;
}

export function compare(items: readonly EvaluationItem[], method: Method, other: Method): Comparison {
	const gains = items.map(
		(item, index) =>
			Number(isRight(item, method.answers[index] ?? null)) - Number(isRight(item, other.answers[index] ?? null)),
	);
	const onlyMethod = gains.filter((gain) => gain > 0).length;
	const onlyOther = gains.filter((gain) => gain < 0).length;
	const tasks = tasksOf(items).map((members) => ({
		gain: members.reduce((sum, index) => sum + (gains[index] as number), 0),
		size: members.length,
	}));
	const difference = (drawn: Int32Array) => {
		let gain = 0;
		let size = 0;
		for (const task of drawn) {
			gain += tasks[task]?.gain ?? 0;
			size += tasks[task]?.size ?? 0;
		}
		return gain / size;
	};
	const interval = clusterBootstrap(tasks.length, difference, seededRandom(SEED), DRAWS);
	return {
		method: method.name,
		against: other.name,
		onlyMethod,
		onlyOther,
		chance: mcNemar(onlyMethod, onlyOther),
		difference: (onlyMethod - onlyOther) / items.length,
		interval,
		better: interval !== null && interval.low > 0,
	};
}
