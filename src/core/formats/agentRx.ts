// AgentRx annotations: failures of a run by 1-based step with category and agent, one of them the root cause.
import { exactId, type JsonRecord } from "../json/record.ts";
import {
	asArray,
	asId,
	asNumber,
	asString,
	isObject,
	type JsonObject,
	type JsonValue,
	member,
	memberAt,
	without,
} from "../model/json.ts";
import type { Rollout, Step, StoredLabel } from "../model/trajectory.ts";
import { messageTurns } from "./chatMessages.ts";
import { addLabel, storedLabel, titleOf } from "./fields.ts";
import type { FileFormat, ReadContext } from "./format.ts";
import { labelledOnly, reportMissingTraces } from "./labelFiles.ts";
import { recordFraming, surestRecord } from "./layout.ts";
import { stepsOfTurns } from "./turns.ts";

const STEPS = ["messages", "trajectory", "traj", "steps", "history"];

export const agentRx: FileFormat = {
	id: "agentrx",
	title: "AgentRx annotations",
	reads:
		"each failure as a label of its step (1-based), category, agent and reasons; the root cause, which AgentRx defines as the first unrecoverable failure, under that target; messages where the row holds them",
	leaves: "invariants and checker results are not read",
	unit: "file",
	sniff: (sample) =>
		surestRecord(sample, (record) =>
			member(asArray(member(record, "failures"))?.[0], "step_number") === undefined ? 0 : 0.95,
		),
	framing: recordFraming,
	readFile,
};

function readFile(records: JsonRecord[], context: ReadContext): Rollout[] {
	const rollouts = records.flatMap((record) => {
		if (isObject(record.value) && Array.isArray(member(record.value, "failures")))
			return [readAnnotation(record, record.value, context)];
		context.problem(record.place, isObject(record.value) ? "no failures" : "not an object");
		return [];
	});
	reportMissingTraces(rollouts, context);
	return rollouts;
}

function readAnnotation(record: JsonRecord, fields: JsonObject, context: ReadContext): Rollout {
	const id = exactId(record, member(fields, "trajectory_id"), "/trajectory_id") ?? String(record.ordinal);
	const steps = stepsIn(record, fields, context);
	const labels = failureLabels(fields, (number) => stepCovering(steps, number));
	const rollout = labelledOnly(record, id, id, [], without(fields, new Set([...STEPS, "failures"])));
	rollout.outcome = "failure";
	rollout.steps = steps;
	rollout.ending = asString(member(fields, "failure_summary"));
	if (steps.length === 0) rollout.labels = labels;
	else {
		rollout.title = titleOf(null, steps);
		for (const label of labels) addLabel(rollout, label, rollout.place, context);
	}
	return rollout;
}

function stepsIn(record: JsonRecord, fields: JsonObject, context: ReadContext): Step[] {
	const key = STEPS.find((name) => Array.isArray(member(fields, name)));
	if (key === undefined) return [];
	return stepsOfTurns(messageTurns(record, asArray(fields[key]) ?? [], `/${key}`, context, 1), context);
}

function failureLabels(fields: JsonObject, stepOf: (number: number) => number | null): StoredLabel[] {
	const failures = asArray(fields.failures) ?? [];
	const root = rootCause(fields, failures);
	return failures.map((failure) => {
		const number = asNumber(member(failure, "step_number"));
		const isRoot = failure === root;
		const reasons = [asString(member(failure, "step_reason")), asString(member(failure, "category_reason"))];
		return storedLabel({
			target: isRoot ? "irrecoverable" : "rating",
			rating: isRoot ? null : -1,
			step: number === null ? null : stepOf(number),
			originalIndex: number,
			annotatorKind: "human",
			category: asString(member(failure, "failure_category")),
			text: reasons.filter((reason) => reason !== null).join("\n") || null,
			agent: asString(member(failure, "failed_agent")),
		});
	});
}

/** `root_cause` names a failure by its id, or repeats its step. */
function rootCause(fields: JsonObject, failures: JsonValue[]): JsonValue | undefined {
	const stated = member(fields, "root_cause");
	const id = asId(
		memberAt(stated, "failure_id") ??
			member(fields, "root_cause_failure_id") ??
			(isObject(stated) ? undefined : stated),
	);
	const step = asNumber(member(stated, "step_number"));
	return failures.find((failure) => {
		if (id !== null) return asId(member(failure, "failure_id")) === id;
		return step !== null && asNumber(member(failure, "step_number")) === step;
	});
}

/** The step that message `number` (1-based) is part of: results belong to the step that asked for them. */
function stepCovering(steps: Step[], number: number): number | null {
	const last = asNumber(steps.at(-1)?.origin.index ?? undefined);
	const covering = steps.findLast((step) => typeof step.origin.index === "number" && step.origin.index <= number);
	if (covering === undefined || last === null) return null;
	const results = covering === steps.at(-1) ? covering.observations.length : Number.POSITIVE_INFINITY;
	return number <= (covering.origin.index as number) + results ? covering.step : null;
}
