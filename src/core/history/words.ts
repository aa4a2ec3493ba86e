// Words of a text with their frequencies, and how alike two texts are: cosine of tf-idf vectors (Salton and Buckley 1988).

const WORD = /[\p{L}\p{N}][\p{L}\p{N}_./@-]*/gu;
/** Beyond this a text says nothing new about its words. */
const LONGEST = 20_000;

export type WordCounts = ReadonlyMap<string, number>;

export function countWords(text: string): WordCounts {
	const counts = new Map<string, number>();
	for (const [word] of text.slice(0, LONGEST).toLowerCase().matchAll(WORD))
		counts.set(word, (counts.get(word) ?? 0) + 1);
	return counts;
}

/** How many of the texts hold each word. */
export function documentFrequencies(texts: readonly WordCounts[]): ReadonlyMap<string, number> {
	const frequencies = new Map<string, number>();
	for (const text of texts) for (const word of text.keys()) frequencies.set(word, (frequencies.get(word) ?? 0) + 1);
	return frequencies;
}

/** 0 for nothing in common, 1 for the same words in the same proportions. */
export function similarity(
	a: WordCounts,
	b: WordCounts,
	frequencies: ReadonlyMap<string, number>,
	texts: number,
): number {
	const weight = (word: string, count: number) =>
		(1 + Math.log(count)) * Math.log(1 + texts / (frequencies.get(word) ?? 1));
	let [dot, normA, normB] = [0, 0, 0];
	for (const [word, count] of a) {
		const own = weight(word, count);
		normA += own * own;
		const other = b.get(word);
		if (other !== undefined) dot += own * weight(word, other);
	}
	for (const [word, count] of b) normB += weight(word, count) ** 2;
	return normA === 0 || normB === 0 ? 0 : dot / Math.sqrt(normA * normB);
}
