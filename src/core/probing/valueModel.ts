// What is believed of the success probabilities of prefixes: a grid of hypotheses about their mean and their shape, and the
// likelihood of tries under each.
import type { Search, SearchSettings } from "./search.ts";

/** Means of the values of recoverable prefixes that are considered. */
const MEANS = [0.03, 0.06, 0.1, 0.15, 0.2, 0.27, 0.35, 0.43, 0.5, 0.58, 0.66, 0.74, 0.82, 0.9, 0.96];
/** Midpoints for integrals over the value of one prefix. */
const NODES = 24;

/** How values spread over the prefixes before the irrecoverable step. */
interface Shape {
	/** Of the beta distribution that they are drawn from; infinite where all are alike. */
	strength: number;
	/** Whether they fall to a half and a quarter just before the step. */
	falling: boolean;
	/** Belief in the shape before any try. */
	weight: Record<Purpose, number>;
}

/**
 * `verdict`: cautious, because a search that takes all values to be alike states 0.90 and is right in 0.6 to 0.8 of cases
 * where they are not. `choice`: the next try is chosen as if they were nearly alike, which costs fewer tries for the same
 * accuracy, and nothing in honesty.
 */
export type Purpose = "verdict" | "choice";

const SHAPES: readonly Shape[] = [
	{ strength: Number.POSITIVE_INFINITY, falling: false, weight: { verdict: 0.3, choice: 0.94 } },
	{ strength: 6, falling: false, weight: { verdict: 0.15, choice: 0.03 } },
	{ strength: 2, falling: false, weight: { verdict: 0.1, choice: 0.01 } },
	{ strength: Number.POSITIVE_INFINITY, falling: true, weight: { verdict: 0.45, choice: 0.02 } },
];
/** Value of the prefix one and two steps before the irrecoverable step, as a share of the others, where values fall. */
export const FALL = [0.25, 0.5];
/** Belief that a lost prefix is lost altogether; the rest is spread up to the epsilon below which it counts as lost. */
const QUITE_LOST = 0.9;

export interface ValueModel {
	cells: readonly Cell[];
	/** Success probabilities of a try from a lost prefix. */
	lost: Values;
	/** Fits of all cells by successes and failures: the same counts come back at every try. */
	fits: Map<string, Fit[]>;
}

/** Success probabilities that a try from one prefix may have, with their shares. */
interface Values {
	values: Float64Array;
	shares: Float64Array;
}

export interface Cell extends Values {
	mean: number;
	falling: boolean;
	/** Logarithm of the belief before any try. */
	logPrior: number;
	/** For falling shapes: the success probability of a try one and two steps before the irrecoverable one. */
	near: number[];
}

/** Models depend on the settings alone and are asked for at every try. */
const known: Record<Purpose, WeakMap<SearchSettings, ValueModel>> = { verdict: new WeakMap(), choice: new WeakMap() };

export function valueModel({ settings }: Pick<Search, "settings">, purpose: Purpose): ValueModel {
	const { group, verifier, knownValue, epsilon } = settings;
	const found = known[purpose].get(settings);
	if (found !== undefined) return found;
	const observed = (value: number) =>
		verifier.falsePositive + (1 - verifier.falsePositive - verifier.falseNegative) * value;
	const cells =
		knownValue === null
			? learnedCells(group, observed, purpose)
			: [cellOf(knownValue, SHAPES[0] as Shape, 0, observed)];
	const model: ValueModel = { cells, lost: lostValues(epsilon, observed), fits: new Map() };
	known[purpose].set(settings, model);
	return model;
}

function lostValues(epsilon: number, observed: (value: number) => number): Values {
	if (!(epsilon > 0)) return { values: Float64Array.of(observed(0)), shares: Float64Array.of(1) };
	const rest = (1 - QUITE_LOST) / 2;
	return {
		values: Float64Array.of(0, epsilon / 2, epsilon).map(observed),
		shares: Float64Array.of(QUITE_LOST, rest, rest),
	};
}

/** The mean's belief is that of the group's success rate: Beta(1 + successes, 1 + failures). */
function learnedCells(
	group: { successes: number; failures: number },
	observed: (value: number) => number,
	purpose: Purpose,
): Cell[] {
	const beliefs = MEANS.map(
		(mean) => group.successes * Math.log(mean) + group.failures * Math.log(1 - mean) + Math.log(widthAt(mean)),
	);
	const top = Math.max(...beliefs);
	const total = Math.log(beliefs.reduce((sum, belief) => sum + Math.exp(belief - top), 0)) + top;
	return SHAPES.flatMap((shape) =>
		MEANS.map((mean, index) =>
			cellOf(mean, shape, (beliefs[index] as number) - total + Math.log(shape.weight[purpose]), observed),
		),
	);
}

/** Share of the unit interval that a mean of the grid stands for. */
function widthAt(mean: number): number {
	const index = MEANS.indexOf(mean);
	const low = index === 0 ? 0 : ((MEANS[index - 1] as number) + mean) / 2;
	const high = index === MEANS.length - 1 ? 1 : (mean + (MEANS[index + 1] as number)) / 2;
	return high - low;
}

function cellOf(mean: number, shape: Shape, logPrior: number, observed: (value: number) => number): Cell {
	const { values, shares } =
		shape.strength === Number.POSITIVE_INFINITY ? { values: [mean], shares: [1] } : betaNodes(mean, shape.strength);
	return {
		mean,
		falling: shape.falling,
		logPrior,
		values: Float64Array.from(values, observed),
		shares: Float64Array.from(shares),
		near: FALL.map((share) => observed(mean * share)),
	};
}

function betaNodes(mean: number, strength: number): { values: number[]; shares: number[] } {
	const a = mean * strength;
	const b = (1 - mean) * strength;
	const values = Array.from({ length: NODES }, (_, index) => (index + 0.5) / NODES);
	const densities = values.map((value) => value ** (a - 1) * (1 - value) ** (b - 1));
	const total = densities.reduce((sum, density) => sum + density, 0);
	return { values, shares: densities.map((density) => density / total) };
}

/** Logarithm of the likelihood of tries at one prefix, and the success probability of the next try there. */
export interface Fit {
	log: number;
	next: number;
}

/** [cells] fits of these counts. */
export function fitsOf(model: ValueModel, successes: number, failures: number): Fit[] {
	const key = `${successes}/${failures}`;
	const found = model.fits.get(key);
	if (found !== undefined) return found;
	const fits = model.cells.map((cell) => fitAmong(cell, successes, failures));
	model.fits.set(key, fits);
	return fits;
}

/** Fit of these counts at a prefix whose value is one of those. */
export function fitAmong({ values, shares }: Values, successes: number, failures: number): Fit {
	let sum = 0;
	let next = 0;
	for (let index = 0; index < values.length; index++) {
		const value = values[index] as number;
		const likelihood = (shares[index] as number) * value ** successes * (1 - value) ** failures;
		sum += likelihood;
		next += likelihood * value;
	}
	return sum === 0
		? { log: Number.NEGATIVE_INFINITY, next: values[0] as number }
		: { log: Math.log(sum), next: next / sum };
}

export function fitAt(value: number, successes: number, failures: number): Fit {
	return { log: times(successes, Math.log(value)) + times(failures, Math.log(1 - value)), next: value };
}

/** 0 · -Infinity is 0 here: nothing happened. */
function times(count: number, log: number): number {
	return count === 0 ? 0 : count * log;
}
