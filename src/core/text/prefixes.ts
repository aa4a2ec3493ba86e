// Which texts of a list continue which: search logs write every state out in full.

/**
 * For each text the number of the longest other text that it begins with; null where there is none. Of equal texts each
 * later one has the text before it as its parent. Sorting makes this cost no more than the texts' length times the
 * logarithm of their number.
 */
export function prefixParents(texts: readonly string[]): (number | null)[] {
	const order = texts.map((_, index) => index);
	order.sort((a, b) => {
		const [first, second] = [texts[a] as string, texts[b] as string];
		return first < second ? -1 : first > second ? 1 : a - b;
	});
	const parents: (number | null)[] = texts.map(() => null);
	const open: number[] = [];
	for (const index of order) {
		const text = texts[index] as string;
		while (open.length > 0 && !text.startsWith(texts[open.at(-1) as number] as string)) open.pop();
		parents[index] = open.at(-1) ?? null;
		open.push(index);
	}
	return parents;
}
