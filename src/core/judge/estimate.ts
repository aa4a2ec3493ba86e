// What a judge is expected to cost, before it is asked.
import type { Rollout } from "../model/trajectory.ts";
import { DIMENSIONS } from "./dimensions.ts";
import type { Exemplar } from "./exemplars.ts";
import { questionsFor } from "./judge.ts";
import { dimensionQuestion, reviewQuestion } from "./prompts.ts";
import { siblingQuestions } from "./siblings.ts";

export interface JudgeEstimate {
	questions: number;
	/** Tokens sent, guessed from characters, and received at the longest answers that are usual. */
	tokens: number;
}

const CHARACTERS = 4;
const ANSWER_TOKENS = 300;
const SIBLING_TOKENS = 6000;

export function estimateJudge(
	rollout: Rollout,
	candidates: readonly number[],
	orders: number,
	exemplars: readonly Exemplar[],
	siblings: number,
): JudgeEstimate {
	const shown = candidates.map((step, index) => ({ letter: String(index), step }));
	const questions = [
		...DIMENSIONS.map((dimension) => dimensionQuestion(rollout, shown, dimension, exemplars)),
		reviewQuestion(rollout, shown, []),
	];
	const sent = questions.flat().reduce((sum, { content }) => sum + (content?.length ?? 0) / CHARACTERS, 0);
	const own = candidates.length === 0 ? 0 : questionsFor(orders);
	const others = siblingQuestions(siblings, orders);
	const tokens = (own === 0 ? 0 : sent * orders) + others * SIBLING_TOKENS + (own + others) * ANSWER_TOKENS;
	return { questions: own + others, tokens: Math.round(tokens) };
}

export function describeJudgeEstimate({ questions, tokens }: JudgeEstimate): string {
	return `${questions} questions, about ${tokens.toLocaleString("en-US")} tokens (guessed from characters).`;
}
