// Data for process reward models: rows of one step, TRL's stepwise supervision, and prompts with step rewards for verl.
import type { AnnotatedRollout } from "../labels/annotate.ts";
import { type DatasetExporter, eachRollout, leftOut, record } from "./dataset.ts";
import { agentSteps, messagesBetween, ownMessage, plainText, problemText, promptLength } from "./messages.ts";
import { stepRatings, wholeRating } from "./verdicts.ts";

const RATED = "a rating of at least one step";

/** The agent's steps up to the last one that is rated, with their ratings; null for an unmarked one. */
function ratedSteps({ rollout }: AnnotatedRollout) {
	const ratings = stepRatings(rollout);
	const steps = agentSteps(rollout).map((step) => ({ step, rating: ratings.get(step.step) ?? null }));
	return steps.slice(0, steps.findLastIndex(({ rating }) => rating !== null) + 1);
}

export const prmRows: DatasetExporter = {
	id: "prm-rows",
	title: "Rows for a process reward model: a prefix, a step, its rating",
	needs: RATED,
	records: (group) =>
		group.flatMap((of) => {
			const rated = ratedSteps(of).filter(({ rating }) => rating !== null);
			if (rated.length === 0) return [leftOut(of, "no step is rated")];
			return rated.map(({ step, rating }) =>
				record(of, {
					task: of.rollout.task,
					rollout: of.rollout.id,
					step: step.step,
					index: step.origin.index,
					prefix: messagesBetween(of.rollout, 0, step.step),
					completion: ownMessage(step),
					rating,
				}),
			);
		}),
};

export const stepwiseSet: DatasetExporter = {
	id: "trl-stepwise",
	title: "Stepwise supervision (TRL)",
	needs: "ratings from the first step on: the rollout is cut at the first unmarked step, and neutral counts as right",
	records: eachRollout((of) => {
		const steps = ratedSteps(of);
		const open = steps.findIndex(({ rating }) => rating === null);
		const rated = open === -1 ? steps : steps.slice(0, open);
		if (rated.length === 0) return "its first step is not rated";
		return {
			prompt: problemText(of.rollout),
			completions: rated.map(({ step }) => plainText(step)),
			labels: rated.map(({ rating }) => rating !== -1),
		};
	}),
};

export const verlProcessReward: DatasetExporter = {
	id: "verl-process-reward",
	title: "Prompts and responses with step rewards for verl",
	needs: RATED,
	records: eachRollout((of) => {
		const { rollout } = of;
		const ratings = stepRatings(rollout);
		if (ratings.size === 0) return "no step is rated";
		const begin = promptLength(rollout);
		return {
			data_source: rollout.run ?? "trajectory",
			prompt: messagesBetween(rollout, 0, begin),
			response: messagesBetween(rollout, begin),
			reward_model: { style: "rule", ground_truth: rollout.reference ?? "" },
			extra_info: {
				task: rollout.task,
				rollout: rollout.id,
				outcome_reward: rollout.reward ?? wholeRating(rollout),
				// unmarked stays null: it is not neutral
				step_rewards: agentSteps(rollout).map(({ step }) => ratings.get(step) ?? null),
			},
		};
	}),
};
