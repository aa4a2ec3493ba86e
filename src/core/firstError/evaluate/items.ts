// Labelled rollouts made ready to be measured: evidence found in the given mode, with everything hidden that the mode hides.

import type { ReferencePlan } from "../../labels/referencePlan.ts";
import { groupRollouts } from "../../model/group.ts";
import type { Rollout, RolloutSummary } from "../../model/trajectory.ts";
import { groupFactsOf } from "../context.ts";
import type { Evidence } from "../evidence.ts";
import { factsOf, type RolloutFacts } from "../facts.ts";
import { candidatesOf } from "../ranking/features.ts";
import type { TrainingItem } from "../ranking/train.ts";
import type { FirstErrorTarget } from "../ranking/weights.ts";
import type { StepScores } from "../stepScores.ts";
import { findEvidence } from "../suggest.ts";
import { labelledAnswer } from "./truth.ts";

/**
 * `known`: the rollout's outcome and reference answer are seen. `blind`: both are hidden. What is seen of its siblings
 * is a choice of its own.
 */
export type Mode = "known" | "blind";
/** What is seen of the other rollouts of the task: their steps with outcomes, without outcomes, or nothing. */
export type SiblingView = "outcomes" | "steps" | "none";

export interface EvaluationOptions {
	target: FirstErrorTarget;
	mode: Mode;
	siblings: SiblingView;
	/** Scores of the rollouts' steps by a reward model, as further evidence. */
	scores?: ReadonlyMap<Rollout, StepScores>;
	/** Reference paths that people wrote, by task: seen where the outcome is known, as they tell what success is. */
	plans?: ReadonlyMap<string, ReferencePlan>;
}

export interface EvaluationItem extends TrainingItem {
	rollout: Rollout;
	facts: RolloutFacts;
	evidence: Evidence[];
	task: string;
	/** False where the labelled step does not exist or was not the agent's: every answer is wrong then. */
	reachable: boolean;
	/** 0-based step of the rollout; null for "none"; undefined where it does not exist. */
	step: number | null | undefined;
	contradictions: number;
}

export interface Member {
	summary: RolloutSummary;
	rollout: Rollout;
}

/** Only rollouts with a label for the target; their unlabelled siblings still speak for and against them. */
export function evaluationItems(members: readonly Member[], options: EvaluationOptions): EvaluationItem[] {
	const rolloutOf = new Map(members.map(({ summary, rollout }) => [summary, rollout]));
	const groups = groupRollouts(members.map(({ summary }) => summary));
	return groups.flatMap((group) => {
		const rollouts = group.rollouts.map((summary) => rolloutOf.get(summary) as Rollout);
		return groupItems(
			rollouts.filter(({ steps }) => steps.length > 0),
			group.task,
			options,
		);
	});
}

function groupItems(rollouts: readonly Rollout[], task: string, options: EvaluationOptions): EvaluationItem[] {
	const seen = rollouts.map((rollout) => factsOf(stripped(rollout, options.siblings === "outcomes")));
	return rollouts.flatMap((rollout, index) => {
		const answer = labelledAnswer(rollout, options.target);
		if (answer === null) return [];
		const facts = { ...(seen[index] as RolloutFacts), rollout: stripped(rollout, options.mode === "known") };
		const alone = options.siblings === "none";
		const own = options.scores?.get(rollout);
		const place = alone ? 0 : index;
		const group = groupFactsOf(alone ? [facts] : seen.with(index, facts));
		const plan = options.mode === "known" ? (options.plans?.get(rollout.task) ?? null) : null;
		const evidence = findEvidence(group, place, {
			plan,
			scores: rollouts.map((_, member) => (member === place && own !== undefined ? [own] : [])),
		});
		const candidates = candidatesOf(facts, evidence);
		const position = typeof answer.step === "number" ? candidates.steps.indexOf(answer.step) : -1;
		const item: EvaluationItem = {
			rollout,
			facts,
			evidence,
			task,
			candidates,
			outcome: facts.rollout.outcome,
			truth: answer.step === null ? null : Math.max(0, position),
			reachable: answer.step === null || position !== -1,
			step: answer.step,
			contradictions: answer.contradictions,
		};
		return [item];
	});
}

/** A copy without anything that tells the answer: labels, raw members, rewards, and the outcome unless it may be seen. */
export function stripped(rollout: Rollout, withOutcome: boolean): Rollout {
	return {
		...rollout,
		outcome: withOutcome ? rollout.outcome : "unknown",
		reference: withOutcome ? rollout.reference : null,
		reward: null,
		rewards: {},
		advantage: null,
		labels: [],
		extra: {},
		steps: rollout.steps.map((step) => ({ ...step, reward: null, advantage: null, extra: {} })),
	};
}
