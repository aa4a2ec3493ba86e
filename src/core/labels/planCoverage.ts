// How much of a reference path a rollout covers, step by step, under the order that the path demands.
import { RE2JS } from "re2js";
import { canonicalJson } from "../model/action.ts";
import type { JsonValue } from "../model/json.ts";
import { member } from "../model/json.ts";
import type { Rollout, ToolCall } from "../model/trajectory.ts";
import {
	type ArgumentMatcher,
	ancestors,
	type ReferenceAction,
	type ReferencePlan,
	type ReferenceWay,
} from "./referencePlan.ts";

export interface PlanCoverage {
	/** Number of the way that is covered best. */
	way: number;
	/** For each step of the way, the 0-based step of the rollout that takes it; null where none does. */
	taken: (number | null)[];
	/** Covered steps / steps of the way; 1 for a way without steps. */
	share: number;
}

/** Calls of one rollout that are compared with the path; later ones are passed over. */
const MOST_CALLS = 20_000;

/** Coverage by the way that fits best; null where the plan has no way. */
export function coverPlan(plan: ReferencePlan, rollout: Rollout): PlanCoverage | null {
	let best: PlanCoverage | null = null;
	for (const [number, way] of plan.ways.entries()) {
		const taken = coverWay(way, rollout);
		const covered = taken.filter((step) => step !== null).length;
		const share = taken.length === 0 ? 1 : covered / taken.length;
		if (best === null || share > best.share) best = { way: number, taken, share };
	}
	return best;
}

interface MadeCall {
	call: ToolCall;
	step: number;
}

/** For each step of the way the 0-based step of the rollout that takes it, each call taking one step; null where none does. */
export function coverWay(way: ReferenceWay, rollout: Rollout): (number | null)[] {
	const calls = rollout.steps
		.flatMap((step) => (step.role === "agent" ? step.calls.map((call) => ({ call, step: step.step })) : []))
		.slice(0, MOST_CALLS);
	const matchers = way.steps.map(({ anyOf }) => anyOf.map(actionMatcher));
	const fits = (step: number, { call }: MadeCall) => (matchers[step] ?? []).some((matches) => matches(call));
	const matched =
		way.order === "ordered"
			? longestInOrder(way.steps.length, calls, fits)
			: way.order === "unordered"
				? mostPairs(way.steps.length, calls, fits)
				: firstAllowed(way, calls, fits);
	return matched.map((call) => (call === null ? null : (calls[call] as MadeCall).step));
}

type Fits = (step: number, call: MadeCall) => boolean;

/** Ordered: the longest common subsequence, so that one step left out does not cost the steps after it. */
function longestInOrder(steps: number, calls: readonly MadeCall[], fits: Fits): (number | null)[] {
	const width = calls.length + 1;
	const length = new Int32Array((steps + 1) * width);
	const matches = new Uint8Array((steps + 1) * width);
	for (let step = steps - 1; step >= 0; step--) {
		for (let call = calls.length - 1; call >= 0; call--) {
			const cell = step * width + call;
			const fit = fits(step, calls[call] as MadeCall);
			matches[cell] = fit ? 1 : 0;
			length[cell] = fit
				? 1 + (length[cell + width + 1] as number)
				: Math.max(length[cell + width] as number, length[cell + 1] as number);
		}
	}
	const taken: (number | null)[] = Array.from({ length: steps }, () => null);
	let step = 0;
	let call = 0;
	while (step < steps && call < calls.length) {
		const cell = step * width + call;
		if (matches[cell] === 1) taken[step++] = call++;
		else if ((length[cell + width] as number) >= (length[cell + 1] as number)) step++;
		else call++;
	}
	return taken;
}

/** Unordered: a largest matching of steps and calls, each call used once (Kuhn's augmenting paths, breadth first). */
function mostPairs(steps: number, calls: readonly MadeCall[], fits: Fits): (number | null)[] {
	const taken: (number | null)[] = Array.from({ length: steps }, () => null);
	const stepOf = new Int32Array(calls.length).fill(-1);
	const options = taken.map((_, step) => calls.flatMap((call, index) => (fits(step, call) ? [index] : [])));
	for (let start = 0; start < steps; start++) {
		const cameFrom = new Map<number, number>();
		const waiting = [start];
		let end: number | null = null;
		for (let at = 0; at < waiting.length && end === null; at++) {
			const step = waiting[at] as number;
			for (const call of options[step] as number[]) {
				if (cameFrom.has(call)) continue;
				cameFrom.set(call, step);
				if (stepOf[call] === -1) {
					end = call;
					break;
				}
				waiting.push(stepOf[call] as number);
			}
		}
		while (end !== null) {
			const step = cameFrom.get(end) as number;
			const before: number | null = taken[step] ?? null;
			taken[step] = end;
			stepOf[end] = step;
			end = before;
		}
	}
	return taken;
}

/** Partially ordered: calls in their order take the first open step that fits and that no covered step had to follow. */
function firstAllowed(way: ReferenceWay, calls: readonly MadeCall[], fits: Fits): (number | null)[] {
	const before = ancestors(way) ?? [];
	const taken: (number | null)[] = way.steps.map(() => null);
	const late = new Set<number>();
	calls.forEach((call, index) => {
		const step = taken.findIndex((done, number) => done === null && !late.has(number) && fits(number, call));
		if (step < 0) return;
		taken[step] = index;
		for (const earlier of before[step] ?? []) late.add(earlier);
	});
	return taken;
}

function actionMatcher(action: ReferenceAction): (call: ToolCall) => boolean {
	const wanted = Object.entries(action.arguments).map(([name, matcher]) => ({
		name,
		matches: argumentMatcher(matcher),
	}));
	return (call) =>
		call.name === action.tool && wanted.every(({ name, matches }) => matches(member(call.arguments, name)));
}

/** An argument that the call does not have is matched by `any` only. A pattern that is none matches nothing. */
function argumentMatcher(matcher: ArgumentMatcher): (value: JsonValue | undefined) => boolean {
	switch (matcher.match) {
		case "any":
			return () => true;
		case "exact": {
			const wanted = canonicalJson(matcher.value);
			return (value) => value !== undefined && canonicalJson(value) === wanted;
		}
		case "oneOf": {
			const wanted = new Set(matcher.values.map(canonicalJson));
			return (value) => value !== undefined && wanted.has(canonicalJson(value));
		}
		case "range": {
			const { low, high } = matcher;
			return (value) => typeof value === "number" && (low === null || value >= low) && (high === null || value <= high);
		}
		case "pattern": {
			const pattern = compiled(matcher.pattern);
			return (value) =>
				value !== undefined &&
				pattern?.matcher(typeof value === "string" ? value : canonicalJson(value)).find() === true;
		}
	}
}

function compiled(pattern: string): RE2JS | null {
	try {
		return RE2JS.compile(pattern);
	} catch {
		return null;
	}
}
