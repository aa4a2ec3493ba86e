// AgentRx: the failures of a run by 1-based message, with category and agent; the root cause is the first that could not
// be recovered from.
import type { JsonObject } from "../model/json.ts";
import type { Rollout, StoredLabel } from "../model/trajectory.ts";
import { type DatasetExporter, eachRollout } from "./dataset.ts";
import { messageList } from "./messages.ts";

export const agentRxSet: DatasetExporter = {
	id: "agentrx",
	title: "AgentRx annotations",
	needs: "a step that is rated wrong, has an error type, or is the first irrecoverable one",
	records: eachRollout(({ rollout }) => {
		const failures = failuresOf(rollout);
		if (failures.length === 0) return "no step is labelled as a failure";
		const { messages, firstOf } = messageList(rollout.steps);
		const root = failures.findIndex((label) => label.target === "irrecoverable");
		return {
			trajectory_id: rollout.id,
			failure_summary: rollout.ending ?? "",
			failures: failures.map((label, index) => failureRecord(label, index, stepNumber(label, rollout, firstOf))),
			...(root === -1 ? {} : { root_cause: { failure_id: String(root + 1) } }),
			...(messages.length === 0 ? {} : { messages }),
		};
	}),
};

/** What is said about one failure in several labels comes together: that it is the root cause, and its category. */
function failuresOf(rollout: Rollout): StoredLabel[] {
	const bad = rollout.labels.filter(
		(label) =>
			(label.target === "irrecoverable" && !label.none) ||
			(label.target === "rating" && label.rating === -1 && label.originalIndex !== null),
	);
	const byPlace = Map.groupBy(bad, (label) => JSON.stringify([label.step, label.originalIndex]));
	return [...byPlace.values()].flatMap((labels) => {
		const [named, ...others] = labels.filter(({ category }) => category !== null);
		const root = labels.find(({ target }) => target === "irrecoverable");
		if (named === undefined) return root ?? labels[0] ?? [];
		const rest = others.filter(({ target }) => target !== "irrecoverable");
		return [root === undefined ? named : { ...named, target: "irrecoverable" as const }, ...rest];
	});
}

function failureRecord(label: StoredLabel, index: number, number: number | string | null): JsonObject {
	return {
		failure_id: String(index + 1),
		step_number: number,
		step_reason: label.text ?? "",
		failure_category: label.category ?? "",
		category_reason: "",
		failed_agent: label.agent ?? "",
	};
}

/** Message of the label, counted from 1: a label may speak of a result within its step. */
function stepNumber(label: StoredLabel, rollout: Rollout, firstOf: readonly number[]): number | string | null {
	const own = label.step === null ? undefined : rollout.steps[label.step]?.origin.index;
	if (label.step === null) return label.originalIndex;
	const { originalIndex } = label;
	const within = typeof own === "number" && typeof originalIndex === "number" ? Math.max(0, originalIndex - own) : 0;
	return (firstOf[label.step] as number) + within + 1;
}
