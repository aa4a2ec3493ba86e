// Which rows are run together: rows of similar length, so that little of a batch is padding.

/** Rows in one batch at most. */
const MOST_ROWS = 32;
/** Tokens in one batch at most, padding included: bounds the memory of a run. */
const MOST_TOKENS = 16_384;
/** Share of a batch that may be padding. */
const MOST_PADDING = 0.15;

/**
 * Groups of row numbers, every row in exactly one. Rows are taken by length; equal lengths stay in order.
 * @param padding false where the model has no mask and a batch must be of one length
 */
export function batchesOf(lengths: readonly number[], padding: boolean): number[][] {
	const order = lengths.map((_, row) => row).sort((a, b) => (lengths[a] as number) - (lengths[b] as number) || a - b);
	const batches: number[][] = [];
	let batch: number[] = [];
	let used = 0;
	for (const row of order) {
		const length = lengths[row] as number;
		const area = length * (batch.length + 1);
		const wasted = (area - used - length) / area;
		const full = batch.length >= MOST_ROWS || area > MOST_TOKENS || wasted > (padding ? MOST_PADDING : 0);
		if (batch.length > 0 && full) {
			batches.push(batch);
			batch = [];
			used = 0;
		}
		batch.push(row);
		used += length;
	}
	if (batch.length > 0) batches.push(batch);
	return batches;
}
