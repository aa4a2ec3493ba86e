// What a model sees of a rollout that is longer than it can read. The head (instructions, tools, task) always stays.
// Whole rollout and prefixes: the latest steps that fit. Positions: windows that each begin with the head and overlap
// by half, so that every step but the first is read with steps before it; a step's score is that of the first window
// that holds it. A step or a head that does not fit by itself loses its middle. All of this is said in notes.

export interface Window {
	/** First step and one past the last, as positions in the list of lengths. */
	from: number;
	to: number;
	/** First of the steps that are scored in this window. */
	scoredFrom: number;
}

/** The longest run of steps that ends before `to` and fits into `budget` tokens; the last one is always in it. */
export function latestThatFit(lengths: readonly number[], to: number, budget: number): Window {
	let from = to;
	let used = 0;
	while (from > 0 && (from === to || used + (lengths[from - 1] as number) <= budget)) {
		from--;
		used += lengths[from] as number;
	}
	return { from, to, scoredFrom: from };
}

/** Overlapping windows over all steps; one window where everything fits. */
export function overlappingWindows(lengths: readonly number[], budget: number): Window[] {
	const windows: Window[] = [];
	let scoredFrom = 0;
	while (scoredFrom < lengths.length) {
		const from = scoredFrom === 0 ? 0 : contextStart(lengths, scoredFrom, budget);
		let to = from;
		let used = 0;
		while (to < lengths.length && (to <= scoredFrom || used + (lengths[to] as number) <= budget)) {
			used += lengths[to] as number;
			to++;
		}
		windows.push({ from, to, scoredFrom });
		scoredFrom = to;
	}
	return windows;
}

/** How far back the context of a step reaches: half of the budget at most, and the step itself must still fit. */
function contextStart(lengths: readonly number[], step: number, budget: number): number {
	const room = Math.min(budget / 2, budget - (lengths[step] as number));
	let from = step;
	let used = 0;
	while (from > 0 && used + (lengths[from - 1] as number) <= room) {
		from--;
		used += lengths[from] as number;
	}
	return from;
}

/** `tokens` without its middle, so that it is no longer than `limit`. */
export function withoutMiddle(tokens: Int32Array, limit: number): Int32Array {
	if (tokens.length <= limit) return tokens;
	const kept = Math.max(0, limit);
	const front = Math.ceil(kept / 2);
	const short = new Int32Array(kept);
	short.set(tokens.subarray(0, front));
	short.set(tokens.subarray(tokens.length - (kept - front)), front);
	return short;
}
