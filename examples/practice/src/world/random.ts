// Randomness as a pure function of seed, place and purpose: any prefix of a rollout can be continued without a stored generator.

/** What a random number is for. Numbers of different purposes at the same place are independent. */
export const PURPOSE = { decision: 1, wording: 2, world: 3, verifier: 4, jitter: 5, customer: 6 } as const;
export type Purpose = (typeof PURPOSE)[keyof typeof PURPOSE];

/** The finaliser of MurmurHash3: every input bit changes every output bit with probability about one half. */
function mix(value: number): number {
	let hash = value | 0;
	hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
	hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
	return (hash ^ (hash >>> 16)) | 0;
}

/** 32 random bits for a place `index` (0-based) of the stream that `seed` and `purpose` name. */
export function bits(seed: number, index: number, purpose: Purpose): number {
	const stream = mix(mix(seed + 0x9e3779b9) + Math.imul(purpose, 0x632be5ab));
	return mix(mix(stream + Math.imul(index + 1, 0x9e3779b1)) ^ 0x51ed270b) >>> 0;
}

/** A number in [0, 1) for a place `index` of the stream that `seed` and `purpose` name. */
export function uniform(seed: number, index: number, purpose: Purpose): number {
	return bits(seed, index, purpose) / 0x100000000;
}

/** A seed of its own for part `index` of something seeded by `seed` (a trial of a run, a continuation of a prefix). */
export function childSeed(seed: number, index: number): number {
	return mix(mix(seed ^ 0x3c6ef372) + Math.imul(index + 1, 0x9e3779b1)) >>> 1;
}

/** 31 bits that depend on every character of `text`. */
export function hashText(text: string): number {
	let hash = 0x811c9dc5;
	for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
	return mix(hash) >>> 1;
}
