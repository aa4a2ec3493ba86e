// How much of its group's loss a rollout carries under each way of adding up token losses: long answers weigh more under
// a token mean, and their tokens less under a mean over sequences (Tricks or Traps, arXiv 2508.08221; Dr. GRPO, 2503.20783).
import {
	type Attempt,
	averaged,
	type Measured,
	type Metric,
	type MetricValue,
	type RunView,
	type TaskView,
} from "./metric.ts";
import { lengthOf } from "./reflection.ts";

export interface GroupLengths {
	responses: number;
	/** Tokens of all responses together. */
	tokens: number;
	/** What a constant divides by: the longest response, or the trainer's limit. */
	longest: number;
}

export interface Aggregation {
	id: string;
	/** Weight of one token of a response of this length in the group's loss. */
	tokenWeight: (length: number, group: GroupLengths) => number;
}

export const AGGREGATIONS: readonly Aggregation[] = [
	{ id: "token-mean", tokenWeight: (_, { tokens }) => 1 / tokens },
	{ id: "sequence-mean", tokenWeight: (length, { responses }) => 1 / (responses * length) },
	{ id: "constant", tokenWeight: (_, { responses, longest }) => 1 / (responses * longest) },
];

/** Share of the group's weight that each attempt's tokens have together, under equal token losses. */
function sharesOf(aggregation: Aggregation, { attempts }: TaskView): Measured[] {
	const lengths = attempts.map(({ rollout }) => lengthOf(rollout));
	if (lengths.includes(null)) return attempts.map(() => ({ reason: "the length in tokens is not logged" }));
	const known = lengths as number[];
	const group: GroupLengths = { responses: known.length, tokens: 0, longest: 0 };
	for (const length of known) {
		group.tokens += length;
		group.longest = Math.max(group.longest, length);
	}
	const weights = known.map((length) => length * aggregation.tokenWeight(length, group));
	const total = weights.reduce((sum, weight) => sum + weight, 0);
	return weights.map((weight) => ({ value: weight / total, count: known.length }));
}

function sharesIn(run: RunView, aggregation: Aggregation): MetricValue[] {
	const shares = new Map<Attempt, Measured>();
	for (const task of run.tasks) {
		const own = sharesOf(aggregation, task);
		task.attempts.forEach((attempt, index) => {
			shares.set(attempt, own[index] as Measured);
		});
	}
	return averaged(run, aggregation.id, (attempt) => shares.get(attempt) as Measured);
}

export const lossShare: Metric = {
	id: "loss-share",
	title: "Share of the loss by aggregation",
	formulas: [
		"token-mean: each token of the group weighs the same",
		"sequence-mean: each response weighs the same, its tokens 1 / length",
		"constant: each token weighs 1 / (responses \u00b7 maximum length), as in Dr. GRPO",
	],
	source: { title: "Tricks or Traps?; Dr. GRPO", reference: "arXiv 2508.08221; 2503.20783", where: "loss aggregation" },
	grade: "B",
	choice: "under equal token losses; shares of a task sum to 1, so their mean says only how many rollouts there are",
	needs: "lengths in tokens",
	better: "neither",
	parameters: [],
	compute: (run) => AGGREGATIONS.flatMap((aggregation) => sharesIn(run, aggregation)),
};
