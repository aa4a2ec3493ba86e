// Shapley values: exact for a few players, sampled over orders that respect precedence for many.
import { type Random, randomIndex } from "../math/random.ts";
import type { CoalitionWalk } from "./coalition.ts";

/** Above this, 2^n subsets take too long. */
export const EXACT_LIMIT = 15;

/**
 * phi_i = sum over S without i of |S|! (n-|S|-1)! / n! * (v(S + i) - v(S)), over all subsets.
 * @throws RangeError for more than `EXACT_LIMIT` players
 */
export function exactShapley(players: number, value: (members: readonly number[]) => number): number[] {
	if (players > EXACT_LIMIT) throw new RangeError(`exact Shapley values for ${players} players`);
	const subsets = 1 << players;
	const values = Array.from({ length: subsets }, (_, subset) => value(membersOf(subset, players)));
	const weights = sizeWeights(players);
	return Array.from({ length: players }, (_, player) => {
		let sum = 0;
		for (let subset = 0; subset < subsets; subset++) {
			if ((subset >> player) & 1) continue;
			const gain = (values[subset | (1 << player)] as number) - (values[subset] as number);
			sum += (weights[membersOf(subset, players).length] as number) * gain;
		}
		return sum;
	});
}

function membersOf(subset: number, players: number): number[] {
	const members: number[] = [];
	for (let player = 0; player < players; player++) if ((subset >> player) & 1) members.push(player);
	return members;
}

/** |S|! (n-|S|-1)! / n! by the size of S, without factorials: 1 / (n * C(n-1, |S|)). */
function sizeWeights(players: number): number[] {
	let combinations = 1;
	return Array.from({ length: players }, (_, size) => {
		if (size > 0) combinations = (combinations * (players - size)) / size;
		return 1 / (players * combinations);
	});
}

export interface SampledShapley {
	/** They sum to v(all) - v(none) exactly: each order's gains do. */
	values: number[];
	/** Standard error of each; 0 where every order gave the same gain. */
	errors: number[];
}

/**
 * Mean gain of each player over random orders in which nobody comes before those it depends on. Subsets that
 * precedence makes impossible are never valued.
 * @param before for each player the players that must come earlier
 */
export function sampleShapley(
	players: number,
	walk: CoalitionWalk,
	before: readonly (readonly number[])[],
	permutations: number,
	random: Random,
): SampledShapley {
	const sums = new Float64Array(players);
	const squares = new Float64Array(players);
	for (let sample = 0; sample < permutations; sample++) {
		let last = walk.restart();
		for (const player of randomOrder(players, before, random)) {
			const current = walk.join(player);
			const gain = current - last;
			sums[player] = (sums[player] as number) + gain;
			squares[player] = (squares[player] as number) + gain * gain;
			last = current;
		}
	}
	const values = Array.from(sums, (sum) => sum / permutations);
	const errors = Array.from(squares, (square, player) => {
		const variance = square / permutations - (values[player] as number) ** 2;
		return permutations < 2 ? Number.NaN : Math.sqrt(Math.max(variance, 0) / (permutations - 1));
	});
	return { values, errors };
}

/** Draws the next player among those whose predecessors have all been drawn. */
function randomOrder(players: number, before: readonly (readonly number[])[], random: Random): number[] {
	const missing = Array.from({ length: players }, (_, player) => before[player]?.length ?? 0);
	const after: number[][] = Array.from({ length: players }, () => []);
	before.forEach((needed, player) => {
		for (const other of needed) after[other]?.push(player);
	});
	const ready = missing.flatMap((count, player) => (count === 0 ? [player] : []));
	const order: number[] = [];
	while (ready.length > 0) {
		const drawn = randomIndex(random, ready.length);
		const player = ready[drawn] as number;
		ready[drawn] = ready.at(-1) as number;
		ready.pop();
		order.push(player);
		for (const next of after[player] ?? []) {
			missing[next] = (missing[next] as number) - 1;
			if (missing[next] === 0) ready.push(next);
		}
	}
	return order;
}
