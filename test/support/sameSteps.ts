// What must survive an export: who took each step, what was said and thought, which calls were made and answered how.
import type { Rollout, Step } from "../../src/core/model/trajectory.ts";

/** The steps of a rollout as far as exports keep them. Ids that the log did not have count as equal to made-up ones. */
export function essentials(rollout: Rollout): unknown[] {
	return rollout.steps.map((step) => ({
		role: step.role,
		text: step.text,
		reasoning: step.reasoning,
		calls: step.calls.map((call) => [idOf(call.id), call.name, JSON.stringify(call.arguments)]),
		observations: step.observations.map((result) => [answered(step, result.callId), result.text, result.isError]),
	}));
}

const MADE_UP = /^call_\d+_\d+$/;

function idOf(id: string | null): string | null {
	return id === null || MADE_UP.test(id) ? null : id;
}

/** Which call a result answers: one of the step, by its place, or the id that the log states. */
function answered(step: Step, callId: string | null): number | string | null {
	const index = step.calls.findIndex((call) => call.id !== null && call.id === callId);
	return index === -1 || idOf(callId) === null ? idOf(callId) : index;
}
