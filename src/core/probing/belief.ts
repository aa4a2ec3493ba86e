// The belief of the adaptive search: a probability for each answer, and for each answer the chance that the next try from a
// prefix succeeds.
import { type Search, tries } from "./search.ts";
import { type Cell, FALL, fitAmong, fitAt, fitsOf, type Purpose, type ValueModel, valueModel } from "./valueModel.ts";

/** Least share of the uniform prior: evidence may mislead. */
export const UNIFORM_SHARE = 0.25;

export interface Belief {
	/** [K + 1] probability that step t = index + 1 is the first irrecoverable one; last: none is. */
	answers: Float64Array;
	/** [answers × (K + 1)] chance that a try from prefix m succeeds if the answer is t: at t * (K + 1) + m. */
	success: Float64Array;
}

/** Share of each answer before any try. */
export function priorOf({ steps, settings }: Search): Float64Array {
	const answers = steps + 1;
	const prior = new Float64Array(answers).fill(1 / answers);
	const { evidence } = settings;
	if (evidence === null || evidence.length !== answers) return prior;
	const total = evidence.reduce((sum, share) => sum + Math.max(0, share), 0);
	if (!(total > 0)) return prior;
	return prior.map(
		(uniform, index) =>
			UNIFORM_SHARE * uniform + ((1 - UNIFORM_SHARE) * Math.max(0, evidence[index] as number)) / total,
	);
}

/** [K + 1] the share of each answer after all tries. */
export function answersOf(search: Search, purpose: Purpose = "verdict"): Float64Array {
	return sumsOf(jointOf(search, purpose), search.steps + 1);
}

export function beliefOf(search: Search, purpose: Purpose = "verdict"): Belief {
	const width = search.steps + 1;
	const joint = jointOf(search, purpose);
	const { cells } = joint.model;
	const lost = lostFits(search, joint.model);
	const belief: Belief = { answers: sumsOf(joint, width), success: new Float64Array(width * width) };
	for (let answer = 0; answer < width; answer++) {
		const row = joint.shares.subarray(answer * cells.length, (answer + 1) * cells.length);
		predict(belief, answer, row, belief.answers[answer] as number, cells, joint.fits, lost.next);
	}
	return belief;
}

/** What is believed of answers and values of prefixes together. */
interface Joint {
	model: ValueModel;
	/** [answers × cells] */
	shares: Float64Array;
	/** [cells] */
	fits: Fits[];
}

function jointOf(search: Search, purpose: Purpose): Joint {
	const answers = search.steps + 1;
	const model = valueModel(search, purpose);
	const prior = priorOf(search);
	const shares = new Float64Array(answers * model.cells.length);
	const lostLog = suffixSums(lostFits(search, model));
	const fits = fitsByCell(search, model);
	model.cells.forEach((cell, index) => {
		const own = fits[index] as Fits;
		const before = prefixSums(own);
		for (let answer = 0; answer < answers; answer++) {
			const log = logBefore(search, cell, answer, before, own) + (lostLog[answer + 1] as number);
			shares[answer * model.cells.length + index] = Math.log(prior[answer] as number) + cell.logPrior + log;
		}
	});
	normalise(shares);
	return { model, shares, fits };
}

function sumsOf({ model, shares }: Joint, answers: number): Float64Array {
	const cells = model.cells.length;
	return new Float64Array(answers).map((_, answer) => {
		let sum = 0;
		for (let index = answer * cells; index < (answer + 1) * cells; index++) sum += shares[index] as number;
		return sum;
	});
}

interface Fits {
	/** [K + 1] log-likelihood of the tries from each prefix, and the chance that its next one succeeds. */
	log: Float64Array;
	next: Float64Array;
}

/** [cells] what each says of every prefix. */
function fitsByCell(search: Search, model: ValueModel): Fits[] {
	const width = search.steps + 1;
	const untried = fitsOf(model, 0, 0);
	const all = untried.map(({ next }) => ({ log: new Float64Array(width), next: new Float64Array(width).fill(next) }));
	for (let prefix = 0; prefix < width; prefix++) {
		if (tries(search, prefix) === 0) continue;
		const fits = fitsOf(model, search.successes[prefix] as number, search.failures[prefix] as number);
		all.forEach((own, index) => {
			own.log[prefix] = fits[index]?.log as number;
			own.next[prefix] = fits[index]?.next as number;
		});
	}
	return all;
}

/** What being lost says of every prefix. */
function lostFits(search: Search, { lost }: ValueModel): Fits {
	const fits = Array.from(search.successes, (count, prefix) =>
		fitAmong(lost, count, search.failures[prefix] as number),
	);
	return { log: Float64Array.from(fits, ({ log }) => log), next: Float64Array.from(fits, ({ next }) => next) };
}

/** [K + 2] log-likelihood of all tries from the prefixes `from` on. */
function suffixSums({ log }: Fits): Float64Array {
	const sums = new Float64Array(log.length + 1);
	for (let prefix = log.length - 1; prefix >= 0; prefix--)
		sums[prefix] = (sums[prefix + 1] as number) + (log[prefix] as number);
	return sums;
}

/** [K + 2] log-likelihood of all tries from the prefixes below `to`, were they recoverable. */
function prefixSums({ log }: Fits): Float64Array {
	const sums = new Float64Array(log.length + 1);
	for (let prefix = 0; prefix < log.length; prefix++)
		sums[prefix + 1] = (sums[prefix] as number) + (log[prefix] as number);
	return sums;
}

/**
 * Log-likelihood of the tries from the prefixes before the answer's step (0 to answer, as prefix t - 1 = answer is the last
 * recoverable one). Where values fall, the last two of them count with their own values; "none" falls towards the end.
 */
function logBefore(search: Search, cell: Cell, answer: number, before: Float64Array, plain: Fits): number {
	let log = before[answer + 1] as number;
	if (!cell.falling) return log;
	for (let distance = 0; distance < FALL.length && answer - distance >= 1; distance++) {
		const prefix = answer - distance;
		if (tries(search, prefix) === 0) continue;
		const near = fitAt(
			cell.near[distance] as number,
			search.successes[prefix] as number,
			search.failures[prefix] as number,
		);
		log += near.log - (plain.log[prefix] as number);
	}
	return log;
}

function predict(
	belief: Belief,
	answer: number,
	row: Float64Array,
	total: number,
	cells: readonly Cell[],
	plain: readonly Fits[],
	lost: Float64Array,
): void {
	const width = lost.length;
	const at = answer * width;
	for (let prefix = 0; prefix < width; prefix++) {
		if (prefix > answer) {
			belief.success[at + prefix] = lost[prefix] as number;
			continue;
		}
		const distance = prefix === 0 ? FALL.length : answer - prefix;
		let sum = 0;
		for (let index = 0; index < cells.length; index++) {
			const cell = cells[index] as Cell;
			const next =
				cell.falling && distance < FALL.length
					? (cell.near[distance] as number)
					: ((plain[index] as Fits).next[prefix] as number);
			sum += (row[index] as number) * next;
		}
		belief.success[at + prefix] = total > 0 ? sum / total : (lost[prefix] as number);
	}
}

/** From logarithms to shares that sum to 1, in place. */
function normalise(logs: Float64Array): void {
	let top = Number.NEGATIVE_INFINITY;
	for (const log of logs) if (log > top) top = log;
	let total = 0;
	for (let index = 0; index < logs.length; index++) {
		const share = Math.exp((logs[index] as number) - top);
		logs[index] = share;
		total += share;
	}
	for (let index = 0; index < logs.length; index++) logs[index] = (logs[index] as number) / total;
}
