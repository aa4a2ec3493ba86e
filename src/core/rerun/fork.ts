// Where a rerun leaves a rollout, and what was changed there.
import type { Rollout, Step } from "../model/trajectory.ts";

export interface Edit {
	/** `message`: the text of the step; `observation`: its first result. */
	what: "message" | "observation";
	text: string;
}

export interface Fork {
	/** 0-based. Without an edit this step is taken anew; with one it is kept, edited, and the next is taken anew. */
	step: number;
	edit: Edit | null;
}

/** The steps that a continuation starts from. The rollout itself is never changed. */
export function forkSteps(rollout: Rollout, { step, edit }: Fork): Step[] {
	const kept = rollout.steps.slice(0, step);
	const edited = rollout.steps[step];
	if (edit === null || edited === undefined) return kept;
	if (edit.what === "message") return [...kept, { ...edited, text: edit.text }];
	const observations = edited.observations.map((observation, index) =>
		index === 0 ? { ...observation, text: edit.text } : observation,
	);
	return [...kept, { ...edited, observations }];
}

/** Why a fork makes no sense; null where it does. */
export function forkProblem(rollout: Rollout, { step, edit }: Fork): string | null {
	if (step < 0 || step >= rollout.steps.length) return `the rollout has steps 0 to ${rollout.steps.length - 1}`;
	if (edit?.what === "observation" && (rollout.steps[step]?.observations.length ?? 0) === 0)
		return `step #${step} has no observation`;
	if (edit === null && !rollout.steps.slice(0, step).some(({ role }) => role === "user" || role === "environment"))
		return "nothing was asked before this step";
	return null;
}
