// Binary search over prefixes: ELPO's Algorithm 1 as published (arXiv 2602.09598), and the inclusive form that fits the
// paper's figure, confirms the step that it names and knows "only the final answer was wrong".
import { boundsOf, falseLoss } from "./bounds.ts";
import { left, type Search, tries } from "./search.ts";
import { NO_STEP, type ProbeStrategy, type Verdict } from "./strategy.ts";

export interface TryRule {
	/** Fewest and most continuations a prefix; with entropies in between, by equation 5. */
	fewest: number;
	most: number;
	/** Steepness of equation 5. */
	beta: number;
	/** Stops at the first success of a prefix. The paper does not. */
	stopEarly: boolean;
}

/** The paper's settings (table 2). */
export const PAPER_TRIES: TryRule = { fewest: 1, most: 3, beta: 5, stopEarly: false };

/**
 * X_m of equation 5: X_min + (X_max - X_min) · sigmoid(beta · gap), a number between the fewest and the most.
 * @param gap entropy after the step minus entropy of the first response, in nats
 */
export function wantedTries(rule: TryRule, gap: number): number {
	return rule.fewest + (rule.most - rule.fewest) / (1 + Math.exp(-rule.beta * gap));
}

/**
 * Continuations at the prefix that ends with `step`, rounded half up (the paper leaves the rounding open). Without entropies
 * the most.
 */
export function triesAt(rule: TryRule, search: Search, step: number): number {
	const { entropies } = search.settings;
	const own = entropies?.steps[step - 1] ?? null;
	if (entropies === null || own === null) return rule.most;
	return Math.floor(wantedTries(rule, own - entropies.root) + 0.5);
}

/** Where the search stands: the interval that is left, and the prefix that is being tried. */
interface Stand {
	low: number;
	high: number;
	/** Earliest prefix that was found lost; null while none was. */
	lost: number | null;
	/** Prefix to try next; null when the search is over. */
	probe: number | null;
	/** Continuations still wanted there. */
	wanted: number;
	/** Prefixes that were taken for lost, with their tries. */
	losses: { prefix: number; tries: number }[];
}

/** Replays the decisions from the counts: the same counts give the same stand, however they came about. */
function standOf(search: Search, rule: TryRule, inclusive: boolean): Stand {
	const stand: Stand = { low: 1, high: search.steps, lost: null, probe: null, wanted: 0, losses: [] };
	while (inclusive ? stand.low <= stand.high : stand.low < stand.high) {
		const middle = Math.floor((stand.low + stand.high) / 2);
		const recovered = (search.successes[middle] as number) > 0;
		const wanted = rule.stopEarly && recovered ? 0 : triesAt(rule, search, middle) - tries(search, middle);
		if (wanted > 0) return { ...stand, probe: middle, wanted };
		if (recovered) stand.low = middle + 1;
		else {
			stand.losses.push({ prefix: middle, tries: tries(search, middle) });
			stand.lost = middle;
			stand.high = inclusive ? middle - 1 : middle;
		}
	}
	return stand;
}

function next(search: Search, rule: TryRule, inclusive: boolean): number[] {
	const { probe, wanted } = standOf(search, rule, inclusive);
	const count = Math.min(probe === null ? 0 : wanted, left(search), Math.max(1, search.settings.batch));
	return new Array<number>(count).fill(probe ?? 0);
}

function verdict(search: Search, rule: TryRule, inclusive: boolean): Verdict {
	if (search.steps === 0) return NO_STEP;
	const stand = standOf(search, rule, inclusive);
	const recovered =
		stand.losses.length === 0
			? -1
			: search.successes.findIndex((count, prefix) => prefix > (stand.losses[0]?.prefix ?? 0) && count > 0);
	const contradicted = stand.losses.find(({ prefix }) =>
		search.successes.some((count, later) => later > prefix && count > 0),
	);
	if (contradicted !== undefined) {
		const later = recovered === -1 ? search.steps : recovered;
		const bounds = [...boundsOf(search, contradicted.prefix, contradicted.prefix), ...boundsOf(search, later, later)];
		return {
			kind: "contradiction",
			lost: contradicted.prefix,
			recovered: later,
			probability: null,
			bounds,
			note: "a later prefix recovers although an earlier one never did: more tries at the earlier one would tell",
		};
	}
	if (stand.probe !== null || (!inclusive && stand.losses.length === 0 && search.steps <= 1)) {
		const to = inclusive && stand.lost === null ? search.steps + 1 : (stand.lost ?? search.steps);
		return {
			kind: "unresolved",
			from: Math.min(stand.low, to),
			to,
			probability: null,
			bounds: boundsOf(search, stand.low, to),
			note: "the budget ended before the search did",
		};
	}
	const note = earlyNote(search, stand.losses);
	if (inclusive && stand.lost === null) {
		return {
			kind: "none",
			probability: null,
			bounds: boundsOf(search, search.steps, search.steps),
			note: "a continuation succeeded after every step that was tried: only the final answer was wrong",
		};
	}
	const step = inclusive ? (stand.lost as number) : stand.low;
	const confirmed = tries(search, step) > 0 && search.successes[step] === 0;
	const bounds = boundsOf(search, step - 1, step);
	return {
		kind: "step",
		step,
		probability: null,
		bounds,
		note: confirmed ? note : `step ${step} itself was not tried: the algorithm takes the last step left for the error`,
	};
}

/** The verdict can only be too early: how likely, if recoverable prefixes succeed as often as whole rollouts do. */
function earlyNote(search: Search, losses: Stand["losses"]): string {
	const { successes, failures } = search.settings.group;
	const value = search.settings.knownValue ?? (successes + 1) / (successes + failures + 2);
	const early = 1 - losses.reduce((right, loss) => right * (1 - falseLoss(value, loss.tries)), 1);
	return `too early with probability up to ${early.toFixed(2)} where recoverable prefixes succeed in ${Math.round(value * 100)} % of tries`;
}

export function binaryStrategy(id: string, title: string, rule: TryRule, inclusive: boolean): ProbeStrategy {
	return {
		id,
		title,
		explanation: inclusive
			? `Halves the steps that are left, with up to ${rule.most} continuations a prefix; confirms the step that it names.`
			: `ELPO's Algorithm 1: halves the steps that are left, with ${rule.fewest} to ${rule.most} continuations a prefix; takes the last one left.`,
		next: (search) => next(search, rule, inclusive),
		verdict: (search) => verdict(search, rule, inclusive),
	};
}

export const paper = binaryStrategy("paper", "As published", PAPER_TRIES, false);
export const inclusive = binaryStrategy("inclusive", "Inclusive search", { ...PAPER_TRIES, stopEarly: true }, true);
