// Rollouts as filters see them: from summaries alone, or with their steps, first errors and advantages of their group.
import { rolloutWithKey } from "../advantages/batch.ts";
import { batchOf, inputsOf } from "../advantages/batchOf.ts";
import { type Estimator, readingAt } from "../advantages/estimator.ts";
import { suggestFirstErrors } from "../firstError/suggest.ts";
import type { Rollout, RolloutSummary } from "../model/trajectory.ts";
import type { Subject } from "./fields.ts";

/** Enough for filters that ask about summaries only. */
export function summarySubject(summary: RolloutSummary): Subject {
	return { summary, rollout: null, firstError: undefined, advantage: () => null };
}

/** The members of one group in full; `summaries` and `rollouts` in the same order. */
export function groupSubjects(
	summaries: readonly RolloutSummary[],
	rollouts: readonly Rollout[],
	estimator: Estimator,
): Subject[] {
	const batch = batchOf(inputsOf(summaries, rollouts));
	const advantages = estimator.compute(batch);
	const firstErrors = suggestFirstErrors(rollouts);
	return summaries.map((summary, index) => {
		const rollout = rollouts[index] as Rollout;
		const member = rolloutWithKey(batch, summary.key);
		const advantage = (step: number | null): number | null => {
			if (member === -1) return null;
			const at = { rollout: member, step: step === null ? null : (batch.stepStart[member] as number) + step };
			return readingAt(batch, advantages, at).value;
		};
		return { summary, rollout, firstError: firstErrors[index]?.step ?? null, advantage };
	});
}
