// Reflexion's and LATS' programming runs: attempts, what the tests said and what the agent made of it; trial results and
// judge submissions of the same projects.
import { RecordPlaces } from "../json/places.ts";
import type { JsonRecord } from "../json/record.ts";
import { pointerOf } from "../json/scan.ts";
import { blankRollout, observation } from "../model/create.ts";
import {
	asArray,
	asBoolean,
	asId,
	asObject,
	asString,
	type JsonObject,
	type JsonValue,
	member,
	memberAt,
	without,
} from "../model/json.ts";
import type { Outcome, Place, Rollout } from "../model/trajectory.ts";
import { promptTask, readReward, titleOf } from "./fields.ts";
import type { ReadContext, RecordFormat } from "./format.ts";
import { recordFraming, surestRecord } from "./layout.ts";
import { noParts } from "./parts.ts";
import { stepsOfTurns, type Turn } from "./turns.ts";

export const reflexion: RecordFormat = {
	id: "reflexion",
	title: "Reflexion and LATS runs",
	reads:
		"programming attempts with test feedback and the reflection before each, the final solution, whether it was solved; AlfWorld trial results with their reflections; LeetCode submissions with their verdicts",
	leaves:
		"the tree of a LATS search is flattened in the log, so attempts stand in order; `acc` is a running average and no verdict",
	unit: "record",
	sniff: (sample) => surestRecord(sample, (record) => (kindOf(record) === null ? 0 : 0.85)),
	framing: recordFraming,
	readRecord,
};

type Kind = "program" | "trial" | "submission";

function kindOf(record: JsonObject): Kind | null {
	const named = typeof member(record, "name") === "string" || typeof member(record, "task_id") === "string";
	const programming = typeof member(record, "prompt") === "string" && typeof member(record, "entry_point") === "string";
	const attempted = ["solution", "reflections", "implementations", "is_solved", "acc"].some(
		(key) => member(record, key) !== undefined,
	);
	if (named && programming && attempted) return "program";
	if (named && Array.isArray(member(record, "memory")) && asBoolean(member(record, "is_success")) !== null)
		return "trial";
	const judged = typeof member(record, "code") === "string" && typeof member(record, "status") === "string";
	return judged && asBoolean(member(record, "reward")) !== null ? "submission" : null;
}

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const fields = asObject(record.value);
	const kind = fields === null ? null : kindOf(fields);
	if (fields === null || kind === null) {
		context.problem(record.place, fields === null ? "not an object" : "no attempt, trial or submission");
		return [];
	}
	const places = new RecordPlaces(record, context.locate);
	if (kind === "program") return [readProgram(record, fields, places, context)];
	return [
		kind === "trial" ? readTrial(record, fields, places, context) : readSubmission(record, fields, places, context),
	];
}

function readProgram(record: JsonRecord, fields: JsonObject, places: RecordPlaces, context: ReadContext): Rollout {
	const task = asString(member(fields, "task_id")) ?? asString(member(fields, "name")) ?? "";
	const rollout = blankRollout(record.place, `${task}/${record.ordinal}`, task);
	const prompt = asString(member(fields, "prompt")) ?? "";
	const turns: Turn[] = [textTurn("user", prompt, places.member(fields, "prompt", "") ?? record.place, null)];
	turns.push(...attemptTurns(fields, places));
	rollout.steps = stepsOfTurns(turns, context);
	rollout.outcome = verdict(asBoolean(member(fields, "is_solved")));
	rollout.answer = textOf(member(fields, "solution"));
	rollout.title = titleOf(prompt, []);
	rollout.extra = without(fields, new Set(["prompt", "solution", "implementations", "test_feedback", "reflections"]));
	return rollout;
}

/** Attempts with the reflection that led to them; where only reflections are logged, those and the solution. */
function attemptTurns(fields: JsonObject, places: RecordPlaces): Turn[] {
	const attempts = texts(fields, "implementations", places);
	const feedback = asArray(member(fields, "test_feedback")) ?? [];
	const reflections = texts(fields, "reflections", places);
	const turns = attempts.flatMap(({ text, place }, index): Turn[] => {
		const said = textOf(feedback[index]);
		const observations = said === null || said === "" ? [] : [observation(said)];
		const reasoning = index === 0 ? "" : (reflections[index - 1]?.text ?? "");
		return [{ role: "agent", place, index, parts: noParts({ text, reasoning, observations }) }];
	});
	if (attempts.length === 0)
		turns.push(...reflections.map(({ text, place }, index) => textTurn("agent", text, place, index)));
	const solution = textOf(member(fields, "solution"));
	if (solution === null || solution === attempts.at(-1)?.text) return turns;
	const place = places.member(fields, "solution", "") ?? places.of(fields, "");
	return [...turns, textTurn("agent", solution, place, turns.length)];
}

function texts(fields: JsonObject, key: string, places: RecordPlaces): { text: string; place: Place }[] {
	const list = asArray(member(fields, key)) ?? [];
	const spots = places.elements(list, pointerOf(key));
	return list.map((value, index) => ({
		text: textOf(value) ?? "",
		place: spots[index] ?? places.of(fields, pointerOf(key, index)),
	}));
}

/** The memory of a trial is what the agent told itself after the trials before. */
function readTrial(record: JsonRecord, fields: JsonObject, places: RecordPlaces, context: ReadContext): Rollout {
	const task = asString(member(fields, "name")) ?? "";
	const rollout = blankRollout(record.place, task, task);
	const turns = texts(fields, "memory", places).map(({ text, place }, index) =>
		textTurn("agent", text.trim(), place, index),
	);
	rollout.steps = stepsOfTurns(turns, context);
	rollout.outcome = verdict(asBoolean(member(fields, "is_success")));
	rollout.title = task;
	rollout.extra = without(fields, new Set(["memory"]));
	return rollout;
}

function readSubmission(record: JsonRecord, fields: JsonObject, places: RecordPlaces, context: ReadContext): Rollout {
	const code = asString(member(fields, "code")) ?? "";
	const task = asId(memberAt(fields, "info", "question_id")) ?? promptTask(code);
	const rollout = blankRollout(record.place, `${task}/${record.ordinal}`, task);
	const said = asString(member(fields, "status")) ?? "";
	const place = places.member(fields, "code", "") ?? record.place;
	rollout.reward = readReward(member(fields, "reward"), record.place, context);
	rollout.outcome = verdict(asBoolean(member(fields, "reward")));
	const result = observation(said, { isError: rollout.outcome === "failure" });
	rollout.steps = stepsOfTurns(
		[{ role: "agent", place, index: 0, parts: noParts({ text: code, observations: [result] }) }],
		context,
	);
	rollout.ending = said;
	rollout.truncated = said === "Submission Timed-Out";
	rollout.title = `question ${task}`;
	rollout.extra = without(fields, new Set(["code", "reward"]));
	return rollout;
}

function textTurn(role: "user" | "agent", text: string, place: Place, index: number | null): Turn {
	return { role, place, index, parts: noParts({ text }) };
}

/** A text, or the JSON of what stands in its place. */
function textOf(value: JsonValue | undefined): string | null {
	if (value === undefined || value === null) return null;
	return typeof value === "string" ? value : JSON.stringify(value);
}

function verdict(solved: boolean | null): Outcome {
	return solved === null ? "unknown" : solved ? "success" : "failure";
}
