// The suggestion for one rollout: all evidence, and the step that it points to, or plainly none.
import type { Rollout } from "../model/trajectory.ts";
import type { Evidence, EvidenceContext, Suggestion } from "./evidence.ts";
import { EVIDENCE_SOURCES } from "./registry.ts";

/** Evidence weaker than this informs but does not point: divergence alone is no error. */
const POINTING_STRENGTH = 0.3;

/** Rollouts that succeeded get their evidence listed, but no step is called their first error. */
export function suggestFirstError(rollout: Rollout, context: EvidenceContext): Suggestion {
	const evidence = EVIDENCE_SOURCES.flatMap((source) => source.find(rollout, context)).sort(strongestFirst);
	const best =
		rollout.outcome === "success" ? undefined : evidence.find((entry) => entry.strength >= POINTING_STRENGTH);
	const step = best?.step ?? null;
	const index = step === null ? null : (rollout.steps[step]?.origin.index ?? null);
	return { target: "firstWrong", step, index, probability: null, set: null, evidence };
}

function strongestFirst(a: Evidence, b: Evidence): number {
	return b.strength - a.strength || a.step - b.step;
}
