// Scores of a value model where logged values would stand: for GAE and for evidence of first errors.
import type { StepScores } from "../firstError/stepScores.ts";
import type { Rollout } from "../model/trajectory.ts";
import type { Meaning } from "./description.ts";
import type { RolloutScores } from "./scores.ts";

/**
 * The rollout with a value before each agent step: the score after the step before it. Nothing is known before the first
 * step but what the model says after it, so that stands for both and the first step's own effect is counted as none.
 * A rollout with a value of its own, or with an unscored agent step, stays as it is.
 */
export function withValues(rollout: Rollout, scores: readonly (number | null)[]): Rollout {
	if (rollout.steps.some(({ value }) => value !== null)) return rollout;
	const acting = rollout.steps.filter(({ role }) => role === "agent");
	if (acting.length === 0 || acting.some(({ step }) => (scores[step] ?? null) === null)) return rollout;
	let before = scores[(acting[0] as (typeof acting)[number]).step] as number;
	const steps = rollout.steps.map((step) => {
		if (step.role !== "agent") return step;
		const value = before;
		before = scores[step.step] as number;
		return { ...step, value };
	});
	return { ...rollout, steps };
}

/** What the search for first errors takes of a model; null where the scores speak of the whole rollout only. */
export function stepScoresOf(scorer: string, means: Meaning, { steps }: RolloutScores): StepScores | null {
	return means === "outcome" ? null : { scorer, kind: means, scores: steps };
}
