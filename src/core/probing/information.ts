// How much a round of tries would tell about the answer: mutual information of answer and results, in bits.
import type { Belief } from "./belief.ts";

/** Rounds are chosen in blocks of this many tries, because the results of a block are counted out one by one. */
export const LARGEST_BLOCK = 6;

/**
 * Adds tries one by one, each the one that tells most for its cost together with those chosen before it.
 * @param costs cost of a try from each prefix
 * @returns prefixes; the same more than once where that tells most
 */
export function chooseTries(belief: Belief, costs: ArrayLike<number>, count: number): number[] {
	const chosen: number[] = [];
	while (chosen.length < count)
		chosen.push(...chooseBlock(belief, costs, Math.min(LARGEST_BLOCK, count - chosen.length)));
	return chosen;
}

function chooseBlock(belief: Belief, costs: ArrayLike<number>, count: number): number[] {
	const answers = belief.answers.length;
	const chosen: number[] = [];
	/** For each combination of results so far, its probability together with each answer. */
	let combinations: Float64Array[] = [belief.answers.slice()];
	while (chosen.length < count) {
		const known = entropyGiven(combinations);
		let best = { prefix: 0, gain: -1 };
		for (let prefix = 0; prefix < answers; prefix++) {
			const gain = (known - entropyAfter(belief, combinations, prefix)) / (costs[prefix] as number);
			if (gain > best.gain + 1e-12) best = { prefix, gain };
		}
		chosen.push(best.prefix);
		if (chosen.length < count) combinations = combinations.flatMap((shares) => split(belief, shares, best.prefix));
	}
	return chosen;
}

/** Expected entropy of the answer once the results are known. */
function entropyGiven(combinations: readonly Float64Array[]): number {
	let entropy = 0;
	for (const shares of combinations) entropy += entropyOf(shares);
	return entropy;
}

/** Entropy of unnormalised shares, times their sum. */
function entropyOf(shares: Float64Array): number {
	let total = 0;
	let sum = 0;
	for (const share of shares) {
		if (share <= 0) continue;
		total += share;
		sum -= share * Math.log2(share);
	}
	return total <= 0 ? 0 : sum + total * Math.log2(total);
}

function entropyAfter(belief: Belief, combinations: readonly Float64Array[], prefix: number): number {
	const width = belief.answers.length;
	let entropy = 0;
	for (const shares of combinations) {
		let [total, sum, other, otherSum] = [0, 0, 0, 0];
		for (let answer = 0; answer < width; answer++) {
			const share = shares[answer] as number;
			if (share <= 0) continue;
			const success = share * (belief.success[answer * width + prefix] as number);
			const failure = share - success;
			if (success > 0) {
				total += success;
				sum -= success * Math.log2(success);
			}
			if (failure > 0) {
				other += failure;
				otherSum -= failure * Math.log2(failure);
			}
		}
		if (total > 0) entropy += sum + total * Math.log2(total);
		if (other > 0) entropy += otherSum + other * Math.log2(other);
	}
	return entropy;
}

function split(belief: Belief, shares: Float64Array, prefix: number): Float64Array[] {
	const width = belief.answers.length;
	const successes = shares.map((share, answer) => share * (belief.success[answer * width + prefix] as number));
	return [successes, shares.map((share, answer) => share - (successes[answer] as number))];
}
