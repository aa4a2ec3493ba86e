// Mean and spread of plain lists.

/** Mean; NaN for an empty list. */
export function meanOf(numbers: readonly number[]): number {
	let sum = 0;
	for (const number of numbers) sum += number;
	return sum / numbers.length;
}

/** Standard deviation with divisor n-1; NaN for fewer than two numbers. */
export function sampleStd(numbers: readonly number[]): number {
	if (numbers.length < 2) return Number.NaN;
	const mean = meanOf(numbers);
	let squares = 0;
	for (const number of numbers) squares += (number - mean) ** 2;
	return Math.sqrt(squares / (numbers.length - 1));
}

/** Ranks from 1, equal numbers sharing the mean of their ranks. */
export function ranksOf(numbers: readonly number[]): number[] {
	const order = numbers.map((_, index) => index).sort((a, b) => (numbers[a] as number) - (numbers[b] as number));
	const ranks = new Array<number>(numbers.length);
	for (let start = 0; start < order.length; ) {
		let end = start + 1;
		while (end < order.length && numbers[order[end] as number] === numbers[order[start] as number]) end++;
		for (let place = start; place < end; place++) ranks[order[place] as number] = (start + end + 1) / 2;
		start = end;
	}
	return ranks;
}

/** Pearson correlation; NaN where either side does not vary. */
export function correlation(one: readonly number[], two: readonly number[]): number {
	const meanOne = meanOf(one);
	const meanTwo = meanOf(two);
	let product = 0;
	let squaresOne = 0;
	let squaresTwo = 0;
	one.forEach((value, index) => {
		const a = value - meanOne;
		const b = (two[index] as number) - meanTwo;
		product += a * b;
		squaresOne += a * a;
		squaresTwo += b * b;
	});
	return product / Math.sqrt(squaresOne * squaresTwo);
}

/** Spearman's rank correlation; NaN where either side does not vary. */
export function rankCorrelation(one: readonly number[], two: readonly number[]): number {
	return correlation(ranksOf(one), ranksOf(two));
}
