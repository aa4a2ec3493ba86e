// Randomness that is passed in: the same seed gives the same numbers on every machine.

/** The next number, at least 0 and below 1. */
export type Random = () => number;

/** A generator for statistics, not for secrets: a Weyl sequence through the finaliser of MurmurHash3 (32 bits). */
export function seededRandom(seed: number): Random {
	let state = seed | 0;
	return () => {
		state = (state + 0x9e3779b9) | 0;
		let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
		mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
		return ((mixed ^ (mixed >>> 16)) >>> 0) / 0x100000000;
	};
}

/** A whole number from 0 up to, not including, `limit`. */
export function randomIndex(random: Random, limit: number): number {
	return Math.floor(random() * limit);
}
