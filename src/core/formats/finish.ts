// What every reader does last: steps are numbered, and what the log leaves open is taken from the steps.
import { numberSteps } from "../model/create.ts";
import type { Rollout, Step } from "../model/trajectory.ts";
import { hashText } from "../text/hash.ts";
import { oneLine } from "../text/line.ts";
import { addTotals } from "./totals.ts";

const TITLE_LENGTH = 120;

/** Numbers the steps and fills in title, task and totals where they are unknown; nothing that the log states changes. */
export function finishRollout(rollout: Rollout): Rollout {
	numberSteps(rollout.steps);
	rollout.title ||= titleOfSteps(rollout.steps);
	rollout.task ||= promptTask(rollout.steps);
	return addTotals(rollout);
}

/** Rollouts without ids belong together when their first question is the same. */
export function promptTask(steps: Step[]): string {
	const asked = steps.find((step) => step.role === "user") ?? steps[0];
	return `prompt-${hashText(asked?.text ?? "").slice(-8)}`;
}

export function titleOfSteps(steps: Step[]): string {
	return oneLine(steps.find((step) => step.role === "user" && step.text.trim() !== "")?.text ?? "", TITLE_LENGTH);
}
