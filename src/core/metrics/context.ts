// What metrics need besides the run: a generator, settings, reference paths, first errors.
import { suggestFirstError } from "../firstError/suggest.ts";
import { seededRandom } from "../math/random.ts";
import type { Rollout } from "../model/trajectory.ts";
import type { Attempt, MetricContext, RunView } from "./metric.ts";

const SEED = 20_260_101;

/** Labels that speak of a first error, in the order in which they are believed. */
const TARGETS = ["firstWrong", "decisive", "irrecoverable", "firstAnnotated"] as const;

/** The first error that a person or judge stored in the log; undefined where nobody judged the rollout. */
export function labelledFirstError(rollout: Rollout): number | null | undefined {
	for (const target of TARGETS) {
		const label = rollout.labels.find((entry) => entry.target === target && (entry.none || entry.step !== null));
		if (label !== undefined) return label.none ? null : label.step;
	}
	const rated = rollout.labels.filter((label) => label.target === "rating" && label.step !== null);
	if (rated.length === 0) return undefined;
	const wrong = rated.flatMap((label) => (label.rating === -1 ? [label.step as number] : []));
	return wrong.length === 0 ? null : Math.min(...wrong);
}

/** First errors as labelled, else as suggested from the rollout and its siblings. */
export function metricContext(runs: readonly RunView[], set: MetricContext["set"] = {}): MetricContext {
	const siblings = new Map<Attempt, readonly Attempt[]>();
	for (const task of runs.flatMap((run) => run.tasks))
		for (const attempt of task.attempts) siblings.set(attempt, task.attempts);
	return {
		random: () => seededRandom(SEED),
		set,
		reference: () => null,
		firstError: (attempt) => {
			const labelled = labelledFirstError(attempt.rollout);
			if (labelled !== undefined) return labelled;
			const others = (siblings.get(attempt) ?? []).filter((other) => other !== attempt);
			return suggestFirstError(attempt.rollout, { siblings: others.map(({ rollout }) => rollout) }).step;
		},
	};
}
