// Value profiles of failed rollouts without a world: what a search over prefixes is tried on at any length and difficulty.
import { PURPOSE, uniform } from "./random.ts";

/**
 * Success probability after 0, 1, ... K agent steps: K + 1 numbers, the last one 0. `target` is the ordinal of the first step (from 0)
 * after which the value is 0; null where even the last prefix can still succeed, so that only the final answer was wrong.
 */
export interface Profile {
	values: number[];
	target: number | null;
}

/** `flat`: p before the target. `ramp`: p, but p/2 and p/4 on the last two steps before it. `varied`: Beta-distributed around p. */
export type ProfileShape = "flat" | "ramp" | "varied";

export interface ProfileOptions {
	/** Agent steps, at least 1. */
	steps: number;
	/** Value of prefixes that can still succeed; for `varied` their mean. */
	p: number;
	shape: ProfileShape;
	seed: number;
}

/** Alpha plus beta of the Beta distribution of `varied`. */
const STRENGTH = 4;
const RAMP = [0.25, 0.5];

/** A profile whose target is uniform over the steps and "none". */
export function makeProfile({ steps, p, shape, seed }: ProfileOptions): Profile {
	const drawn = Math.floor(uniform(seed, 0, PURPOSE.world) * (steps + 1));
	const target = drawn === steps ? null : drawn;
	const last = target ?? steps;
	const values = Array.from({ length: steps + 1 }, (_, taken) => {
		if (taken > last) return 0;
		if (shape === "varied") return betaNear(p, seed, taken + 1);
		return p * (shape === "ramp" && target !== null ? (RAMP[last - taken] ?? 1) : 1);
	});
	return { values, target };
}

/**
 * A draw from Beta(a, b) with whole a + b = STRENGTH and mean near p, as an order statistic of uniform numbers: the a-th smallest of
 * a + b - 1 of them. For other means the draws of the two nearest whole a are mixed.
 */
function betaNear(p: number, seed: number, place: number): number {
	const exact = Math.min(STRENGTH - 1, Math.max(1, p * STRENGTH));
	const low = Math.floor(exact);
	const alpha = uniform(seed, place, PURPOSE.decision) < exact - low ? low + 1 : low;
	const draws = Array.from({ length: STRENGTH - 1 }, (_, index) =>
		uniform(seed, place * STRENGTH + index, PURPOSE.customer),
	).sort((left, right) => left - right);
	return draws[alpha - 1]!;
}
