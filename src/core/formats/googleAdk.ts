// Google ADK: sessions with their events, and evaluation sets, whose conversations are what is expected.
import { RecordPlaces } from "../json/places.ts";
import type { JsonRecord } from "../json/record.ts";
import { pointerOf } from "../json/scan.ts";
import { blankRollout } from "../model/create.ts";
import {
	asArray,
	asId,
	asObject,
	asString,
	isObject,
	type JsonObject,
	type JsonValue,
	member,
	memberAt,
	without,
} from "../model/json.ts";
import type { Place, Rollout, Step, ToolCall } from "../model/trajectory.ts";
import { finishRollout } from "./finish.ts";
import type { Framing, ReadContext, RecordFormat, Sample } from "./format.ts";
import { contentTurn, isContent } from "./geminiContent.ts";
import { firstObject, recordFraming } from "./layout.ts";
import { noParts, readArguments } from "./parts.ts";
import { readTime } from "./time.ts";
import { says, stepsOfTurns, type Turn } from "./turns.ts";
import { readUsage } from "./usage.ts";

export const googleAdk: RecordFormat = {
	id: "google-adk",
	title: "Google ADK sessions and evaluation sets",
	reads:
		"sessions: events with text, function calls and responses, authors as agents, times, tokens, state; evaluation sets: one rollout a case with the expected tool uses and answers",
	leaves: "partial events of streams; the model requests that old sessions log beside their events",
	unit: "record",
	sniff,
	framing: (sample): Framing => {
		if (isCaseList(sample)) return { kind: "elements", pointer: "/eval_cases" };
		// the queries of an old evaluation file are the turns of one conversation
		return isOldEvaluation(firstObject(sample)) && sample.layout === "document"
			? { kind: "document" }
			: recordFraming(sample);
	},
	readRecord,
};

function isCaseList(sample: Sample): boolean {
	return sample.layout === "document" && Array.isArray(member(sample.values[0], "eval_cases"));
}

function sniff(sample: Sample): number {
	if (isCaseList(sample)) return 0.95;
	const first = firstObject(sample);
	if (first === null) return 0;
	if (isOldEvaluation(first) || isCase(first)) return 0.9;
	const events = asArray(member(first, "events"));
	if (events === null) return 0;
	const isSession = ["user_id", "userId", "app_name", "appName", "past_events"].some(
		(key) => member(first, key) !== undefined,
	);
	return events.some(isEvent) ? 0.95 : isSession && events.length === 0 ? 0.7 : 0;
}

function isEvent(value: JsonValue): boolean {
	const invocation = member(value, "invocation_id") ?? member(value, "invocationId");
	return asString(member(value, "author")) !== null && invocation !== undefined;
}

function isCase(value: JsonValue | null): boolean {
	return value !== null && memberAt(value, "conversation", 0, "user_content") !== undefined;
}

function isOldEvaluation(value: JsonValue | null): boolean {
	return (
		value !== null && asString(member(value, "query")) !== null && member(value, "expected_tool_use") !== undefined
	);
}

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const places = new RecordPlaces(record, context.locate);
	const { value } = record;
	if (Array.isArray(value)) return [oldEvaluation(record, value, places, context)];
	if (!isObject(value)) {
		context.problem(record.place, "not an object");
		return [];
	}
	if (isOldEvaluation(value)) return [oldEvaluation(record, [value], places, context)];
	if (Array.isArray(member(value, "conversation"))) return [evaluationCase(record, value, places, context)];
	const events = asArray(member(value, "events"));
	if (events !== null) return [session(record, value, events, places, context)];
	context.problem(record.place, "neither events nor a conversation");
	return [];
}

function session(
	record: JsonRecord,
	fields: JsonObject,
	events: JsonValue[],
	places: RecordPlaces,
	context: ReadContext,
): Rollout {
	const rollout = blankRollout(record.place, asId(member(fields, "id")) ?? `session-${record.ordinal}`, "");
	const turns: Turn[] = [];
	events.forEach((event, index) => {
		const place = isObject(event) ? places.of(event, pointerOf("events", index)) : record.place;
		if (!isObject(event)) context.problem(place, `event ${index} is not an object`);
		else if (member(event, "partial") !== true) turns.push(...eventTurns(event, place, index));
	});
	rollout.steps = stepsOfTurns(turns, context);
	rollout.agent = asString(member(fields, "app_name") ?? member(fields, "appName"));
	rollout.extra = without(fields, new Set(["events", "event_logs", "id"]));
	return finishRollout(rollout);
}

/** Events without content tell of state and transfers only. */
function eventTurns(event: JsonObject, place: Place, index: number): Turn[] {
	const content = member(event, "content");
	const failure = asString(member(event, "error_message") ?? member(event, "errorMessage"));
	if (!isContent(content) && failure === null) return [];
	const author = asString(member(event, "author"));
	const fields: Partial<Step> = {
		agent: author === "user" ? null : author,
		time: readTime(member(event, "timestamp")),
		model: asString(member(event, "model_version") ?? member(event, "modelVersion")),
		tokens: readUsage(member(event, "usage_metadata") ?? member(event, "usageMetadata")),
		extra: without(event, READ),
	};
	const id = asId(member(event, "id")) ?? index;
	const turn = contentTurn(asObject(content) ?? {}, place, id, fields, author === "user" ? "user" : "agent");
	if (failure !== null)
		turn.parts.observations.push({ callId: null, tool: null, text: failure, isError: true, images: [] });
	return [turn];
}

const READ = new Set(["id", "author", "content", "timestamp", "usage_metadata", "usageMetadata", "partial"]);

function evaluationCase(record: JsonRecord, fields: JsonObject, places: RecordPlaces, context: ReadContext): Rollout {
	const id = asId(member(fields, "eval_id")) ?? `case-${record.ordinal}`;
	const rollout = blankRollout(record.place, id, id);
	const set = asObject(context.header);
	rollout.run = asId(member(set ?? undefined, "eval_set_id"));
	const invocations = asArray(member(fields, "conversation")) ?? [];
	const turns = invocations.flatMap((invocation, index) => {
		const place = isObject(invocation) ? places.of(invocation, pointerOf("conversation", index)) : record.place;
		if (isObject(invocation)) return invocationTurns(invocation, place, index);
		context.problem(place, `invocation ${index} is not an object`);
		return [];
	});
	rollout.steps = stepsOfTurns(turns, context);
	rollout.agent = asString(memberAt(fields, "session_input", "app_name"));
	rollout.extra = without(fields, new Set(["conversation", "eval_id"]));
	return finishRollout(rollout);
}

function invocationTurns(invocation: JsonObject, place: Place, number: number): Turn[] {
	const time = readTime(member(invocation, "creation_timestamp"));
	const index = asId(member(invocation, "invocation_id")) ?? number;
	const asked = member(invocation, "user_content");
	const answered = member(invocation, "final_response");
	const between = member(invocation, "intermediate_data");
	const turns: Turn[] = isContent(asked) ? [contentTurn(asked, place, index, { time }, "user")] : [];
	for (const event of asArray(member(between, "invocation_events")) ?? []) {
		const content = member(event, "content");
		const agent = asString(member(event, "author"));
		if (isContent(content)) turns.push(contentTurn(content, place, index, { time, agent }, "agent"));
	}
	const uses = (asArray(member(between, "tool_uses")) ?? []).flatMap((use) => callOf(use, "name", "args") ?? []);
	const answers = (asArray(member(between, "tool_responses")) ?? []).filter(isObject);
	if (uses.length > 0) turns.push({ role: "agent", place, index, parts: noParts({ calls: uses }), fields: { time } });
	for (const response of answers) {
		turns.push(contentTurn({ parts: [{ function_response: response }] }, place, index, { time }, "environment"));
	}
	for (const said of asArray(member(between, "intermediate_responses")) ?? []) {
		const [agent, parts] = asArray(said) ?? [];
		turns.push(contentTurn({ parts: parts ?? [] }, place, index, { time, agent: asString(agent) }, "agent"));
	}
	const answer = isContent(answered) ? contentTurn(answered, place, index, { time }, "agent") : null;
	if (answer !== null && says(answer.parts)) turns.push(answer);
	return turns;
}

function callOf(use: JsonValue, nameKey: string, argumentsKey: string): ToolCall | null {
	const name = asString(member(use, nameKey));
	if (name === null) return null;
	return { id: asId(member(use, "id")), name, arguments: readArguments(member(use, argumentsKey)), requestor: null };
}

/** Evaluation files before there were sets: queries with the tool use and the answer that are expected. */
function oldEvaluation(record: JsonRecord, queries: JsonValue[], places: RecordPlaces, context: ReadContext): Rollout {
	const rollout = blankRollout(record.place, `evaluation-${record.ordinal}`, "");
	const turns = queries.flatMap((query, index): Turn[] => {
		if (!isObject(query)) {
			context.problem(record.place, `query ${index} is not an object`);
			return [];
		}
		const place = places.of(query, Array.isArray(record.value) ? pointerOf(index) : "");
		const uses = asArray(member(query, "expected_tool_use")) ?? [];
		const calls = uses.flatMap((use) => callOf(use, "tool_name", "tool_input") ?? []);
		const answer = asString(member(query, "reference")) ?? "";
		return [
			{ role: "user", place, index, parts: noParts({ text: asString(member(query, "query")) ?? "" }) },
			{ role: "agent", place, index, parts: noParts({ calls, text: answer }) },
		];
	});
	rollout.steps = stepsOfTurns(turns, context);
	return finishRollout(rollout);
}
