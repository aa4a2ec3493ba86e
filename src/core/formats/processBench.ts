// ProcessBench: solutions in steps, with the first wrong step as a 0-based index, -1 where there is none.
import { exactId, type JsonRecord, locateElements } from "../json/record.ts";
import { blankRollout } from "../model/create.ts";
import { asArray, asBoolean, asNumber, asObject, asString, type JsonObject, member, without } from "../model/json.ts";
import type { Place, Rollout } from "../model/trajectory.ts";
import { addLabel, promptTask, stepAtIndex, storedLabel, textPlaces, titleOf } from "./fields.ts";
import type { ReadContext, RecordFormat } from "./format.ts";
import { recordFraming, surestRecord } from "./layout.ts";
import { noParts } from "./parts.ts";
import { stepsOfTurns, type Turn } from "./turns.ts";

const READ = new Set(["id", "generator", "problem", "steps", "final_answer_correct", "label"]);

export const processBench: RecordFormat = {
	id: "processbench",
	title: "ProcessBench",
	reads:
		"problem and solution steps, the first wrong step (0-based, -1 = none) as a label of people, whether the final answer is right, the generator",
	leaves: "nothing",
	unit: "record",
	sniff: (sample) =>
		surestRecord(sample, (record) => {
			const isText = typeof asArray(member(record, "steps"))?.[0] === "string";
			return isText && asNumber(member(record, "label")) !== null && member(record, "problem") !== undefined ? 0.95 : 0;
		}),
	framing: recordFraming,
	readRecord,
};

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const fields = asObject(record.value);
	const steps = asArray(member(fields ?? undefined, "steps"));
	if (fields === null || steps === null) {
		context.problem(record.place, fields === null ? "not an object" : "no steps");
		return [];
	}
	const problem = asString(member(fields, "problem")) ?? "";
	const task = promptTask(problem);
	const id = exactId(record, member(fields, "id"), "/id") ?? `${task}/${record.ordinal}`;
	const rollout = blankRollout(record.place, id, task);
	const asked = textPlaces(record, "/problem", context).at(0, problem.length);
	const places = context.locate ? locateElements(record, "/steps") : [];
	const turns = steps.map((value, index): Turn => {
		const place: Place = places[index] ?? { ...record.place, pointer: `${record.place.pointer}/steps/${index}` };
		if (typeof value !== "string") context.problem(place, `step ${index} is not a text`);
		return { role: "agent", place, index, parts: noParts({ text: asString(value) ?? "" }) };
	});
	rollout.steps = stepsOfTurns(
		[{ role: "user", place: asked, index: null, parts: noParts({ text: problem }) }, ...turns],
		context,
	);
	rollout.model = asString(member(fields, "generator"));
	rollout.title = titleOf(problem, []);
	rollout.extra = without(fields, READ);
	const correct = asBoolean(member(fields, "final_answer_correct"));
	if (correct !== null) rollout.outcome = correct ? "success" : "failure";
	addVerdict(rollout, fields, context);
	return [rollout];
}

function addVerdict(rollout: Rollout, fields: JsonObject, context: ReadContext): void {
	const index = asNumber(member(fields, "label"));
	if (index === null) {
		context.problem(rollout.place, "no label");
		return;
	}
	const verdict = storedLabel({ target: "firstWrong", originalIndex: index, annotatorKind: "human" });
	if (index === -1) rollout.labels.push({ ...verdict, none: true });
	else addLabel(rollout, { ...verdict, step: stepAtIndex(rollout.steps, index) }, rollout.place, context);
}
