// A way of searching: which prefixes to continue from next, and what the results so far say.
import type { Search } from "./search.ts";

/** What is known of the value of one prefix. */
export interface ValueBound {
	prefix: number;
	successes: number;
	tries: number;
	/** Two-sided 95 % Wilson interval; null where it was never tried. */
	interval: { low: number; high: number } | null;
	/** One-sided exact 95 % upper bound where no try succeeded: 1 - 0.05^(1/n). Null otherwise. */
	upper: number | null;
}

export interface VerdictBase {
	/** Probability of the verdict under the search's own model; null where it has none. */
	probability: number | null;
	/** The prefix that ends with the step, and the one before it; of the whole interval where it is unresolved. */
	bounds: ValueBound[];
	/** What a reader must know, in words. */
	note: string;
}

/**
 * `step`: after this step no continuation succeeds. `none`: after every step some continuation succeeds, so only the final
 * answer was wrong. `unresolved`: the step lies from `from` to `to` (K + 1 stands for "none"), as far as is known.
 * `contradiction`: a later prefix recovers although an earlier one seems lost.
 */
export type Verdict = VerdictBase &
	(
		| { kind: "step"; step: number }
		| { kind: "none" }
		| { kind: "unresolved"; from: number; to: number }
		| { kind: "contradiction"; lost: number; recovered: number }
	);

export interface ProbeStrategy {
	/** Stable name in settings and messages. */
	id: string;
	title: string;
	/** One sentence: how it decides. */
	explanation: string;
	/** Prefixes for the next round, the same one more than once where wanted; empty when the search is over. */
	next(search: Search): number[];
	verdict(search: Search): Verdict;
}

/** The verdict on a rollout in which there is nothing to try. */
export const NO_STEP: Verdict = { kind: "none", probability: null, bounds: [], note: "there is no step to try" };
