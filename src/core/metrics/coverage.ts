// Trajectory coverage (AD-Bench, arXiv 2602.14257): how much of the expert's reference path the rollout contains. The
// exact formula was not published; three readings stand side by side, as in the trajectory metrics of agent kits.
import { loggedReferencePath } from "../firstError/referencePath.ts";
import { coverWay } from "../labels/planCoverage.ts";
import type { ReferencePlan, ReferenceWay } from "../labels/referencePlan.ts";
import { callKey } from "../model/action.ts";
import type { Rollout, ToolCall } from "../model/trajectory.ts";
import { loggedText } from "./logged.ts";
import {
	type Attempt,
	averaged,
	type Measured,
	type Metric,
	type MetricContext,
	type MetricValue,
	meanMeasured,
	metricValue,
	type ReferenceCall,
	type RunView,
	wholeRun,
} from "./metric.ts";

export interface Coverage {
	/** Share of reference calls that the rollout made, each call counted once, in any order. */
	anyOrder: number;
	/** Longest common subsequence / length of the reference. */
	inOrder: number;
	/** As any order, arguments ignored. */
	nameOnly: number;
	/** In the order that the path itself demands. */
	asWritten: number;
	/** Share of the rollout's calls that are in the reference; NaN where it made none. */
	precision: number;
	/** Reference calls that were not made. */
	missing: string[];
}

/** Longer pairs of paths than this (product of lengths) are not aligned in order. */
const ALIGNMENT_LIMIT = 25_000_000;

/** @returns null for an empty reference: coverage of nothing is not defined */
export function coverageOf(reference: readonly ReferenceCall[], actual: readonly ToolCall[]): Coverage | null {
	if (reference.length === 0) return null;
	const wanted = reference.map(referenceKey);
	const made = actual.map((call) => callKey(call));
	const { found, missing } = intersect(wanted, made);
	const names = intersect(
		reference.map((call) => call.name),
		actual.map((call) => call.name),
	);
	return {
		anyOrder: found / wanted.length,
		inOrder: commonSubsequence(wanted, made) / wanted.length,
		nameOnly: names.found / wanted.length,
		// a path that only the log states demands no order
		asWritten: found / wanted.length,
		precision: found / made.length,
		missing,
	};
}

/** Coverage of a path that people wrote, by the way that fits best: its alternatives and argument matchers count. */
export function coverageOfPlan(plan: ReferencePlan, rollout: Rollout): Coverage | null {
	let best: Coverage | null = null;
	for (const way of plan.ways) {
		if (way.steps.length === 0) continue;
		const coverage = coverageOfWay(way, rollout);
		if (best === null || coverage.asWritten > best.asWritten) best = coverage;
	}
	return best;
}

function coverageOfWay(way: ReferenceWay, rollout: Rollout): Coverage {
	const { steps } = way;
	const taken = (as: Partial<ReferenceWay>) => coverWay({ ...way, ...as }, rollout);
	const share = (covered: readonly (number | null)[]) => covered.filter((step) => step !== null).length / steps.length;
	const anyOrder = taken({ order: "unordered" });
	const named = steps.map((step) => ({ ...step, anyOf: step.anyOf.map(({ tool }) => ({ tool, arguments: {} })) }));
	return {
		anyOrder: share(anyOrder),
		inOrder: share(taken({ order: "ordered" })),
		nameOnly: share(taken({ order: "unordered", steps: named })),
		asWritten: share(taken({})),
		precision: (share(anyOrder) * steps.length) / callsOf(rollout).length,
		missing: steps.flatMap(({ title, id }, number) => (anyOrder[number] === null ? [title || id] : [])),
	};
}

function referenceKey(call: ReferenceCall): string {
	return callKey({ id: null, requestor: null, ...call });
}

/** Size of the multiset intersection: a call made twice covers a reference call once. */
function intersect(wanted: readonly string[], made: readonly string[]): { found: number; missing: string[] } {
	const left = new Map<string, number>();
	for (const key of made) left.set(key, (left.get(key) ?? 0) + 1);
	const missing: string[] = [];
	for (const key of wanted) {
		const count = left.get(key) ?? 0;
		if (count > 0) left.set(key, count - 1);
		else missing.push(key);
	}
	return { found: wanted.length - missing.length, missing };
}

/** Length of the longest common subsequence; NaN where the paths are too long to align. */
export function commonSubsequence(one: readonly string[], two: readonly string[]): number {
	if (one.length * two.length > ALIGNMENT_LIMIT) return Number.NaN;
	let last = new Int32Array(two.length + 1);
	for (const key of one) {
		const row = new Int32Array(two.length + 1);
		two.forEach((other, index) => {
			row[index + 1] =
				key === other ? (last[index] as number) + 1 : Math.max(row[index] as number, last[index + 1] as number);
		});
		last = row;
	}
	return last[two.length] as number;
}

function callsOf(rollout: Rollout): ToolCall[] {
	return rollout.steps.flatMap((step) => (step.role === "agent" ? step.calls : []));
}

function referenceOf(rollout: Rollout): ReferenceCall[] | null {
	const logged = loggedReferencePath(rollout);
	return logged === null ? null : logged.steps.map((step) => ({ name: step.tool, arguments: step.arguments }));
}

const PARTS = [
	["any-order", "anyOrder"],
	["in-order", "inOrder"],
	["name-only", "nameOnly"],
	["path", "asWritten"],
	["precision", "precision"],
] as const;

/** By the path that people wrote, else by the one that the log states; `count` is its length, 0 where there is none. */
function coverageIn(
	{ summary, rollout }: Attempt,
	context: MetricContext,
): { coverage: Coverage | null; count: number } {
	const plan = context.reference(summary.task);
	if (plan !== null) {
		const lengths = plan.ways.map(({ steps }) => steps.length);
		return { coverage: coverageOfPlan(plan, rollout), count: Math.max(1, ...lengths) };
	}
	const logged = referenceOf(rollout);
	if (logged === null) return { coverage: null, count: 0 };
	return { coverage: coverageOf(logged, callsOf(rollout)), count: logged.length };
}

function measure(attempt: Attempt, key: (typeof PARTS)[number][1], context: MetricContext): Measured {
	const { coverage, count } = coverageIn(attempt, context);
	if (count === 0) return { reason: "no reference path" };
	if (coverage === null) return { reason: "the reference path is empty" };
	const detail = key === "anyOrder" ? coverage.missing.slice(0, 20).map((call) => `not made: ${call}`) : [];
	if (Number.isNaN(coverage[key])) {
		return { reason: key === "precision" ? "no calls were made" : "the paths are too long to align", detail };
	}
	return { value: coverage[key], count, detail };
}

/** Mean of a part by the difficulty level that the log states, over its rollouts. */
function byLevel(run: RunView, part: string, key: (typeof PARTS)[number][1], context: MetricContext): MetricValue[] {
	const levels = new Map<string, Measured[]>();
	for (const attempt of run.tasks.flatMap((task) => task.attempts)) {
		const level = loggedText(attempt.rollout, "level", "difficulty");
		if (level !== null) levels.set(level, [...(levels.get(level) ?? []), measure(attempt, key, context)]);
	}
	return [...levels]
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([level, measured]) => metricValue(wholeRun(run), `${part}, ${level}`, meanMeasured(measured)));
}

export const coverage: Metric = {
	id: "coverage",
	title: "Trajectory coverage",
	formulas: [
		"any-order = |reference \u2229 made| / |reference|, multisets of calls (name and arguments)",
		"in-order = longest common subsequence / |reference|",
		"name-only = any-order with arguments ignored",
		"path = steps of the best way taken in the order that it demands / its steps; any-order where the log states the path",
		"precision = |reference \u2229 made| / |made|",
	],
	source: { title: "AD-Bench", reference: "arXiv 2602.14257", where: "trajectory coverage; formula not published" },
	grade: "D",
	choice:
		"the formula is our reading, in three variants; arguments are compared as canonical JSON, on paths that people wrote by their matchers; by level where the log states one",
	needs: "a reference path (entered, or logged as reference_trajectory, expected actions or the like)",
	better: "higher",
	parameters: [],
	compute: (run, context) =>
		PARTS.flatMap(([part, key]) => [
			...averaged(run, part, (attempt) => measure(attempt, key, context)),
			...byLevel(run, part, key, context),
		]),
};
