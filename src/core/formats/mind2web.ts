// Mind2Web and SeeAct: tasks on web pages. One task a record with all its actions, or one action a record.
import { RecordPlaces } from "../json/places.ts";
import type { JsonRecord } from "../json/record.ts";
import { pointerOf } from "../json/scan.ts";
import { blankRollout, blankStep, coveringPlace } from "../model/create.ts";
import {
	asArray,
	asId,
	asNumber,
	asObject,
	asString,
	isObject,
	type JsonObject,
	type JsonValue,
	member,
	without,
} from "../model/json.ts";
import type { Place, Rollout, Step } from "../model/trajectory.ts";
import { finishRollout } from "./finish.ts";
import type { FileFormat, ReadContext, Sample } from "./format.ts";
import { firstObject, recordFraming } from "./layout.ts";

export const mind2web: FileFormat = {
	id: "mind2web",
	title: "Mind2Web and SeeAct",
	reads:
		"task, website, operations as calls with their value and element, how the action reads in words, screenshots; records with one action put together by task",
	leaves: "page sources and the candidates that were not chosen, kept raw",
	unit: "file",
	sniff: (sample: Sample): number => {
		const first = firstObject(sample);
		if (first === null || asString(member(first, "confirmed_task")) === null) return 0;
		return Array.isArray(member(first, "actions")) || isObject(member(first, "operation")) ? 0.95 : 0;
	},
	framing: recordFraming,
	readFile,
};

interface Task {
	fields: JsonObject;
	places: Place[];
	actions: { fields: JsonObject; place: Place; number: number; words: string | null }[];
}

function readFile(records: JsonRecord[], context: ReadContext): Rollout[] {
	const tasks = new Map<string, Task>();
	for (const record of records) {
		const fields = asObject(record.value);
		if (fields === null || asString(member(fields, "confirmed_task")) === null) {
			context.problem(record.place, fields === null ? "not an object" : "no confirmed_task");
			continue;
		}
		const id = asId(member(fields, "annotation_id")) ?? `task-${record.ordinal}`;
		const task = tasks.get(id) ?? { fields, places: [], actions: [] };
		tasks.set(id, task);
		task.places.push(record.place);
		addActions(task, record, fields, context);
	}
	return [...tasks].map(([id, task]) => rolloutOf(id, task));
}

function addActions(task: Task, record: JsonRecord, fields: JsonObject, context: ReadContext): void {
	const list = asArray(member(fields, "actions"));
	const words = asArray(member(fields, "action_reprs")) ?? [];
	if (list === null) {
		const before = (asArray(member(fields, "previous_actions")) ?? []).length;
		const number = asNumber(Number(member(fields, "target_action_index") ?? before)) ?? before;
		task.actions.push({
			fields,
			place: record.place,
			number,
			words: asString(member(fields, "target_action_reprs")) ?? asString(words[number]),
		});
		return;
	}
	const places = new RecordPlaces(record, context.locate);
	const reprs =
		words.length === 0 ? [] : [places.of(member(fields, "action_reprs") ?? null, pointerOf("action_reprs"))];
	list.forEach((action, index) => {
		if (!isObject(action)) context.problem(record.place, `action ${index} is not an object`);
		else
			task.actions.push({
				fields: action,
				// how the action reads in words stands beside the list of actions
				place: coveringPlace([places.of(action, pointerOf("actions", index)), ...reprs]),
				number: index,
				words: asString(words[index]),
			});
	});
}

function rolloutOf(id: string, task: Task): Rollout {
	const place = coveringPlace(task.places);
	const rollout = blankRollout(place, id, id);
	const asked = blankStep({ ...(task.places[0] as Place), index: null }, "user");
	asked.text = asString(member(task.fields, "confirmed_task")) ?? "";
	rollout.steps = [asked, ...task.actions.toSorted((a, b) => a.number - b.number).map(stepOf)];
	rollout.extra = Object.fromEntries(
		["website", "domain", "subdomain"].flatMap((key): [string, JsonValue][] =>
			member(task.fields, key) === undefined ? [] : [[key, member(task.fields, key) ?? null]],
		),
	);
	return finishRollout(rollout);
}

function stepOf(action: Task["actions"][number]): Step {
	const { fields, place, number, words } = action;
	const step = blankStep({ ...place, index: number }, "agent");
	const operation = member(fields, "operation");
	const element = asArray(member(fields, "pos_candidates"))?.[0] ?? null;
	const value = asString(member(operation, "value"));
	step.calls = [
		{
			id: asId(member(fields, "action_uid")),
			name: asString(member(operation, "op")) ?? "action",
			arguments: { ...(value === null || value === "" ? {} : { value }), ...(element === null ? {} : { element }) },
			requestor: null,
		},
	];
	step.text = words ?? "";
	const shot = asString(member(fields, "image_path")) ?? asString(member(fields, "screenshot"));
	if (shot !== null) step.images.push({ mediaType: null, path: shot, pointer: null, place: null });
	step.extra = without(fields, READ);
	return step;
}

const READ = new Set([
	"operation",
	"action_uid",
	"image_path",
	"screenshot",
	"confirmed_task",
	"annotation_id",
	"previous_actions",
	"actions",
	"action_reprs",
]);
