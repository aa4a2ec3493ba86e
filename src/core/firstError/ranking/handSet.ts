// Weights for a target that nothing was learned for yet: every clear case counts the same, places are all alike.
// They rank and never state a probability.
import { EVIDENCE_SOURCES } from "../registry.ts";
import { UNIFORM_PRIOR } from "./prior.ts";
import type { FirstErrorTarget, RankingWeights } from "./weights.ts";

/** Logarithm of the likelihood ratio of a clear case. */
const CLEAR_CASE = 4;
/** What "none" has in its favour: so much that weak evidence alone does not point to a step. */
const NONE = 2;
const SUCCEEDED = 8;
/** Kinds that inform a reader and alone point to nothing: an error is not the likeliest reason for them. */
const INFORMING = new Set(["divergence", "recalled-name", "repaired-error", "answer-unlike-most", "unchecked-answer"]);

export function handSetWeights(target: FirstErrorTarget, mode: RankingWeights["mode"]): RankingWeights {
	const kinds = EVIDENCE_SOURCES.flatMap((source) => Object.keys(source.kinds));
	return {
		target,
		mode,
		source: "set by hand",
		date: "",
		items: 0,
		prior: { unknown: UNIFORM_PRIOR, failure: null, success: null },
		priorWeight: 1,
		step: Object.fromEntries(kinds.map((kind) => [kind, INFORMING.has(kind) ? 0 : CLEAR_CASE])),
		none: {
			"trait:none": NONE,
			"trait:length": -1,
			"trait:success": SUCCEEDED,
			"answer-of-successful": CLEAR_CASE,
			"answer-of-most": CLEAR_CASE / 2,
		},
		calibration: null,
	};
}
