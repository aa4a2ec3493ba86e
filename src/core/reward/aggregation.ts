// How the scores of a rollout's steps become one score of the rollout.

export interface Aggregation {
	id: string;
	title: string;
	/** @param scores at least one, all finite */
	of(scores: readonly number[]): number;
}

/**
 * `min` and `product` are the aggregations of "Let's Verify Step by Step" (Lightman et al. 2023, appendix F) and
 * Math-Shepherd; `last` is that of models which read the whole prefix at each step.
 */
export const AGGREGATIONS = [
	{ id: "last", title: "score of the last step", of: (scores) => scores.at(-1) as number },
	{
		id: "mean",
		title: "mean of all steps",
		of: (scores) => scores.reduce((sum, score) => sum + score, 0) / scores.length,
	},
	{ id: "min", title: "lowest score of a step", of: (scores) => scores.reduce((low, score) => Math.min(low, score)) },
	{ id: "product", title: "product of all steps", of: (scores) => scores.reduce((all, score) => all * score) },
] as const satisfies readonly Aggregation[];

export type AggregationId = (typeof AGGREGATIONS)[number]["id"];

/** One score for a rollout; null where no step has one. Steps without a score are passed over. */
export function aggregate(id: AggregationId, scores: readonly (number | null)[]): number | null {
	const known = scores.filter((score) => score !== null);
	const aggregation = AGGREGATIONS.find((candidate) => candidate.id === id);
	return known.length === 0 || aggregation === undefined ? null : aggregation.of(known);
}
