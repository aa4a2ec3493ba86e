// Preference data: pairs of continuations (TRL's preference layout), single steps after a shared beginning (step-DPO),
// and rollouts with a verdict each (TRL's unpaired preference, KTO).
import { type DatasetExporter, eachRollout, record } from "./dataset.ts";
import { messagesBetween, promptLength, toolsOf } from "./messages.ts";
import { correctionPairs, type Pair, preferencePairs, siblingPairs, stepPairs } from "./pairs.ts";
import { wholeRating } from "./verdicts.ts";

function pairRecord(pair: Pair) {
	return record(pair.of, {
		prompt: pair.prompt,
		chosen: pair.chosen,
		rejected: pair.rejected,
		...toolsOf(pair.of.rollout),
		kind: pair.kind,
		step: pair.step,
		weight: pair.gain * pair.confidence,
	});
}

export const preferenceSet: DatasetExporter = {
	id: "trl-preference",
	title: "Preference pairs for DPO (TRL)",
	needs: "corrected steps, preferences or rankings of people, or a group with a success and a failure",
	records: (group) => [...correctionPairs(group), ...preferencePairs(group), ...siblingPairs(group)].map(pairRecord),
};

export const stepDpo: DatasetExporter = {
	id: "step-dpo",
	title: "Step-DPO: one better and one worse step after a shared beginning",
	needs: "corrected steps, or a success and a failure of a group that part at a step of the agent",
	records: (group) => stepPairs(group).map(pairRecord),
};

export const unpairedPreferenceSet: DatasetExporter = {
	id: "trl-unpaired-preference",
	title: "Unpaired preference for KTO (TRL)",
	needs: "a known outcome or a rating of the whole",
	records: eachRollout(({ rollout }) => {
		const whole = wholeRating(rollout);
		if (whole !== 1 && whole !== -1) return "neither succeeded nor failed";
		const begin = promptLength(rollout);
		if (begin === rollout.steps.length) return "the agent said nothing";
		return {
			prompt: messagesBetween(rollout, 0, begin),
			completion: messagesBetween(rollout, begin),
			label: whole === 1,
			...toolsOf(rollout),
			weight: rollout.reward === null ? 1 : Math.abs(rollout.reward),
		};
	}),
};
