// The suggestion for a rollout: all evidence, the steps ranked by it, and the best of them, or plainly none.
import type { ReferencePlan } from "../labels/referencePlan.ts";
import type { Rollout, StoredLabel } from "../model/trajectory.ts";
import { type EvidenceContext, type GroupFacts, groupFacts } from "./context.ts";
import type { Evidence } from "./evidence.ts";
import type { RolloutFacts } from "./facts.ts";
import { weightsFor } from "./ranking/choose.ts";
import { candidatesOf } from "./ranking/features.ts";
import { type Posterior, posteriorOf } from "./ranking/posterior.ts";
import { answersWithin } from "./ranking/sets.ts";
import { FEWEST_CALIBRATION_ITEMS, type FirstErrorTarget, type RankingWeights } from "./ranking/weights.ts";
import { loggedPlan } from "./referencePath.ts";
import { EVIDENCE_SOURCES } from "./registry.ts";
import type { StepScores } from "./stepScores.ts";

export interface RankedStep {
	/** 0-based. */
	step: number;
	/** The format's own index of it. */
	index: number | string | null;
	/** Share of the posterior; a calibrated probability only where `Suggestion.probability` states one. */
	share: number;
}

export interface Suggestion {
	target: FirstErrorTarget;
	/** 0-based step; null where the answer is that there is no error, or not enough evidence for one. */
	step: number | null;
	/** The format's own index of that step. */
	index: number | string | null;
	/** Calibrated probability of the answer; null while nothing calibrates it. */
	probability: number | null;
	/** Smallest set of steps that holds the first error with 90 %; null where it cannot be stated, for the reason in `basis`. */
	set: number[] | null;
	/** Whether the set also admits that there is no error. */
	setAdmitsNone: boolean;
	/** Every step of the agent, likeliest first. */
	ranked: RankedStep[];
	/** Share of the posterior for there being no error. */
	none: number;
	/** What the numbers rest on, in words for the reader. */
	basis: string;
	/** All evidence, strongest first; on equal strength the earlier step first. */
	evidence: Evidence[];
	/** Verdicts that stand in the log; no part of the ranking. */
	verdicts: StoredLabel[];
}

export interface SuggestOptions {
	target?: FirstErrorTarget;
	/** Instead of those that come with the product. */
	weights?: RankingWeights;
	/** The reference path that people wrote for the task; where there is none, the one that the log states counts. */
	plan?: ReferencePlan | null;
	/** Scores of each rollout's steps, in the order of the rollouts. */
	scores?: readonly (readonly StepScores[])[];
}

/** The suggestions for all rollouts of one task, in their order: each with the others as its siblings. */
export function suggestFirstErrors(rollouts: readonly Rollout[], options: SuggestOptions = {}): Suggestion[] {
	const group = groupFacts(rollouts);
	const target = options.target ?? "firstWrong";
	return group.members.map((facts, member) => {
		const evidence = findEvidence(group, member, options);
		const mode = facts.rollout.outcome === "unknown" ? "blind" : "known";
		return suggestionOf(facts, evidence, options.weights ?? weightsFor(target, mode));
	});
}

/** Evidence for one member of a group, strongest first. */
export function findEvidence(group: GroupFacts, member: number, options: SuggestOptions = {}): Evidence[] {
	const facts = group.members[member] as RolloutFacts;
	const context: EvidenceContext = {
		group,
		member,
		scores: options.scores?.[member] ?? [],
		reference: options.plan ?? loggedPlan(facts.rollout),
	};
	return EVIDENCE_SOURCES.flatMap((source) => source.find(facts, context)).sort(strongestFirst);
}

function strongestFirst(a: Evidence, b: Evidence): number {
	return b.strength - a.strength || (a.step ?? Infinity) - (b.step ?? Infinity);
}

export function suggestionOf(facts: RolloutFacts, evidence: Evidence[], weights: RankingWeights): Suggestion {
	const { rollout } = facts;
	const { calibration } = weights;
	const candidates = candidatesOf(facts, evidence);
	const posterior = meansFailure(weights.target, rollout)
		? { steps: new Float64Array(candidates.steps.length), none: 1 }
		: posteriorOf(candidates, rollout.outcome, weights, calibration?.temperature ?? 1);
	const mass = calibration?.setMass ?? null;
	const set = mass === null ? null : answersWithin(posterior, mass);
	const ranked = rank(rollout, candidates.steps, posterior);
	const best = ranked[0];
	const step = best === undefined || best.share <= posterior.none ? null : best.step;
	const answer = step === null ? posterior.none : (best as RankedStep).share;
	return {
		target: weights.target,
		step,
		index: step === null ? null : (best as RankedStep).index,
		probability: calibration === null ? null : answer,
		set: set === null ? null : set.steps.map((position) => candidates.steps[position] as number),
		setAdmitsNone: set?.none ?? false,
		ranked,
		none: posterior.none,
		basis: basisOf(weights),
		evidence,
		verdicts: rollout.labels,
	};
}

/** A step that decided a failure, or made success impossible, is in no rollout that succeeded. */
function meansFailure(target: FirstErrorTarget, { outcome }: Rollout): boolean {
	return outcome === "success" && (target === "decisive" || target === "irrecoverable");
}

function rank(rollout: Rollout, steps: readonly number[], posterior: Posterior): RankedStep[] {
	const ranked = steps.map((step, candidate) => ({
		step,
		index: rollout.steps[step]?.origin.index ?? null,
		share: posterior.steps[candidate] as number,
	}));
	return ranked.sort((a, b) => b.share - a.share || a.step - b.step);
}

function basisOf({ source, items, calibration, none }: RankingWeights): string {
	if (items === 0) return "Weights set by hand: the order means something, the shares do not.";
	const learned = `Learned from ${items} labelled rollouts (${source}).`;
	const condition = none === null ? " None of them was without an error, so neither is this one taken to be." : "";
	if (calibration === null) return `${learned}${condition} Not calibrated.`;
	if (calibration.setMass === null)
		return `${learned} Not enough data for a 90 % set: ${calibration.items} of ${FEWEST_CALIBRATION_ITEMS} calibration rollouts.`;
	return `${learned} Calibrated on ${calibration.items} rollouts, error ${calibration.error.toFixed(2)}.`;
}
