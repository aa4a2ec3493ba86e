// AgentLab journals: for each task the agents that tried it, with their rewards and where their steps are kept. The
// steps themselves are pickled Python objects in those folders.
import { RecordPlaces } from "../json/places.ts";
import type { JsonRecord } from "../json/record.ts";
import { pointerOf } from "../json/scan.ts";
import { blankRollout } from "../model/create.ts";
import { asArray, asObject, asString, isObject, type JsonValue, member, without } from "../model/json.ts";
import { outcomeOf } from "../model/outcome.ts";
import type { Rollout } from "../model/trajectory.ts";
import { oneLine } from "../text/line.ts";
import { readReward } from "./fields.ts";
import type { ReadContext, RecordFormat, Sample } from "./format.ts";
import { firstObject, recordFraming } from "./layout.ts";

export const agentLab: RecordFormat = {
	id: "agentlab",
	title: "AgentLab journals",
	reads: "one rollout a record: task, agent, model, reward, where its steps are kept",
	leaves: "the steps: a journal has none",
	unit: "record",
	sniff: (sample: Sample): number => {
		const records = asArray(member(firstObject(sample) ?? undefined, "trajectory_records"));
		return records?.some((record) => member(record, "reward") !== undefined || member(record, "path") !== undefined)
			? 0.95
			: 0;
	},
	framing: recordFraming,
	readRecord,
};

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const fields = asObject(record.value);
	const tried = asArray(member(fields ?? undefined, "trajectory_records"));
	if (fields === null || tried === null) {
		context.problem(record.place, fields === null ? "not an object" : "no trajectory_records");
		return [];
	}
	if (record.ordinal === 0)
		context.notice?.(record.place, "a journal has results only: the steps are in the folders that it names");
	const task = asString(member(fields, "task_id")) ?? `task-${record.ordinal}`;
	const places = new RecordPlaces(record, context.locate);
	return tried.flatMap((entry, index) => {
		if (isObject(entry)) return [readResult(entry, task, index, record, places, context)];
		context.problem(record.place, `record ${index} is not an object`);
		return [];
	});
}

function readResult(
	entry: Record<string, JsonValue>,
	task: string,
	index: number,
	record: JsonRecord,
	places: RecordPlaces,
	context: ReadContext,
): Rollout {
	const place = places.of(entry, pointerOf("trajectory_records", index));
	const rollout = blankRollout(place, `${task}/${index}`, task);
	rollout.agent = asString(member(entry, "agent"));
	rollout.model = asString(member(entry, "model"));
	rollout.reward = readReward(member(entry, "reward"), record.place, context);
	rollout.outcome = outcomeOf(entry, rollout.reward);
	const path = asString(member(entry, "path"));
	rollout.title = oneLine(
		path === null
			? "no steps in this journal"
			: `no steps in this journal; they are kept in ${path.split(/[/\\]/).at(-1)}`,
		120,
	);
	rollout.extra = without(entry, new Set(["agent", "model", "reward"]));
	return rollout;
}
