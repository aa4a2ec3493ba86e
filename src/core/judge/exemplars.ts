// Steps that people marked as wrong in other tasks, as examples for the judge. The guard: nothing of the same task, nothing
// that is nearly the same prompt, nothing of the same content under another name - or the judge is told the answer.
import { contentWords, overlap } from "../firstError/words.ts";
import { rolloutHash } from "../labels/subject.ts";
import type { Rollout } from "../model/trajectory.ts";

export interface Exemplar {
	rollout: Rollout;
	/** 0-based step that was marked. */
	step: number;
	why: string;
}

/** Prompts that share more of their words than this count as one task. */
const SAME_PROMPT = 0.6;
const MOST = 2;

/**
 * The exemplars that are most like the rollout, the closest first.
 * @param labelled rollouts with labels, of any task
 */
export function chooseExemplars(rollout: Rollout, labelled: readonly Rollout[]): Exemplar[] {
	const own = promptWords(rollout);
	const tools = toolNames(rollout);
	const hash = rolloutHash(rollout);
	const usable = labelled.flatMap((other) => {
		const mark = other.labels.find(({ target, step, annotatorKind }) => {
			return target === "firstWrong" && step !== null && annotatorKind !== "model";
		});
		if (mark === undefined || mark.step === null || other.task === rollout.task) return [];
		const prompt = overlap(own, promptWords(other));
		if (prompt > SAME_PROMPT || rolloutHash(other) === hash) return [];
		const nearness = overlap(tools, toolNames(other)) + prompt;
		return [{ exemplar: { rollout: other, step: mark.step, why: mark.text ?? mark.category ?? "" }, nearness }];
	});
	return usable
		.sort((a, b) => b.nearness - a.nearness)
		.slice(0, MOST)
		.map(({ exemplar }) => exemplar);
}

function promptWords(rollout: Rollout): Set<string> {
	const asked = rollout.steps.find(({ role }) => role === "user")?.text ?? rollout.title;
	return new Set(contentWords(asked));
}

function toolNames(rollout: Rollout): Set<string> {
	return new Set(rollout.steps.flatMap(({ calls }) => calls.map(({ name }) => name)));
}
