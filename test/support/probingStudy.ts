// The measurements of probing behind docs/probing.md: searches over the same failures, kept failure by failure, so that
// intervals can be drawn over them.

import { seededRandom } from "../../src/core/math/random.ts";
import { adaptive } from "../../src/core/probing/adaptive.ts";
import { answersOf } from "../../src/core/probing/belief.ts";
import { binaryStrategy, PAPER_TRIES, paper } from "../../src/core/probing/binary.ts";
import { fewestRollouts } from "../../src/core/probing/bounds.ts";
import { type Search, type SearchSettings, spent } from "../../src/core/probing/search.ts";
import type { ProbeStrategy } from "../../src/core/probing/strategy.ts";
import { drawCase, type ProbeCase, type Run, searchCase, type World } from "./probeWorlds.ts";

/** A verifier that never errs, and "lost" in the strict sense. */
export const IDEAL: Partial<SearchSettings> = { verifier: { falsePositive: 0, falseNegative: 0 }, epsilon: 0 };
/** No search is cut short by its budget unless a study says so. */
const PLENTY = 400;
const CONFIDENCES = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];
const MOST_FIXED_TRIES = 20;

/** Answers and rollouts of one way of searching, one entry a failure. */
export interface Outcomes {
	right: Uint8Array;
	rollouts: Float64Array;
}

export interface Point {
	accuracy: number;
	rollouts: number;
}

export function drawCases(world: World, count: number): ProbeCase[] {
	const random = seededRandom(world.steps * 1009 + Math.round(world.value * 100));
	return Array.from({ length: count }, () => drawCase(world, random));
}

/** @param settings of all searches, or of each one */
export function searchAll(
	cases: readonly ProbeCase[],
	strategy: ProbeStrategy,
	settings: Partial<SearchSettings> | ((one: ProbeCase) => Partial<SearchSettings>) = {},
	noise = 0,
): Run[] {
	const random = seededRandom(20_260_101);
	return cases.map((one) => {
		const own = typeof settings === "function" ? settings(one) : settings;
		return searchCase(one, strategy, { budget: PLENTY, ...IDEAL, ...own }, random, noise);
	});
}

/** The point that these runs, drawn with repetition, make. */
export function pointOf({ right, rollouts }: Outcomes, drawn?: Int32Array): Point {
	const count = drawn?.length ?? right.length;
	let [correct, sum] = [0, 0];
	for (let index = 0; index < count; index++) {
		const run = drawn?.[index] ?? index;
		correct += right[run] as number;
		sum += rollouts[run] as number;
	}
	return { accuracy: correct / count, rollouts: sum / count };
}

/**
 * The adaptive search stopped at each of some confidences. What is tried next does not depend on the confidence that ends
 * it, so one search tells where all of them would have ended.
 */
export function adaptiveOutcomes(
	cases: readonly ProbeCase[],
	settings: (one: ProbeCase) => Partial<SearchSettings> = () => ({}),
): Outcomes[] {
	const random = seededRandom(20_260_102);
	const outcomes = CONFIDENCES.map(() => blankOutcomes(cases.length));
	cases.forEach((one, run) => {
		let reached = 0;
		const note = (answer: number, rollouts: number) => {
			const own = outcomes[reached++] as Outcomes;
			own.right[run] = Number(answer === one.truth);
			own.rollouts[run] = rollouts;
		};
		let last = { answer: 0, rollouts: 0 };
		const watch = (search: Search) => {
			const { answer, share } = likeliest(search);
			last = { answer, rollouts: spent(search) };
			while (reached < CONFIDENCES.length && share >= (CONFIDENCES[reached] as number)) note(answer, last.rollouts);
		};
		const confidence = CONFIDENCES.at(-1) as number;
		searchCase(one, adaptive, { budget: PLENTY, ...IDEAL, ...settings(one), confidence }, random, 0, watch);
		while (reached < CONFIDENCES.length) note(last.answer, last.rollouts);
	});
	return outcomes;
}

/** The adaptive search with its budget spent whatever the confidence. */
export function spentOutcomes(
	cases: readonly ProbeCase[],
	budget: number,
	settings: Partial<SearchSettings> = {},
): Outcomes {
	const random = seededRandom(20_260_103);
	const outcomes = blankOutcomes(cases.length);
	cases.forEach((one, run) => {
		const watch = (search: Search) => {
			outcomes.right[run] = Number(likeliest(search).answer === one.truth);
			outcomes.rollouts[run] = spent(search);
		};
		searchCase(one, adaptive, { ...IDEAL, ...settings, budget, confidence: 0.999 }, random, 0, watch);
	});
	return outcomes;
}

function likeliest(search: Search): { answer: number; share: number } {
	const answers = answersOf(search);
	const share = Math.max(...answers);
	return { answer: answers.indexOf(share) + 1, share };
}

/** Inclusive searches with 1, 2, … tries a prefix, without stopping at a success. */
export function fixedOutcomes(cases: readonly ProbeCase[]): Outcomes[] {
	return Array.from({ length: MOST_FIXED_TRIES }, (_, index) => {
		const tries = index + 1;
		const rule = { ...PAPER_TRIES, fewest: tries, most: tries };
		return outcomesOf(searchAll(cases, binaryStrategy("fixed", "fixed", rule, true)));
	});
}

/** Algorithm 1 with three tries a prefix. */
export function publishedOutcomes(cases: readonly ProbeCase[]): Outcomes {
	return outcomesOf(searchAll(cases, paper));
}

export function outcomesOf(runs: readonly Run[]): Outcomes {
	return {
		right: Uint8Array.from(runs, ({ answer, truth }) => Number(answer === truth)),
		rollouts: Float64Array.from(runs, ({ rollouts }) => rollouts),
	};
}

function blankOutcomes(count: number): Outcomes {
	return { right: new Uint8Array(count), rollouts: new Float64Array(count) };
}

/** Rollouts at an accuracy, interpolated along a curve; NaN where the curve does not reach it. */
export function rolloutsAt(curve: readonly Point[], accuracy: number): number {
	const sorted = [...curve].sort((a, b) => a.rollouts - b.rollouts);
	for (const [index, point] of sorted.entries()) {
		if (point.accuracy < accuracy) continue;
		const before = sorted[index - 1];
		if (before === undefined || point.accuracy === before.accuracy) return point.rollouts;
		const share = (accuracy - before.accuracy) / (point.accuracy - before.accuracy);
		return before.rollouts + share * (point.rollouts - before.rollouts);
	}
	return Number.NaN;
}

/** The fewest rollouts with which any search could reach the accuracy, were all recoverable prefixes worth their mean. */
export function boundOf(cases: readonly ProbeCase[], accuracy: number): number {
	const bounds = cases.map(({ steps, truth, values }) => {
		const recoverable = values.slice(0, truth);
		const mean = recoverable.reduce((sum, value) => sum + value, 0) / recoverable.length;
		return fewestRollouts(steps + 1, accuracy, mean);
	});
	return bounds.reduce((sum, bound) => sum + bound, 0) / bounds.length;
}
