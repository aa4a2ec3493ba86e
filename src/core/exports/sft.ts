// Supervised fine-tuning: conversations (TRL's conversational layout with tools), only what is good to learn from.
import type { AnnotatedRollout } from "../labels/annotate.ts";
import type { JsonObject } from "../model/json.ts";
import { type DatasetExporter, type DatasetOptions, eachRollout } from "./dataset.ts";
import { messageList, messagesBetween, promptLength, toolsOf } from "./messages.ts";
import { goodUntil, isAccepted, stepRatings } from "./verdicts.ts";

/**
 * How many first steps are good to learn from: all of an accepted rollout (rejection sampling as in STaR), with
 * `prefixes` a failed one up to its first error.
 * @returns the reason where none are
 */
function goodSteps({ rollout }: AnnotatedRollout, options: DatasetOptions): number | string {
	if (isAccepted(rollout)) return rollout.steps.length;
	if (!options.prefixes) return "not accepted: it neither succeeded nor is rated right as a whole";
	const until = goodUntil(rollout);
	if (until === null) return "not accepted, and its first error is not known";
	return until > promptLength(rollout) ? until : "wrong from the first step on";
}

export const sft: DatasetExporter = {
	id: "sft",
	title: "Supervised fine-tuning, conversational with tools (TRL)",
	needs: "a success or a rating +1 of the whole; with prefixes, the first error of a failure",
	records: eachRollout((of, options) => {
		const end = goodSteps(of, options);
		if (typeof end === "string") return end;
		return { messages: messagesBetween(of.rollout, 0, end), ...toolsOf(of.rollout) };
	}),
};

export const sftMasked: DatasetExporter = {
	id: "sft-masked",
	title: "Supervised fine-tuning with a loss mask for each message",
	needs: "as sft; messages of steps that are rated wrong are kept as context and masked out",
	records: eachRollout((of, options) => {
		const end = goodSteps(of, options);
		if (typeof end === "string") return end;
		const { rollout } = of;
		const { messages, firstOf } = messageList(rollout.steps.slice(0, end));
		const ratings = stepRatings(rollout);
		const learned = new Set(
			firstOf.flatMap((first, step) =>
				rollout.steps[step]?.role === "agent" && ratings.get(step) !== -1 ? [first] : [],
			),
		);
		const mask = messages.map((_, index) => (learned.has(index) ? 1 : 0));
		const record: JsonObject = { messages, loss_mask: mask, ...toolsOf(rollout) };
		return mask.includes(1) ? record : "no message of the agent is left to learn from";
	}),
};
