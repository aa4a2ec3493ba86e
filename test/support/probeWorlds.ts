// Simulated failures to search: a first irrecoverable step is drawn, continuations succeed with the values of their prefixes.

import { type Random, randomIndex } from "../../src/core/math/random.ts";
import { openSearch, record, type Search, type SearchSettings, spent } from "../../src/core/probing/search.ts";
import type { ProbeStrategy, Verdict } from "../../src/core/probing/strategy.ts";

/** How the values of recoverable prefixes spread. */
export type Values = "alike" | "spread" | "falling";

export interface World {
	steps: number;
	/** Mean success probability of recoverable prefixes. */
	value: number;
	values: Values;
	/** Chance that a failure is called a success, and the other way round. */
	noise: number;
	/** Rollouts of the group whose outcomes are known. */
	group: number;
	/** Share of the runs in which the truth is drawn from the ranked places 40 / 20 / 10 % of the evidence; null for no evidence. */
	topThree: number | null;
	/** What the evidence claims for its three places together. */
	claimed: number;
}

export const PLAIN: World = {
	steps: 16,
	value: 0.5,
	values: "alike",
	noise: 0,
	group: 8,
	topThree: null,
	claimed: 0.7,
};

/** One failed rollout to search. */
export interface ProbeCase {
	/** Steps of the agent: K. */
	steps: number;
	/** First irrecoverable step, 1 to K; K + 1 for none. */
	truth: number;
	/** [K + 1] success probability of a continuation from each prefix. */
	values: readonly number[];
	/** Outcomes of the task's other rollouts. */
	group: { successes: number; failures: number };
	/** [K + 1] share of each step and of none by the evidence; null for no evidence. */
	evidence: readonly number[] | null;
}

export interface Run {
	/** 1 to K, K + 1 for none. */
	truth: number;
	/** The verdict in the same numbers; null where it names neither a step nor none. */
	answer: number | null;
	verdict: Verdict;
	rollouts: number;
	rounds: number;
}

/** Strength of the beta distribution that spread values come from. */
const SPREAD = 4;
const FALL = [0, 0.25, 0.5];

export function drawCase(world: World, random: Random): ProbeCase {
	const { steps, value } = world;
	const truth = 1 + randomIndex(random, steps + 1);
	const values = Array.from({ length: steps + 1 }, (_, prefix) => valueAt(world, truth, prefix, random));
	const successes = count(world.group, () => random() < value);
	const evidence = world.topThree === null ? null : evidenceFor(world, truth, random);
	return { steps, truth, values, group: { successes, failures: world.group - successes }, evidence };
}

/**
 * @param noise chance that the result of a continuation is told wrongly
 * @param watch told of the search before every round and at the end
 */
export function searchCase(
	{ steps, truth, values, group, evidence }: ProbeCase,
	strategy: ProbeStrategy,
	settings: Partial<SearchSettings>,
	random: Random,
	noise = 0,
	watch: (search: Search) => void = () => {},
): Run {
	let search: Search = openSearch(steps, { group, evidence, ...settings });
	watch(search);
	for (let next = strategy.next(search); next.length > 0; next = strategy.next(search)) {
		search = record(
			search,
			next.map((prefix) => ({ prefix, success: judged(random() < (values[prefix] as number), noise, random) })),
		);
		watch(search);
	}
	const verdict = strategy.verdict(search);
	const answer = verdict.kind === "step" ? verdict.step : verdict.kind === "none" ? steps + 1 : null;
	return { truth, answer, verdict, rollouts: spent(search), rounds: search.rounds };
}

export function play(world: World, strategy: ProbeStrategy, settings: Partial<SearchSettings>, random: Random): Run {
	return searchCase(drawCase(world, random), strategy, settings, random, world.noise);
}

function judged(success: boolean, noise: number, random: Random): boolean {
	return noise > 0 && random() < noise ? !success : success;
}

function valueAt({ value, values }: World, truth: number, prefix: number, random: Random): number {
	if (prefix >= truth) return 0;
	if (values === "spread") return betaDraw(value * SPREAD, (1 - value) * SPREAD, random);
	const fall = prefix === 0 ? undefined : FALL[truth - prefix];
	return values === "falling" && fall !== undefined ? value * fall : value;
}

/** By the ratio of gamma variates (Marsaglia and Tsang 2000). */
function betaDraw(a: number, b: number, random: Random): number {
	const one = gammaDraw(a, random);
	return one / (one + gammaDraw(b, random));
}

function gammaDraw(shape: number, random: Random): number {
	if (shape < 1) return gammaDraw(shape + 1, random) * random() ** (1 / shape);
	const d = shape - 1 / 3;
	const c = 1 / Math.sqrt(9 * d);
	for (;;) {
		const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
		const v = (1 + c * normal) ** 3;
		if (v > 0 && Math.log(1 - random()) < 0.5 * normal * normal + d - d * v + d * Math.log(v)) return d * v;
	}
}

/** Places ranked 40 : 20 : 10 with the claimed total; the truth is among them with the chance `topThree`. */
function evidenceFor({ steps, topThree, claimed }: World, truth: number, random: Random): number[] {
	const others = shuffled(
		Array.from({ length: steps + 1 }, (_, index) => index).filter((index) => index !== truth - 1),
		random,
	);
	const inside = random() < (topThree ?? 0);
	const rank = [0, 0, 0, 0, 1, 1, 2][randomIndex(random, 7)] as number;
	const places = inside ? others.slice(0, 2) : others.slice(0, 3);
	if (inside) places.splice(rank, 0, truth - 1);
	const rest = (1 - claimed) / Math.max(1, steps + 1 - places.length);
	const evidence = new Array<number>(steps + 1).fill(rest);
	places.forEach((place, index) => {
		evidence[place] = (([4, 2, 1][index] as number) / 7) * claimed;
	});
	return evidence;
}

function shuffled<Value>(list: Value[], random: Random): Value[] {
	for (let index = list.length - 1; index > 0; index--) {
		const other = randomIndex(random, index + 1);
		[list[index], list[other]] = [list[other] as Value, list[index] as Value];
	}
	return list;
}

function count(times: number, happens: () => boolean): number {
	let total = 0;
	for (let time = 0; time < times; time++) if (happens()) total++;
	return total;
}

export interface Summary {
	/** Share of runs whose verdict is the truth. */
	accuracy: number;
	/** Share of runs that state a step or none, and of those the share that is right, and within one step. */
	stated: number;
	statedRight: number;
	statedNear: number;
	rollouts: number;
	rounds: number;
}

/** Verdicts other than a step or none count as not stated and as wrong. */
export function summarize(runs: readonly Run[]): Summary {
	const stated = runs.filter(({ answer }) => answer !== null);
	const right = stated.filter(({ answer, truth }) => answer === truth).length;
	const near = stated.filter(({ answer, truth }) => Math.abs((answer as number) - truth) <= 1).length;
	const mean = (of: (run: Run) => number) => runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
	return {
		accuracy: right / runs.length,
		stated: stated.length / runs.length,
		statedRight: right / stated.length,
		statedNear: near / stated.length,
		rollouts: mean((run) => run.rollouts),
		rounds: mean((run) => run.rounds),
	};
}
