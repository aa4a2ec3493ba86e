// Counts, means and squared deviations: of one range of a column, or of every group of a batch at once.

export type Spread = "none" | "population" | "sample";

/**
 * Spread of squared deviations; 0 for fewer values than it needs.
 * @param squares sum of squared deviations from the mean
 */
export function spreadOf(squares: number, count: number, spread: Spread): number {
	if (spread === "none") return 1;
	const divisor = spread === "sample" ? count - 1 : count;
	return divisor > 0 ? Math.sqrt(squares / divisor) : 0;
}

/** True where a spread is nothing but rounding: equal values whose mean came out a last digit off. */
export function isFlat(spread: number, mean: number): boolean {
	return spread <= 1e-9 * Math.max(1, Math.abs(mean));
}

export interface Moments {
	count: number;
	sum: number;
	mean: number;
	/** Sum of squared deviations from the mean; exactly 0 where all values are equal. */
	squares: number;
	lowest: number;
	highest: number;
}

/** Moments of the numbers in `column` from `start` to `end`, NaN left out. */
export function momentsOf(column: Float64Array, start: number, end: number): Moments {
	let count = 0;
	let sum = 0;
	let lowest = Number.POSITIVE_INFINITY;
	let highest = Number.NEGATIVE_INFINITY;
	for (let index = start; index < end; index++) {
		const value = column[index] as number;
		if (Number.isNaN(value)) continue;
		if (value < lowest) lowest = value;
		if (value > highest) highest = value;
		sum += value;
		count++;
	}
	// equal values must be found by comparison: the mean of eight times 0.1 is not 0.1
	const mean = lowest === highest ? lowest : sum / count;
	let squares = 0;
	for (let index = start; index < end; index++) {
		const value = column[index] as number;
		if (!Number.isNaN(value)) squares += (value - mean) * (value - mean);
	}
	return { count, sum, mean, squares, lowest, highest };
}

/** Moments of every range at once, as columns: no object for each of a hundred thousand groups. */
export interface GroupMoments {
	/** [groups] numbers in the group. */
	count: Int32Array;
	/** [groups] NaN for a group without numbers. */
	mean: Float64Array;
	/** [groups] sum of squared deviations; exactly 0 where all values are equal. */
	squares: Float64Array;
}

/**
 * @param starts [groups + 1] first index of each group in `column`
 * @param column numbers, NaN left out
 */
export function groupMoments(starts: Int32Array, column: Float64Array): GroupMoments {
	const groups = starts.length - 1;
	const answer = { count: new Int32Array(groups), mean: new Float64Array(groups), squares: new Float64Array(groups) };
	for (let group = 0; group < groups; group++) {
		const start = starts[group] as number;
		const end = starts[group + 1] as number;
		const first = column[start] as number;
		let sum = 0;
		let differs = false;
		for (let index = start; index < end; index++) {
			const value = column[index] as number;
			sum += value;
			differs ||= value !== first;
		}
		// a single NaN shows in the sum: only such groups need the slow pass
		if (Number.isNaN(sum)) {
			setMoments(answer, group, momentsOf(column, start, end));
			continue;
		}
		const mean = differs ? sum / (end - start) : first;
		let squares = 0;
		for (let index = start; index < end; index++) {
			const deviation = (column[index] as number) - mean;
			squares += deviation * deviation;
		}
		answer.count[group] = end - start;
		answer.mean[group] = mean;
		answer.squares[group] = squares;
	}
	return answer;
}

function setMoments(answer: GroupMoments, group: number, { count, mean, squares }: Moments): void {
	answer.count[group] = count;
	answer.mean[group] = count === 0 ? Number.NaN : mean;
	answer.squares[group] = squares;
}
