// TRAIL's annotation files on their own: errors by span, and rubric scores.
import type { JsonRecord } from "../json/record.ts";
import { asArray, asObject, asString, isObject, type JsonObject, member, without } from "../model/json.ts";
import type { Rollout } from "../model/trajectory.ts";
import { numericMembers } from "./fields.ts";
import type { FileFormat, ReadContext } from "./format.ts";
import { labelledOnly, reportMissingTraces } from "./labelFiles.ts";
import { recordFraming, surestRecord } from "./layout.ts";
import { baseName } from "./sample.ts";
import { errorLabel } from "./trail.ts";

export const trailAnnotations: FileFormat = {
	id: "trail-annotations",
	title: "TRAIL annotations",
	reads:
		"errors of a trace as labels by span id, rubric scores; the trace itself is another file, which shows them at its steps",
	leaves: "explanations of the scores are kept raw",
	unit: "file",
	sniff: (sample) =>
		surestRecord(sample, (record) => {
			const error = asArray(member(record, "errors"))?.[0];
			const scores = asArray(member(record, "scores"))?.[0];
			const isError = member(error, "location") !== undefined && member(error, "impact") !== undefined;
			return isError || member(scores, "reliability_score") !== undefined ? 0.9 : 0;
		}),
	framing: recordFraming,
	readFile,
};

function readFile(records: JsonRecord[], context: ReadContext): Rollout[] {
	const rollouts = records.flatMap((record) => {
		if (isObject(record.value)) return [readAnnotations(record, record.value, context)];
		context.problem(record.place, "not an object");
		return [];
	});
	reportMissingTraces(rollouts, context);
	return rollouts;
}

function readAnnotations(record: JsonRecord, fields: JsonObject, context: ReadContext): Rollout {
	const trace = asString(member(fields, "trace_id")) ?? baseName(context.file).replace(/\.[^.]*$/, "");
	const labels = (asArray(member(fields, "errors")) ?? []).map((error) => errorLabel(error, new Map()));
	const rollout = labelledOnly(record, trace, trace, labels, without(fields, new Set(["errors"])));
	rollout.rewards = numericMembers(asObject(asArray(member(fields, "scores"))?.[0]));
	return rollout;
}
