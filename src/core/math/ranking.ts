// How well scores tell right from wrong: by order (AUC) and as probabilities (bins of calibration).

/**
 * Area under the ROC curve: the chance that a right one is scored above a wrong one, ties counting half (Hanley and
 * McNeil 1982, by the rank sum of Mann and Whitney).
 * @returns NaN where all are right or all are wrong
 */
export function areaUnderCurve(scores: ArrayLike<number>, right: readonly boolean[]): number {
	const order = right.map((_, index) => index).sort((a, b) => (scores[a] as number) - (scores[b] as number));
	const rights = right.filter(Boolean).length;
	let rankSum = 0;
	for (let start = 0; start < order.length; ) {
		let end = start + 1;
		while (end < order.length && scores[order[end] as number] === scores[order[start] as number]) end++;
		for (let place = start; place < end; place++) if (right[order[place] as number]) rankSum += (start + end + 1) / 2;
		start = end;
	}
	return (rankSum - (rights * (rights + 1)) / 2) / (rights * (right.length - rights));
}

export interface CalibrationBin {
	/** The bin holds scores from here up to, not including, `to`; the last one includes 1. */
	from: number;
	to: number;
	count: number;
	/** Mean score in the bin, and the share that was right; null in an empty bin. */
	stated: number | null;
	found: number | null;
}

/** Scores between 0 and 1 in bins of equal width, with what was stated and what was found in each. */
export function calibrationBins(scores: ArrayLike<number>, right: readonly boolean[], count = 10): CalibrationBin[] {
	const sums = Array.from({ length: count }, () => ({ count: 0, stated: 0, right: 0 }));
	right.forEach((isRight, index) => {
		const score = scores[index] as number;
		const bin = sums[Math.max(0, Math.min(count - 1, Math.floor(score * count)))] as (typeof sums)[number];
		bin.count++;
		bin.stated += score;
		if (isRight) bin.right++;
	});
	return sums.map((bin, index) => ({
		from: index / count,
		to: (index + 1) / count,
		count: bin.count,
		stated: bin.count === 0 ? null : bin.stated / bin.count,
		found: bin.count === 0 ? null : bin.right / bin.count,
	}));
}

/** Expected calibration error (Naeini et al. 2015): mean distance of stated and found, weighted by the bins' sizes. */
export function calibrationErrorOf(bins: readonly CalibrationBin[]): number {
	const total = bins.reduce((sum, { count }) => sum + count, 0);
	const off = bins.reduce(
		(sum, { count, stated, found }) => sum + (stated === null || found === null ? 0 : count * Math.abs(stated - found)),
		0,
	);
	return off / total;
}
