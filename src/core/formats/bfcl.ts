// Berkeley Function Calling Leaderboard: what a model called (`*_result.json`), and what failed of it (`*_score.json`).
import { RecordPlaces } from "../json/places.ts";
import type { JsonRecord } from "../json/record.ts";
import { pointerOf } from "../json/scan.ts";
import { blankRollout, call } from "../model/create.ts";
import {
	asArray,
	asBoolean,
	asNumber,
	asObject,
	asString,
	isObject,
	type JsonObject,
	type JsonValue,
	member,
	memberAt,
	without,
} from "../model/json.ts";
import type { Place, Rollout, ToolCall } from "../model/trajectory.ts";
import { readPythonCalls } from "../text/pythonLiteral.ts";
import { messageTurn, readTools } from "./chatMessages.ts";
import { addLabel, storedLabel, titleOf } from "./fields.ts";
import type { ReadContext, RecordFormat } from "./format.ts";
import { recordFraming, surestRecord } from "./layout.ts";
import { noParts, readArguments } from "./parts.ts";
import { stepsOfTurns, type Turn } from "./turns.ts";

const READ = new Set([
	"id",
	"result",
	"model_result_raw",
	"model_result",
	"prompt",
	"input_token_count",
	"output_token_count",
	"latency",
]);

export const bfcl: RecordFormat = {
	id: "bfcl",
	title: "BFCL results",
	reads:
		"calls of every turn (objects, Python syntax or text), questions, tools and expected calls from the score file beside it, verdicts: a score file lists failures only, so every other result passed; error type, failing turn, tokens, latency",
	leaves: "states that the checker compared are kept raw; without a score file outcomes stay unknown",
	unit: "record",
	sniff: (sample) =>
		surestRecord(sample, (record) => {
			if (asString(member(record, "id")) === null) return 0;
			if (asBoolean(member(record, "valid")) !== null && member(record, "prompt") !== undefined) return 0.95;
			return isResult(member(record, "result")) && isPlain(record) ? 0.8 : 0;
		}),
	framing: recordFraming,
	companions: (_name, stem, folders = []) => scoreFile(stem, folders),
	readRecord,
};

/** `result/<model>/<category>/X_result.json` has its verdicts in `score/<model>/<category>/X_score.json`. */
function scoreFile(stem: string, folders: readonly string[]): string[] {
	const up = folders.indexOf("result");
	if (up === -1 || !stem.endsWith("_result")) return [];
	const inner = folders.slice(0, up).reverse();
	return [
		[
			"..",
			...folders.slice(0, up).map(() => ".."),
			"score",
			...inner,
			`${stem.replace(/_result$/, "_score")}.json`,
		].join("/"),
	];
}

/** A text or a list; other logs have results that are objects. */
function isResult(value: JsonValue | undefined): boolean {
	if (typeof value === "string") return true;
	const first = asArray(value)?.[0];
	return (
		Array.isArray(value) && (first === undefined || typeof first === "string" || Array.isArray(first) || isCalls(value))
	);
}

/** Result rows hold the result and how long it took, nothing else. */
function isPlain(record: JsonObject): boolean {
	return Object.keys(without(record, PLAIN)).length === 0;
}

const PLAIN = new Set([
	"id",
	"result",
	"input_token_count",
	"output_token_count",
	"latency",
	"inference_log",
	"traceback",
	"reasoning_content",
]);

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const fields = asObject(record.value);
	const id = asString(member(fields ?? undefined, "id"));
	if (fields === null || id === null) {
		// the first line of a score file says how many there are
		const isHeader = member(fields ?? undefined, "total_count") !== undefined;
		if (!isHeader) context.problem(record.place, fields === null ? "not an object" : "no id");
		return [];
	}
	const key = ["result", "model_result_raw", "model_result"].find((name) => member(fields, name) !== undefined);
	const verdicts = verdictsOf(context);
	const failure = key === "result" ? (verdicts?.get(id) ?? null) : fields;
	const rollout = blankRollout(record.place, id, id);
	const places = new RecordPlaces(record, context.locate);
	const turns = key === undefined ? [] : resultTurns(fields, key, places);
	const asked = failure === fields ? questionTurns(fields, places) : [];
	const conversation = Array.from({ length: Math.max(turns.length, asked.length) }, (_, index) => [
		...(asked[index] ?? []),
		...(turns[index] ?? []),
	]);
	rollout.steps = stepsOfTurns(conversation.flat(), context);
	if (key !== "result") rollout.outcome = asBoolean(member(fields, "valid")) === true ? "success" : "failure";
	else if (verdicts !== null) rollout.outcome = failure === null ? "success" : "failure";
	if (failure !== null && rollout.outcome === "failure") addFailure(rollout, failure, turns.length, context);
	rollout.model = asString(member(fields, "model_name"));
	rollout.tokens = tokensOf(fields);
	rollout.durationMs = secondsOf(member(fields, "latency"));
	rollout.title = titleOf(questionText(failure) ?? id, []);
	rollout.extra = without(fields, READ);
	return [rollout];
}

/** Failures by id from the score file beside a result; null where there is none. */
function verdictsOf(context: ReadContext): Map<string, JsonObject> | null {
	const known = verdictCache.get(context.companions);
	if (known !== undefined) return known;
	const failures = new Map<string, JsonObject>();
	for (const { value } of [...context.companions.values()].flat()) {
		const id = asString(member(value, "id"));
		if (id !== null && isObject(value)) failures.set(id, value);
	}
	const verdicts = context.companions.size === 0 ? null : failures;
	verdictCache.set(context.companions, verdicts);
	return verdicts;
}

/** Made once for all records of a file. */
const verdictCache = new WeakMap<ReadContext["companions"], Map<string, JsonObject> | null>();

/** What the model did, turn by turn. A single question has one turn; a conversation is a list of lists of decisions. */
function resultTurns(fields: JsonObject, key: string, places: RecordPlaces): Turn[][] {
	const result = fields[key] ?? null;
	const pointer = pointerOf(key);
	const whole = places.member(fields, key, "") ?? places.of(fields, pointer);
	if (!Array.isArray(result) || result.length === 0 || isCalls(result)) return [[decision(result, whole, 0)]];
	return result.map((turn, index) => {
		const at = `${pointer}/${index}`;
		if (!Array.isArray(turn)) return [decision(turn, whole, index)];
		const place = places.of(turn, at);
		if (turn.length === 0 || isCalls(turn)) return [decision(turn, place, index)];
		return turn.map((step) => decision(step, Array.isArray(step) ? places.of(step, at) : place, index));
	});
}

/** `[{name: arguments}, ...]`, the calls of one decision. */
function isCalls(list: JsonValue[]): boolean {
	return list.length > 0 && list.every((entry) => isObject(entry));
}

/** One decision: calls as objects, calls in Python's syntax, or text. Its index is the turn's, from 0. */
function decision(value: JsonValue, place: Place, turn: number): Turn {
	const made =
		typeof value === "string"
			? (readPythonCalls(value.trim()) ?? []).map(({ name, arguments: given }) => call(name, given))
			: (asArray(value) ?? [value]).flatMap(callsIn);
	if (made.length > 0) return { role: "agent", place, index: turn, parts: noParts({ calls: made }) };
	const isEmpty = value === null || (Array.isArray(value) && value.length === 0);
	const text = typeof value === "string" ? value : isEmpty ? "" : JSON.stringify(value);
	return { role: "agent", place, index: turn, parts: noParts({ text }) };
}

function callsIn(entry: JsonValue): ToolCall[] {
	return isObject(entry) ? Object.entries(entry).map(([name, given]) => call(name, readArguments(given))) : [];
}

/** `prompt.question`: the user's messages, turn by turn. */
function questionTurns(fields: JsonObject, places: RecordPlaces): Turn[][] {
	const questions = asArray(memberAt(fields, "prompt", "question")) ?? [];
	return questions.map((turn, index) =>
		(asArray(turn) ?? []).flatMap((message, at) => {
			const own = asObject(message);
			return own === null ? [] : [messageTurn(own, places.of(own, `/prompt/question/${index}/${at}`), index)];
		}),
	);
}

/** What the checker said: kind of error, expected calls, and the turn at which a conversation went wrong. */
function addFailure(rollout: Rollout, failure: JsonObject, turns: number, context: ReadContext): void {
	const error = member(failure, "error");
	rollout.ending = asString(member(failure, "error_type")) ?? asString(member(error, "error_type"));
	const expected = member(failure, "possible_answer");
	rollout.reference = expected === undefined ? null : JSON.stringify(expected);
	rollout.tools = readTools(memberAt(failure, "prompt", "function"));
	// results of executed turns are listed up to the one that differed
	const executed = asArray(memberAt(error, "details", "execution_result"))?.length ?? 0;
	const turn = executed > 0 ? executed - 1 : turns === 1 ? 0 : null;
	const label = storedLabel({
		target: "firstAnnotated",
		step: rollout.steps.findLast((step) => step.role === "agent" && step.origin.index === turn)?.step ?? null,
		originalIndex: turn,
		category: rollout.ending,
		text: asString(member(error, "error_message")) ?? asString(asArray(error)?.[0]),
		annotator: "bfcl checker",
	});
	addLabel(rollout, label, rollout.place, context);
}

function questionText(failure: JsonObject | null): string | null {
	return asString(memberAt(failure ?? undefined, "prompt", "question", 0, 0, "content"));
}

/** Counts are numbers, or lists of lists of them for conversations; zeros were not counted. */
function tokensOf(fields: JsonObject): Rollout["tokens"] {
	const prompt = total(member(fields, "input_token_count"));
	const completion = total(member(fields, "output_token_count"));
	return prompt + completion === 0 ? null : { prompt, completion, cached: null, reasoning: null };
}

function secondsOf(latency: JsonValue | undefined): number | null {
	const seconds = total(latency);
	return seconds === 0 ? null : seconds * 1000;
}

function total(value: JsonValue | undefined): number {
	let sum = 0;
	for (const entry of [value].flat(2)) for (const number of [entry].flat()) sum += asNumber(number) ?? 0;
	return sum;
}
