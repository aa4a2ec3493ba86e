// Whether an agent's summaries of its own history say what happened: for each step, at which rank its summary finds it
// among all steps of the rollout (after SecAgent; the retrieval by tf-idf is our reading, grade D).
import { type Change, diffWords } from "diff";
import type { Rollout, Step } from "../model/trajectory.ts";
import { countWords, documentFrequencies, similarity } from "./words.ts";

export interface Fidelity {
	/** 0-based. */
	step: number;
	/** 1 where the summary is most like its own step; higher where other steps are more like it. */
	rank: number;
	/** Number of steps that it was ranked among. */
	of: number;
}

export interface SummaryChange {
	/** 0-based. */
	step: number;
	summary: string;
	/** Words that came and went since the summary before; null for the first. */
	changes: Change[] | null;
}

/** Ranks are computed for at most this many steps: the work grows with the square. */
const MOST_STEPS = 500;

/** Empty where the log holds no summaries of agent steps. Ties count against the summary. */
export function summaryFidelity(rollout: Rollout): Fidelity[] {
	const steps = rollout.steps.filter((step) => step.role === "agent").slice(0, MOST_STEPS);
	const texts = steps.map((step) => countWords(contentOf(step)));
	const frequencies = documentFrequencies(texts);
	return steps.flatMap((step, index) => {
		if (step.summary === null) return [];
		const query = countWords(step.summary);
		const scores = texts.map((text) => similarity(query, text, frequencies, texts.length));
		const own = scores[index] as number;
		const rank = scores.filter((score, other) => other !== index && score >= own).length + 1;
		return [{ step: step.step, rank, of: steps.length }];
	});
}

/** The summaries of a rollout in order, each with its difference to the one before. */
export function summaryHistory(rollout: Rollout): SummaryChange[] {
	let before: string | null = null;
	return rollout.steps.flatMap((step) => {
		if (step.summary === null) return [];
		const changes = before === null ? null : diffWords(before, step.summary);
		before = step.summary;
		return [{ step: step.step, summary: step.summary, changes }];
	});
}

function contentOf(step: Step): string {
	const calls = step.calls.map((call) => `${call.name} ${JSON.stringify(call.arguments)}`);
	return [step.text, step.reasoning, ...calls, ...step.observations.map((observation) => observation.text)].join("\n");
}
