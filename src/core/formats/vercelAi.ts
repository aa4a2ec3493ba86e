// Vercel AI SDK: chats of screen messages (`parts`, in which one message holds several steps of the agent), and results
// of `generateText` with their `steps`.
import { RecordPlaces } from "../json/places.ts";
import type { JsonRecord } from "../json/record.ts";
import { pointerOf } from "../json/scan.ts";
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
import type { Place, Rollout, Step } from "../model/trajectory.ts";
import { roleOf } from "./chatMessages.ts";
import { finishRollout } from "./finish.ts";
import type { Framing, ReadContext, RecordFormat, Sample } from "./format.ts";
import { recordFraming, sampleRecords } from "./layout.ts";
import { noParts, type ReadParts, readParts } from "./parts.ts";
import { sessionRollout } from "./session.ts";
import { readTime } from "./time.ts";
import type { Turn } from "./turns.ts";
import { readUsage } from "./usage.ts";

export const vercelAi: RecordFormat = {
	id: "vercel-ai",
	title: "Vercel AI SDK messages and results",
	reads:
		"text, reasoning, tool parts of all versions with their states, results and errors, files; each step of a message as a step; results of generateText with steps, tokens and endings",
	leaves: "data and source parts are kept raw",
	unit: "record",
	sniff,
	framing: (sample): Framing =>
		isMessage(sampleRecords(sample)[0]) && sample.layout === "document" ? { kind: "document" } : recordFraming(sample),
	readRecord,
};

function sniff(sample: Sample): number {
	const records = sampleRecords(sample);
	if (sample.layout === "document" && isMessage(records[0])) return 0.8;
	return records.some((record) => asArray(member(record, "messages"))?.some(isMessage) || isResult(record)) ? 0.85 : 0;
}

/** A screen message: its parts have types, unlike Gemini's, and stand in `parts`, unlike everybody else's. */
function isMessage(value: JsonValue | undefined): boolean {
	if (asString(member(value, "role")) === null) return false;
	return (
		asArray(member(value, "parts"))?.some(
			(part) => asString(member(part, "type")) !== null && member(part, "content") === undefined,
		) ?? false
	);
}

function isResult(value: JsonValue): boolean {
	const steps = asArray(member(value, "steps"));
	return (
		steps?.some(
			(step) =>
				member(step, "finishReason") !== undefined &&
				["toolCalls", "toolResults", "content", "text"].some((key) => member(step, key) !== undefined),
		) ?? false
	);
}

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const places = new RecordPlaces(record, context.locate);
	const fields = asObject(record.value) ?? {};
	const list = asArray(record.value) ?? asArray(member(fields, "messages"));
	const steps = asArray(member(fields, "steps"));
	const pointer = Array.isArray(record.value) ? "" : "/messages";
	const turns: Turn[] = [];
	(list ?? []).forEach((message, index) => {
		if (!isObject(message)) context.problem(record.place, `message ${index} is not an object`);
		else turns.push(...messageTurns(message, places.of(message, pointer + pointerOf(index)), index));
	});
	if (isResult(fields)) turns.push(...resultTurns(fields, steps ?? [], places));
	if (list === null && !isResult(fields)) {
		context.problem(record.place, isObject(record.value) ? "neither messages nor steps" : "not an object");
		return [];
	}
	const rollout = sessionRollout(
		asId(member(fields, "id") ?? member(fields, "chatId")) ?? `chat-${record.ordinal}`,
		[record.place],
		turns,
		context,
	);
	rollout.time = readTime(member(fields, "createdAt"));
	rollout.ending = asString(member(fields, "finishReason"));
	rollout.truncated = rollout.ending === "length";
	rollout.tokens = readUsage(member(fields, "totalUsage") ?? member(fields, "usage"));
	rollout.extra = without(fields, new Set(["messages", "steps", "id", "response"]));
	return [finishRollout(rollout)];
}

/** A message as turns: for the agent, one from each mark of a step's start to the next. */
function messageTurns(message: JsonObject, place: Place, index: number): Turn[] {
	const role = roleOf(message);
	const id = asId(member(message, "id")) ?? index;
	const parts = asArray(member(message, "parts"));
	const content = parts ?? member(message, "content");
	const fields: Partial<Step> = {
		time: readTime(member(message, "createdAt") ?? memberAt(message, "metadata", "createdAt")),
		extra: without(message, READ),
	};
	if (role !== "agent" || parts === null)
		return [{ role, place, index: id, parts: readParts(content, "/parts", place), fields }];
	return stepsOfParts(parts, place).map((read) => ({ role, place, index: id, parts: read, fields }));
}

const READ = new Set(["id", "role", "parts", "content", "createdAt", "toolInvocations", "reasoning"]);

function stepsOfParts(parts: JsonValue[], place: Place): ReadParts[] {
	const groups: JsonValue[][] = [[]];
	for (const part of parts) {
		if (member(part, "type") === "step-start" && groups.at(-1)?.length !== 0) groups.push([]);
		else if (member(part, "type") !== "step-start") groups.at(-1)?.push(part);
	}
	return groups.map((group) => readParts(group, "/parts", place));
}

function resultTurns(fields: JsonObject, steps: JsonValue[], places: RecordPlaces): Turn[] {
	const asked = asString(member(fields, "prompt"));
	const system = asString(member(fields, "system"));
	const whole = places.of(fields, "");
	const turns: Turn[] = [];
	if (system !== null) turns.push({ role: "system", place: whole, index: null, parts: noParts({ text: system }) });
	if (asked !== null) turns.push({ role: "user", place: whole, index: null, parts: noParts({ text: asked }) });
	steps.forEach((step, index) => {
		if (isObject(step)) turns.push(resultTurn(step, places.of(step, pointerOf("steps", index)), index));
	});
	return turns;
}

/** Newer results list everything in `content`; older ones keep text, calls and results apart. */
function resultTurn(step: JsonObject, place: Place, index: number): Turn {
	const content = asArray(member(step, "content"));
	const typed = (key: string, type: string): JsonValue[] =>
		(asArray(member(step, key)) ?? []).flatMap((entry) => (isObject(entry) ? [{ ...entry, type }] : []));
	const parts = readParts(
		content ?? [...typed("toolCalls", "tool-call"), ...typed("toolResults", "tool-result")],
		"/content",
		place,
	);
	if (content === null) parts.text = asString(member(step, "text")) ?? "";
	const reasoning = asString(member(step, "reasoningText")) ?? asString(member(step, "reasoning"));
	if (parts.reasoning === "" && reasoning !== null) parts.reasoning = reasoning;
	const fields: Partial<Step> = {
		tokens: readUsage(member(step, "usage")),
		model: asString(memberAt(step, "response", "modelId")),
		time: readTime(memberAt(step, "response", "timestamp")),
		extra: { finishReason: member(step, "finishReason") ?? null },
	};
	return { role: "agent", place, index, parts, fields };
}
