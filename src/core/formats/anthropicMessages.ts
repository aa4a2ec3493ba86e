// Anthropic messages: the request of a model call, with its system prompt and content blocks, and its answer.
import { type JsonRecord, locate } from "../json/record.ts";
import { asArray, asObject, asString, isObject, type JsonObject, type JsonValue, member } from "../model/json.ts";
import type { Rollout } from "../model/trajectory.ts";
import { messageTurn, messageTurns } from "./chatMessages.ts";
import { chatRollout } from "./chatRollout.ts";
import type { ReadContext, RecordFormat, Sample } from "./format.ts";
import { recordFraming } from "./layout.ts";
import { readParts } from "./parts.ts";
import type { Turn } from "./turns.ts";
import { readUsage } from "./usage.ts";

const BLOCKS = new Set(["thinking", "redacted_thinking", "tool_use", "tool_result", "server_tool_use"]);

export const anthropicMessages: RecordFormat = {
	id: "anthropic-messages",
	title: "Anthropic messages",
	reads:
		"system prompt, text, thinking, tool use, tool results and images; tools; the request alone or under `request` or `body`, with the answer under `response`; stop reason and usage; ids, rewards and labels as in OpenAI chat",
	leaves: "signatures, redacted thinking and cache marks are kept raw",
	unit: "record",
	sniff,
	framing: recordFraming,
	readRecord,
};

function sniff(sample: Sample): number {
	const first = sample.values[0];
	const records = Array.isArray(first) ? first : sample.values;
	return records.some(isAnthropic) ? 0.7 : 0;
}

function isAnthropic(value: JsonValue): boolean {
	const request = requestOf(value)?.request;
	const messages = asArray(member(request, "messages"));
	if (messages === null || request === undefined) return false;
	if (asArray(member(request, "tools"))?.some((tool) => isObject(member(tool, "input_schema")))) return true;
	const system = member(request, "system");
	if (typeof system === "string" || Array.isArray(system)) return messages.every(isTurn);
	return messages.some((message) => asArray(member(message, "content"))?.some(isBlock));
}

function isTurn(message: JsonValue): boolean {
	return ["user", "assistant"].includes(asString(member(message, "role")) ?? "");
}

function isBlock(part: JsonValue): boolean {
	return BLOCKS.has(asString(member(part, "type")) ?? "");
}

/** The request in a record, and the pointer of it. */
function requestOf(value: JsonValue): { request: JsonObject; pointer: string } | null {
	if (!isObject(value)) return null;
	for (const key of ["request", "body"]) {
		const inner = asObject(member(value, key));
		if (inner !== null && Array.isArray(member(inner, "messages"))) return { request: inner, pointer: `/${key}` };
	}
	return { request: value, pointer: "" };
}

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const found = requestOf(record.value);
	const messages = found === null ? null : asArray(member(found.request, "messages"));
	if (found === null || messages === null) {
		context.problem(record.place, found === null ? "not an object" : "no messages");
		return [];
	}
	const { request, pointer } = found;
	const turns = [
		...systemTurns(record, request, pointer, context),
		...messageTurns(record, messages, `${pointer}/messages`, context),
		...answerTurns(record, messages.length, context),
	];
	const fields = pointer === "" ? request : { ...request, ...asObject(record.value) };
	return [chatRollout(record, fields, turns, ["messages", "system"], context)];
}

function systemTurns(record: JsonRecord, request: JsonObject, pointer: string, context: ReadContext): Turn[] {
	const system = member(request, "system");
	if (system === undefined || system === null) return [];
	const at = `${pointer}/system`;
	const place = context.locate ? locate(record, at) : record.place;
	return [{ role: "system", place, index: null, parts: readParts(system, "", place) }];
}

function answerTurns(record: JsonRecord, index: number, context: ReadContext): Turn[] {
	const answer = asObject(member(record.value, "response"));
	if (answer === null || member(answer, "content") === undefined) return [];
	const place = context.locate ? locate(record, "/response") : record.place;
	const turn = messageTurn(answer, place, index, "agent");
	const stated = { tokens: readUsage(member(answer, "usage")), model: asString(member(answer, "model")) };
	return [{ ...turn, fields: { ...turn.fields, ...stated } }];
}
