// AgentProcessBench: chat messages with a rating for each message of the agent, by the message's index, and one for the whole.
import type { JsonObject } from "../model/json.ts";
import { type DatasetExporter, eachRollout } from "./dataset.ts";
import { messageList, toolsOf } from "./messages.ts";
import { stepRatings, wholeRating } from "./verdicts.ts";

export const agentProcessBenchSet: DatasetExporter = {
	id: "agentprocessbench",
	title: "AgentProcessBench",
	needs: "a rating of at least one step",
	records: eachRollout(({ rollout }) => {
		const ratings = stepRatings(rollout);
		if (ratings.size === 0) return "no step is rated";
		const { messages, firstOf } = messageList(rollout.steps);
		const labels: JsonObject = {};
		const explanations: JsonObject = {};
		for (const [step, rating] of [...ratings].sort(([a], [b]) => a - b)) {
			const index = String(firstOf[step]);
			labels[index] = rating;
			const text = rollout.labels.find((label) => label.step === step && label.text !== null)?.text;
			if (text != null) explanations[index] = text;
		}
		const whole = wholeRating(rollout);
		return {
			rollout_id: rollout.id,
			task_id: rollout.task,
			question: rollout.title,
			...(rollout.reference === null ? {} : { ground_truth: rollout.reference }),
			messages,
			...toolsOf(rollout),
			step_labels: labels,
			...(whole === null ? {} : { final_label: whole }),
			...(Object.keys(explanations).length === 0 ? {} : { explanations: { steps: explanations } }),
		};
	}),
};
