// Judgements of a model about AgentProcessBench trajectories (`step_labels` by message index, without the messages).
import { exactId, type JsonRecord } from "../json/record.ts";
import { asObject, asString, isObject, type JsonObject, member, memberAt, without } from "../model/json.ts";
import type { Rollout, StoredLabel } from "../model/trajectory.ts";
import { storedLabel } from "./fields.ts";
import type { FileFormat, ReadContext } from "./format.ts";
import { labelledOnly, reportMissingTraces } from "./labelFiles.ts";
import { recordFraming, surestRecord } from "./layout.ts";
import { readTime } from "./time.ts";

const READ = new Set(["step_labels", "final_label", "explanations"]);

export const stepJudgements: FileFormat = {
	id: "step-judgements",
	title: "AgentProcessBench judgements",
	reads: "a judge's ratings by message index with its explanations, the verdict about the whole, who judged and when",
	leaves: "the trajectories are in other files",
	unit: "file",
	sniff: (sample) =>
		surestRecord(sample, (record) =>
			asObject(member(record, "step_labels")) !== null &&
			member(record, "messages") === undefined &&
			member(record, "annotator") !== undefined
				? 0.9
				: 0,
		),
	framing: recordFraming,
	readFile,
};

function readFile(records: JsonRecord[], context: ReadContext): Rollout[] {
	const rollouts = records.flatMap((record) => {
		if (isObject(record.value) && asObject(member(record.value, "step_labels")) !== null)
			return [readJudgement(record, record.value, context)];
		context.problem(record.place, isObject(record.value) ? "no step_labels" : "not an object");
		return [];
	});
	reportMissingTraces(rollouts, context);
	return rollouts;
}

function readJudgement(record: JsonRecord, fields: JsonObject, context: ReadContext): Rollout {
	const annotator = asString(member(fields, "annotator"));
	const judge = { target: "rating", annotator, annotatorKind: "model" } as const;
	const labels: StoredLabel[] = [];
	for (const [index, value] of Object.entries(asObject(member(fields, "step_labels")) ?? {})) {
		const rating = ratingOf(value);
		const text = asString(memberAt(fields, "explanations", "steps", index));
		if (rating === null) context.problem(record.place, `the label of message ${index} is no rating`);
		else labels.push(storedLabel({ ...judge, originalIndex: index, rating, text }));
	}
	const whole = ratingOf(member(fields, "final_label"));
	if (whole !== null)
		labels.push(storedLabel({ ...judge, rating: whole, text: asString(memberAt(fields, "explanations", "final")) }));
	const task = exactId(record, member(fields, "query_index"), "/query_index");
	const trial = exactId(record, member(fields, "sample_index"), "/sample_index");
	// as the trajectories are called where they lie, so that the two can be brought together
	const id =
		task !== null && trial !== null
			? `${task}/${trial}`
			: (asString(member(fields, "record_id")) ?? `${task}/${trial}`);
	const rollout = labelledOnly(record, id, task ?? id, labels, without(fields, READ));
	rollout.run = annotator;
	rollout.time = readTime(member(fields, "updated_at"));
	return rollout;
}

function ratingOf(value: unknown): -1 | 0 | 1 | null {
	return value === 1 || value === 0 || value === -1 ? value : null;
}
