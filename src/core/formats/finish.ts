// What every reader does last: steps are numbered, and what the log leaves open is taken from the steps.
import { numberSteps } from "../model/create.ts";
import type { Rollout } from "../model/trajectory.ts";
import { promptTask, titleOf } from "./fields.ts";
import { addTotals } from "./totals.ts";

/**
 * Numbers the steps and fills in title, task and totals where they are unknown; nothing that the log states changes.
 * Rollouts whose log has no task id belong together when their first question is the same;
 * where nothing was asked, each stands for itself.
 */
export function finishRollout(rollout: Rollout): Rollout {
	const { steps } = rollout;
	numberSteps(steps);
	rollout.title ||= titleOf(null, steps);
	const asked = (steps.find((step) => step.role === "user") ?? steps[0])?.text ?? "";
	rollout.task ||= asked === "" ? rollout.id : promptTask(asked);
	return addTotals(rollout);
}
