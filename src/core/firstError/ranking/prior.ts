// The position prior: how often first errors stood at the same place of other rollouts.
import type { PositionPrior } from "./weights.ts";

const ORDINALS = 20;
const TENTHS = 10;
/** Added to every count, so that no place is impossible. */
const SMOOTHING = 0.5;

export interface PlacedError {
	/** Ordinal of the first error among the candidates. */
	position: number;
	candidates: number;
}

export const UNIFORM_PRIOR: PositionPrior = {
	fromStart: new Array<number>(ORDINALS).fill(0),
	fromEnd: new Array<number>(ORDINALS).fill(0),
	relative: new Array<number>(TENTHS).fill(0),
	mixture: [0, 0, 0, 1],
};

/** Learns counts and mixture; the mixture by expectation maximisation in which no rollout speaks for itself. */
export function learnPrior(errors: readonly PlacedError[]): PositionPrior {
	const prior: PositionPrior = structuredPrior();
	for (const error of errors) addTo(prior, error, 1);
	if (errors.length === 0) return { ...prior, mixture: [0, 0, 0, 1] };
	for (let round = 0; round < 20; round++) {
		const shares = [0, 0, 0, 0];
		for (const error of errors) {
			addTo(prior, error, -1);
			const parts = partsAt(prior, error.position, error.candidates);
			addTo(prior, error, 1);
			const weighted = parts.map((part, index) => part * (prior.mixture[index] as number));
			const sum = weighted.reduce((total, value) => total + value, 0);
			weighted.forEach((value, index) => {
				shares[index] = (shares[index] as number) + value / sum;
			});
		}
		prior.mixture = shares.map((share) => share / errors.length) as PositionPrior["mixture"];
	}
	return prior;
}

/** Probability of each of `candidates` places; they sum to 1. */
export function priorOver(prior: PositionPrior, candidates: number): Float64Array {
	const result = new Float64Array(candidates);
	const sums = normalisers(prior, candidates);
	let total = 0;
	for (let position = 0; position < candidates; position++) {
		const parts = partsWith(prior, position, candidates, sums);
		let value = 0;
		for (let part = 0; part < 4; part++) value += (prior.mixture[part] as number) * (parts[part] as number);
		result[position] = value;
		total += value;
	}
	for (let position = 0; position < candidates; position++) result[position] = (result[position] as number) / total;
	return result;
}

function structuredPrior(): PositionPrior {
	return {
		fromStart: new Array<number>(ORDINALS).fill(0),
		fromEnd: new Array<number>(ORDINALS).fill(0),
		relative: new Array<number>(TENTHS).fill(0),
		mixture: [0.25, 0.25, 0.25, 0.25],
	};
}

function addTo(prior: PositionPrior, { position, candidates }: PlacedError, amount: number): void {
	add(prior.fromStart, Math.min(ORDINALS - 1, position), amount);
	add(prior.fromEnd, Math.min(ORDINALS - 1, candidates - 1 - position), amount);
	add(prior.relative, tenth(position, candidates), amount);
}

function add(counts: number[], at: number, amount: number): void {
	counts[at] = (counts[at] as number) + amount;
}

function tenth(position: number, candidates: number): number {
	return Math.min(TENTHS - 1, Math.floor((position / Math.max(1, candidates)) * TENTHS));
}

function weightsAt(prior: PositionPrior, position: number, candidates: number): [number, number, number] {
	const at = (counts: readonly number[], index: number) => (counts[index] as number) + SMOOTHING;
	return [
		at(prior.fromStart, Math.min(ORDINALS - 1, position)),
		at(prior.fromEnd, Math.min(ORDINALS - 1, candidates - 1 - position)),
		at(prior.relative, tenth(position, candidates)),
	];
}

function normalisers(prior: PositionPrior, candidates: number): [number, number, number] {
	const sums: [number, number, number] = [0, 0, 0];
	for (let position = 0; position < candidates; position++) {
		const weights = weightsAt(prior, position, candidates);
		for (let part = 0; part < 3; part++) sums[part] = (sums[part] as number) + (weights[part] as number);
	}
	return sums;
}

function partsAt(prior: PositionPrior, position: number, candidates: number): number[] {
	return partsWith(prior, position, candidates, normalisers(prior, candidates));
}

function partsWith(prior: PositionPrior, position: number, candidates: number, sums: readonly number[]): number[] {
	const weights = weightsAt(prior, position, candidates);
	return [...weights.map((weight, part) => weight / (sums[part] as number)), 1 / candidates];
}
