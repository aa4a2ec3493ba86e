// What metrics need besides the run: a generator, settings, reference paths, first errors.
import { suggestFirstErrors } from "../firstError/suggest.ts";
import { seededRandom } from "../math/random.ts";
import type { Rollout } from "../model/trajectory.ts";
import type { Attempt, MetricContext, RunView, TaskView } from "./metric.ts";

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
	return wrong.length === 0 ? null : wrong.reduce((first, step) => Math.min(first, step));
}

/**
 * First errors as labelled, else as suggested from the rollout and its siblings, a task at a time when first asked for.
 * @param reference paths that people wrote, by task
 */
export function metricContext(
	runs: readonly RunView[],
	set: MetricContext["set"] = {},
	reference: MetricContext["reference"] = () => null,
): MetricContext {
	const tasks = new Map(
		runs.flatMap((run) => run.tasks.flatMap((task) => task.attempts.map((attempt) => [attempt, task] as const))),
	);
	const suggested = new Map<TaskView, Map<Attempt, number | null>>();
	const suggestionsFor = (task: TaskView) => {
		let known = suggested.get(task);
		if (known === undefined) {
			const found = suggestFirstErrors(task.attempts.map(({ rollout }) => rollout));
			known = new Map(task.attempts.map((attempt, index) => [attempt, found[index]?.step ?? null]));
			suggested.set(task, known);
		}
		return known;
	};
	return {
		random: () => seededRandom(SEED),
		set,
		reference,
		firstError: (attempt) => {
			const labelled = labelledFirstError(attempt.rollout);
			if (labelled !== undefined) return labelled;
			const task = tasks.get(attempt);
			return task === undefined ? null : (suggestionsFor(task).get(attempt) ?? null);
		},
	};
}
