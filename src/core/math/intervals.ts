// Intervals and tests for shares and means of small samples.
import { type Random, randomIndex } from "./random.ts";

export interface Interval {
	low: number;
	high: number;
}

/** Normal quantile of a two-sided 95 % interval. */
const Z95 = 1.959963984540054;

/**
 * Wilson's score interval of a share (Wilson 1927): sensible for 0 and n successes and for small n.
 * @returns null where nothing was tried
 */
export function wilson(successes: number, count: number, z = Z95): Interval | null {
	if (count === 0) return null;
	const share = successes / count;
	const square = z * z;
	const centre = (share + square / (2 * count)) / (1 + square / count);
	const half = (z / (1 + square / count)) * Math.sqrt((share * (1 - share)) / count + square / (4 * count * count));
	return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** Newcombe's interval of a difference of two shares, from their Wilson intervals (Newcombe 1998, method 10). */
export function differenceOfShares(one: number, oneCount: number, two: number, twoCount: number): Interval | null {
	const first = wilson(one, oneCount);
	const second = wilson(two, twoCount);
	if (first === null || second === null) return null;
	const p = one / oneCount;
	const q = two / twoCount;
	return {
		low: p - q - Math.hypot(p - first.low, second.high - q),
		high: p - q + Math.hypot(first.high - p, q - second.low),
	};
}

/** Value below which a share `at` of the sorted numbers lies, interpolated between neighbours. */
export function quantile(sorted: readonly number[] | Float64Array, at: number): number {
	const position = at * (sorted.length - 1);
	const below = Math.floor(position);
	const low = sorted[below] as number;
	const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
	return low + (position - below) * (high - low);
}

/**
 * Percentile interval of a statistic over resampled clusters: whole tasks are drawn, because their rollouts hang together.
 * @param clusters number of clusters
 * @param statistic of the drawn clusters (with repetition); NaN results are left out
 * @returns null where there are fewer than two clusters or no draw has a number
 */
export function clusterBootstrap(
	clusters: number,
	statistic: (drawn: Int32Array) => number,
	random: Random,
	draws = 2000,
): Interval | null {
	if (clusters < 2) return null;
	const results: number[] = [];
	const drawn = new Int32Array(clusters);
	for (let draw = 0; draw < draws; draw++) {
		for (let index = 0; index < clusters; index++) drawn[index] = randomIndex(random, clusters);
		const result = statistic(drawn);
		if (!Number.isNaN(result)) results.push(result);
	}
	if (results.length === 0) return null;
	results.sort((a, b) => a - b);
	return { low: quantile(results, 0.025), high: quantile(results, 0.975) };
}

/**
 * McNemar's exact test: two-sided probability that the discordant pairs split at least this unevenly by chance.
 * @param first pairs in which only the first succeeded
 * @param second pairs in which only the second succeeded
 */
export function mcNemar(first: number, second: number): number {
	const pairs = first + second;
	if (pairs === 0) return 1;
	// terms of the binomial distribution in logarithms: 0.5^n underflows for n above 1074
	let logTerm = pairs * Math.log(0.5);
	let tail = Math.exp(logTerm);
	for (let successes = 1; successes <= Math.min(first, second); successes++) {
		logTerm += Math.log((pairs - successes + 1) / successes);
		tail += Math.exp(logTerm);
	}
	return Math.min(1, 2 * tail);
}
