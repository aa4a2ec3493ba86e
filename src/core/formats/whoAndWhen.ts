// Who&When: failed runs of several agents with the decisive mistake: who made it, at which index of the history, and why.
import type { JsonRecord } from "../json/record.ts";
import { blankRollout } from "../model/create.ts";
import { asArray, asId, asObject, asString, type JsonObject, member, without } from "../model/json.ts";
import { outcomeOf } from "../model/outcome.ts";
import type { Rollout } from "../model/trajectory.ts";
import { addLabel, promptTask, stepAtIndex, storedLabel, titleOf } from "./fields.ts";
import type { ReadContext, RecordFormat } from "./format.ts";
import { historySteps } from "./history.ts";
import { recordFraming, surestRecord } from "./layout.ts";

const READ = new Set([
	"history",
	"question",
	"question_ID",
	"ground_truth",
	"mistake_agent",
	"mistake_step",
	"mistake_reason",
	"mistake_type",
]);

export const whoAndWhen: RecordFormat = {
	id: "whowhen",
	title: "Who&When",
	reads:
		"both kinds (speaker in `name`, or as free text in `role`), every entry as a step, the decisive mistake with agent, index in a string and reason",
	leaves:
		"system prompts are kept raw; the blamed agent is kept as stated, also where another one speaks at that index",
	unit: "record",
	sniff: (sample) =>
		surestRecord(sample, (record) =>
			Array.isArray(member(record, "history")) && member(record, "mistake_step") !== undefined ? 0.95 : 0,
		),
	framing: recordFraming,
	readRecord,
};

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const fields = asObject(record.value);
	const history = asArray(member(fields ?? undefined, "history"));
	if (fields === null || history === null) {
		context.problem(record.place, fields === null ? "not an object" : "no history");
		return [];
	}
	const question = asString(member(fields, "question")) ?? "";
	const task = asId(member(fields, "question_ID")) ?? promptTask(question);
	const rollout = blankRollout(record.place, record.ordinal === 0 ? task : `${task}/${record.ordinal}`, task);
	rollout.steps = historySteps(record, history, "/history", context);
	rollout.outcome = outcomeOf(
		{ is_correct: member(fields, "is_correct") ?? member(fields, "is_corrected") ?? null },
		null,
	);
	rollout.reference = asId(member(fields, "ground_truth"));
	rollout.title = titleOf(question, rollout.steps);
	rollout.extra = without(fields, READ);
	addMistake(rollout, fields, context);
	return [rollout];
}

function addMistake(rollout: Rollout, fields: JsonObject, context: ReadContext): void {
	const stated = member(fields, "mistake_step");
	const originalIndex = typeof stated === "number" || typeof stated === "string" ? stated : null;
	if (originalIndex === null) {
		context.problem(rollout.place, "no mistake_step");
		return;
	}
	const label = storedLabel({
		target: "decisive",
		step: stepAtIndex(rollout.steps, String(originalIndex).trim()),
		originalIndex,
		annotatorKind: "human",
		category: asString(member(fields, "mistake_type")),
		text: asString(member(fields, "mistake_reason")),
		agent: asString(member(fields, "mistake_agent")),
	});
	addLabel(rollout, label, rollout.place, context);
}
