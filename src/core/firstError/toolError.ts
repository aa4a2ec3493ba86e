// A tool answered with an error and no later call of that tool succeeded: the error was never repaired.
import type { Observation, Rollout, Step } from "../model/trajectory.ts";
import { oneLine } from "../text/line.ts";
import type { Evidence, EvidenceSource } from "./evidence.ts";

const ERROR_START = /^\s*(?:error\b|exception\b|traceback \(most recent|failed:|fatal:)/i;

/** Whether an observation reports a failure: as marked by the log, or by how its text begins. */
export function isFailure(observation: Observation): boolean {
	return observation.isError || ERROR_START.test(observation.text.slice(0, 200));
}

export const toolError: EvidenceSource = {
	id: "tool-error",
	title: "Tool error that was never repaired",
	find(rollout: Rollout): Evidence[] {
		const lastSuccess = new Map<string, number>();
		for (const step of rollout.steps) {
			for (const { tool, observation } of answers(step)) if (!isFailure(observation)) lastSuccess.set(tool, step.step);
		}
		return rollout.steps.flatMap((step) => {
			const open = answers(step).find(
				({ tool, observation }) => isFailure(observation) && (lastSuccess.get(tool) ?? -1) <= step.step,
			);
			if (open === undefined) return [];
			const text = `${open.tool === "" ? "A tool" : open.tool} returned an error that was never repaired: ${oneLine(open.observation.text, 160)}`;
			return [{ kind: "tool-error", step: step.step, strength: 0.6, text }];
		});
	},
};

function answers(step: Step): { tool: string; observation: Observation }[] {
	return step.observations.map((observation, index) => {
		const asked = step.calls.find((call) => call.id !== null && call.id === observation.callId) ?? step.calls[index];
		return { tool: asked?.name ?? observation.tool ?? "", observation };
	});
}
