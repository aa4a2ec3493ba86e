// What a piece of evidence is: a step, how strongly it points there, and a sentence that a person can check.
import type { LabelTarget, Rollout } from "../model/trajectory.ts";

export interface Evidence {
	/** Id of the check that found it. */
	kind: string;
	/** 0-based step. */
	step: number;
	/** 0 to 1: how far this alone should move a reader; not a probability. */
	strength: number;
	/** One sentence in plain words, with the facts to check. */
	text: string;
}

export interface EvidenceContext {
	/** The other rollouts of the same task, in full. */
	siblings: Rollout[];
}

/** One way of finding evidence: one file beside this one and one line in the registry. */
export interface EvidenceSource {
	id: string;
	title: string;
	find(rollout: Rollout, context: EvidenceContext): Evidence[];
}

export interface Suggestion {
	target: LabelTarget;
	/** 0-based step; null where there is not enough evidence for one. */
	step: number | null;
	/** The format's own index of that step. */
	index: number | string | null;
	/** Calibrated probability that the step is the one; null while nothing calibrates it. */
	probability: number | null;
	/** Smallest set of steps that holds the answer with 90 %; null where it cannot be stated. */
	set: number[] | null;
	/** All evidence, strongest first; on equal strength the earlier step first. */
	evidence: Evidence[];
}
