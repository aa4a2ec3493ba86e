// Counting against exact probabilities.

/** What was expected and what was seen of independent trials, whose probabilities may differ. */
export interface Cell {
	expected: number;
	variance: number;
	successes: number;
}

export function emptyCell(): Cell {
	return { expected: 0, variance: 0, successes: 0 };
}

/** Adds `successes` among `trials` with success probability `probability` to a cell. */
export function count(cell: Cell, probability: number, trials: number, successes: number): void {
	cell.expected += trials * probability;
	cell.variance += trials * probability * (1 - probability);
	cell.successes += successes;
}

export function cellOf(probability: number, trials: number, successes: number): Cell {
	const cell = emptyCell();
	count(cell, probability, trials, successes);
	return cell;
}

/** Standard deviations between what was expected and what was seen. */
export function deviation({ expected, variance, successes }: Cell): number {
	return (successes - expected) / Math.sqrt(variance);
}

/** Cells with a smaller variance than this are too skewed for the chi-square distribution. */
const LEAST_VARIANCE = 5;
/** Rounding of sums of products. */
const EQUAL = 1e-9;

/**
 * Joint chi-square of independent cells: p-value, degrees of freedom, and whether what was certain happened exactly so. Cells that are
 * too skewed are pooled into one.
 */
export function jointTest(cells: readonly Cell[]): { p: number; degrees: number; certain: boolean } {
	const certain = cells.every((cell) => cell.variance > EQUAL || Math.abs(cell.successes - cell.expected) < EQUAL);
	const pooled = emptyCell();
	const wide: Cell[] = [];
	for (const cell of cells) {
		if (cell.variance >= LEAST_VARIANCE) wide.push(cell);
		else for (const key of ["expected", "variance", "successes"] as const) pooled[key] += cell[key];
	}
	if (pooled.variance >= LEAST_VARIANCE) wide.push(pooled);
	const sum = wide.reduce((total, cell) => total + deviation(cell) ** 2, 0);
	return { p: chiSquareTail(sum, wide.length), degrees: wide.length, certain };
}

/** P(chi-square with `degrees` > `value`), by the cube-root approximation of Wilson and Hilferty (1931); good above ten degrees. */
export function chiSquareTail(value: number, degrees: number): number {
	const spread = 2 / (9 * degrees);
	return normalTail(((value / degrees) ** (1 / 3) - (1 - spread)) / Math.sqrt(spread));
}

/** P(Z > z), by the rational approximation 26.2.17 of Abramowitz and Stegun; error below 1e-7. */
export function normalTail(z: number): number {
	if (z < 0) return 1 - normalTail(-z);
	const t = 1 / (1 + 0.2316419 * z);
	const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
	return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
