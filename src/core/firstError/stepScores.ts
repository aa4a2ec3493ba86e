// Scores of steps by a reward model or as logged: what scorers hand to the search for first errors.

export interface StepScores {
	/** Name of the scorer, for the reader. */
	scorer: string;
	/** `process`: how good each step is; `value`: probability of success after it. Both 0 to 1. */
	kind: "process" | "value";
	/** One entry a step of the rollout; null where there is none. */
	scores: readonly (number | null)[];
}
