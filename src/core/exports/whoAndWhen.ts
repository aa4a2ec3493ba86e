// Who&When: a history of several speakers, and the agent and entry of the decisive mistake.
import type { JsonObject } from "../model/json.ts";
import type { Rollout, Step } from "../model/trajectory.ts";
import { type DatasetExporter, eachRollout } from "./dataset.ts";
import { plainText, problemText } from "./messages.ts";
import { firstErrorOf } from "./verdicts.ts";

export const whoAndWhenSet: DatasetExporter = {
	id: "whowhen",
	title: "Who&When",
	needs: "the decisive step",
	records: eachRollout(({ rollout }) => {
		const decisive = firstErrorOf(rollout, "decisive");
		if (decisive === "none") return "has no decisive mistake";
		if (decisive === null) return "nobody has said which step is decisive, or people are divided";
		const entries = rollout.steps.map(entriesOf);
		const before = entries.slice(0, decisive).reduce((sum, list) => sum + list.length, 0);
		const label = rollout.labels.find(({ target, step }) => target === "decisive" && step === decisive);
		return {
			...rollout.extra,
			is_correct: rollout.outcome === "success",
			question: rollout.title === "" ? problemText(rollout) : rollout.title,
			question_ID: rollout.task,
			ground_truth: rollout.reference,
			history: entries.flat(),
			mistake_agent: label?.agent ?? speaker(rollout.steps[decisive] as Step, rollout),
			mistake_step: String(before),
			mistake_reason: label?.text ?? "",
			...(label?.category == null ? {} : { mistake_type: label.category }),
		};
	}),
};

/** An entry for what the step says, and one for each result that it got. */
function entriesOf(step: Step): JsonObject[] {
	const results = step.observations.map((observation) => ({
		content: observation.text,
		role: "tool",
		name: step.role === "environment" ? (observation.tool ?? "environment") : "tool",
	}));
	if (step.role === "environment" && results.length > 0) return results;
	return [{ ...step.extra, content: plainText(step), ...spokenBy(step) }, ...results];
}

function spokenBy(step: Step): JsonObject {
	if (step.role === "agent")
		return step.agent === null ? { role: "assistant" } : { role: "assistant", name: step.agent };
	return { role: step.role === "environment" ? "tool" : step.role };
}

function speaker(step: Step, rollout: Rollout): string {
	return step.agent ?? rollout.agent ?? "assistant";
}
