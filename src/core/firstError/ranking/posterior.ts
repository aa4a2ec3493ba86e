// The posterior over "step t" and "none": softmax of the position prior and the weighted evidence.
import type { Outcome } from "../../model/trajectory.ts";
import type { Candidates, Features } from "./features.ts";
import { priorOver } from "./prior.ts";
import type { RankingWeights } from "./weights.ts";

export interface Posterior {
	/** One entry a candidate, in their order. */
	steps: Float64Array;
	/** 0 where the target knows no such answer. */
	none: number;
}

/** Probabilities that sum to 1; an empty rollout has no error. */
export function posteriorOf(
	candidates: Candidates,
	outcome: Outcome,
	weights: RankingWeights,
	temperature = 1,
): Posterior {
	const count = candidates.steps.length;
	if (count === 0) return { steps: new Float64Array(0), none: 1 };
	const prior = priorOver(priorFor(weights, outcome), count);
	const scores = new Float64Array(count + 1);
	for (let index = 0; index < count; index++) {
		const own = weighted(candidates.features[index] as Features, weights.step);
		scores[index] = (weights.priorWeight * Math.log(prior[index] as number) + own) / temperature;
	}
	scores[count] = weights.none === null ? -Infinity : weighted(candidates.none, weights.none) / temperature;
	softmax(scores);
	return { steps: scores.subarray(0, count), none: scores[count] as number };
}

export function priorFor({ prior }: RankingWeights, outcome: Outcome) {
	if (outcome === "failure") return prior.failure ?? prior.unknown;
	return outcome === "success" ? (prior.success ?? prior.unknown) : prior.unknown;
}

export function weighted(features: Features, weights: Readonly<Record<string, number>>): number {
	let sum = 0;
	for (const name in features) sum += (features[name] as number) * (weights[name] ?? 0);
	return sum;
}

/** In place. */
export function softmax(scores: Float64Array): void {
	let largest = -Infinity;
	for (const score of scores) if (score > largest) largest = score;
	let sum = 0;
	for (let index = 0; index < scores.length; index++) {
		const value = Math.exp((scores[index] as number) - largest);
		scores[index] = value;
		sum += value;
	}
	for (let index = 0; index < scores.length; index++) scores[index] = (scores[index] as number) / sum;
}
