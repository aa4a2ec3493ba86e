// What a number of tries says about a value, and how few rollouts any search could need.
import { wilson } from "../math/intervals.ts";
import { type Search, tries } from "./search.ts";
import type { ValueBound } from "./strategy.ts";

/** What the tries at a prefix say about its value. */
export function valueBound(search: Search, prefix: number): ValueBound {
	const successes = search.successes[prefix] as number;
	const count = tries(search, prefix);
	return { prefix, successes, tries: count, interval: wilson(successes, count), upper: upperBound(successes, count) };
}

/** One-sided exact 95 % upper bound of a success probability after `tries` failures in a row. */
export function upperBound(successes: number, count: number): number | null {
	return successes > 0 || count === 0 ? null : 1 - 0.05 ** (1 / count);
}

/** Bounds of the prefixes `from` to `to` that exist. */
export function boundsOf(search: Search, from: number, to: number): ValueBound[] {
	const bounds: ValueBound[] = [];
	for (let prefix = Math.max(0, from); prefix <= Math.min(search.steps, to); prefix++)
		bounds.push(valueBound(search, prefix));
	return bounds;
}

/** Chance that a prefix of value p fails `count` times in a row and is taken for lost. */
export function falseLoss(value: number, count: number): number {
	return (1 - value) ** count;
}

/**
 * Capacity in bits per rollout of the channel from "is the prefix recoverable" to the result: a Z channel, as a lost prefix
 * never succeeds and a recoverable one succeeds with probability p.
 */
export function zCapacity(p: number): number {
	if (p <= 0) return 0;
	return p >= 1 ? 1 : Math.log2(1 + p * (1 - p) ** ((1 - p) / p));
}

/**
 * Fewest rollouts, on average, with which any search names one of `answers` equally likely answers with this accuracy
 * (Fano's inequality over the Z channel's capacity; it holds with feedback and for searches that choose when to stop).
 */
export function fewestRollouts(answers: number, accuracy: number, p: number): number {
	const missed = 1 - accuracy;
	const doubt = missed <= 0 ? 0 : -missed * Math.log2(missed) - accuracy * Math.log2(accuracy);
	const bits = Math.log2(answers) - doubt - missed * Math.log2(Math.max(1, answers - 1));
	return Math.max(0, bits) / zCapacity(p);
}
