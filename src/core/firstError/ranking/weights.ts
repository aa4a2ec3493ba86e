// The numbers that turn evidence into a posterior, one set a target: learned by `npm run train:evidence`, kept as a file
// that a person can read.
import type { LabelTarget } from "../../model/trajectory.ts";

/** Targets that a step can be the first of; ratings are turned into `firstWrong`. */
export type FirstErrorTarget = Exclude<LabelTarget, "rating">;

export const TARGETS: readonly FirstErrorTarget[] = ["firstWrong", "decisive", "irrecoverable", "firstAnnotated"];

/**
 * Where first errors stand, whatever the evidence. Each list holds counts of labelled rollouts; a step's prior is a mixture of
 * the three, each normalised over the steps that the rollout has, and of a uniform part.
 */
export interface PositionPrior {
	/** By ordinal among the agent's steps, from the first. */
	fromStart: number[];
	/** By ordinal from the last. */
	fromEnd: number[];
	/** By tenths of the rollout. */
	relative: number[];
	/** Shares of fromStart, fromEnd, relative and uniform; they sum to 1. */
	mixture: [number, number, number, number];
}

/** How far stated probabilities can be trusted, measured on rollouts that the weights were not fitted to. */
export interface Calibration {
	/** Posterior probabilities are raised to 1 / temperature and normalised. */
	temperature: number;
	/** Rollouts that it was measured on. */
	items: number;
	/** Expected calibration error of the best step's probability after tempering. */
	error: number;
	/**
	 * For the 90 % set: candidates are taken in order of probability until their mass reaches this; null where too few items
	 * stand behind it.
	 */
	setMass: number | null;
}

export interface RankingWeights {
	target: FirstErrorTarget;
	/** Whether the outcome was seen: a rollout with a known outcome is ranked by other weights than one without. */
	mode: "known" | "blind";
	/** What the weights were learned from and under which licence, for the reader. */
	source: string;
	/** ISO date of training. */
	date: string;
	/** Labelled rollouts behind them. */
	items: number;
	/** By what was known of the outcome; `unknown` for all taken together. */
	prior: { unknown: PositionPrior; failure: PositionPrior | null; success: PositionPrior | null };
	/** Weight of the logarithm of the position prior. */
	priorWeight: number;
	/** Logarithm of the likelihood ratio of a clear case (strength 1) of each kind of evidence and of each trait of a step. */
	step: Record<string, number>;
	/** The same for "there is no error"; null where no label ever said so and the target knows no such answer. */
	none: Record<string, number> | null;
	/** Null where nothing was held out to measure it. */
	calibration: Calibration | null;
}

/** Fewest calibration items behind a stated 90 % set. */
export const FEWEST_CALIBRATION_ITEMS = 50;
