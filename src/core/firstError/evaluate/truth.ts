// From the labels of a log to the answer that a suggestion is measured against.
import type { Rollout, StoredLabel } from "../../model/trajectory.ts";
import { type FirstErrorTarget, TARGETS } from "../ranking/weights.ts";

export interface LabelledAnswer {
	/** 0-based step of the first error; null for "there is none". Undefined where the label fits no step of the rollout. */
	step: number | null | undefined;
	/** Annotators who answered otherwise. */
	contradictions: number;
}

/** The answer of the labels for a target; null where they say nothing of it. People outrank models, then the majority decides. */
export function labelledAnswer(rollout: Rollout, target: FirstErrorTarget): LabelledAnswer | null {
	const byAnnotator = Map.groupBy(rollout.labels, (label) => `${label.annotatorKind}\n${label.annotator ?? ""}`);
	const answers: { answer: number | null | undefined; person: boolean }[] = [];
	for (const labels of byAnnotator.values()) {
		const answer = answerOf(labels, target);
		if (answer !== NOTHING) answers.push({ answer, person: labels[0]?.annotatorKind !== "model" });
	}
	const believed = answers.some(({ person }) => person) ? answers.filter(({ person }) => person) : answers;
	if (believed.length === 0) return null;
	const votes = [...Map.groupBy(believed, ({ answer }) => answer).entries()];
	votes.sort(([a, one], [b, other]) => other.length - one.length || (a ?? Infinity) - (b ?? Infinity));
	const [step, agreeing] = votes[0] as (typeof votes)[number];
	return { step, contradictions: believed.length - agreeing.length };
}

const NOTHING = "nothing";

function answerOf(
	labels: readonly StoredLabel[],
	target: FirstErrorTarget,
): number | null | undefined | typeof NOTHING {
	const stated = labels.filter((label) => label.target === target);
	if (stated.length > 0) return earliest(stated.filter((label) => !label.none));
	// ratings beside a verdict of another target are remarks on single steps, not a rating of all of them
	const rated = labels.filter((label) => label.originalIndex !== null);
	if (target !== "firstWrong" || rated.length === 0 || rated.some((label) => label.target !== "rating")) return NOTHING;
	return earliest(rated.filter((label) => label.rating === -1));
}

function earliest(labels: readonly StoredLabel[]): number | null | undefined {
	const steps = labels.flatMap((label) => label.step ?? []);
	if (steps.length > 0) return Math.min(...steps);
	return labels.length === 0 ? null : undefined;
}

/** The target that most rollouts have a label for; null where none has any. */
export function commonestTarget(rollouts: readonly Rollout[]): FirstErrorTarget | null {
	let best: FirstErrorTarget | null = null;
	let most = 0;
	for (const target of TARGETS) {
		const count = rollouts.filter((rollout) => labelledAnswer(rollout, target) !== null).length;
		if (count > most) [best, most] = [target, count];
	}
	return best;
}

/** Every step that somebody marked as wrong, whatever the target: for measures over sets of errors. */
export function markedSteps(rollout: Rollout): Set<number> {
	return new Set(
		rollout.labels.flatMap((label) =>
			label.step !== null && !label.none && (label.rating === null || label.rating === -1) ? [label.step] : [],
		),
	);
}
