// Chat messages (OpenAI's shape and its relatives) to steps: shared by every format that carries such a list.
import { type JsonRecord, locateElements } from "../json/record.ts";
import { observation } from "../model/create.ts";
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
import type { Place, Step, StepRole, ToolCall, ToolSchema } from "../model/trajectory.ts";
import type { ReadContext } from "./format.ts";
import { noParts, type ReadParts, readArguments, readParts } from "./parts.ts";
import { readTime } from "./time.ts";
import { stepsOfTurns, type Turn } from "./turns.ts";
import { readUsage } from "./usage.ts";

const ROLES: Record<string, StepRole> = {
	assistant: "agent",
	agent: "agent",
	gpt: "agent",
	model: "agent",
	ai: "agent",
	chatbot: "agent",
	user: "user",
	human: "user",
	system: "system",
	developer: "system",
	tool: "environment",
	function: "environment",
	observation: "environment",
	environment: "environment",
	ipython: "environment",
};

/** Names of the user under which exports write what the environment said: a step of its own, or a result. */
const UNASKED = new Map<string | null | undefined, Turn["unasked"]>([
	["environment", "own"],
	["observation", "previous"],
]);

/** Members of a message that are read; all others are kept in `extra`. */
const READ = new Set([
	"role",
	"from",
	"content",
	"parts",
	"value",
	"tool_calls",
	"function_call",
	"tool_call_id",
	"name",
	"reasoning_content",
	"reasoning",
	"thinking",
	"timestamp",
	"usage",
]);

/** One entry of `tool_calls`: OpenAI's nested `function`, a flat `{name, arguments}`, or either as a JSON string. */
export function readToolCall(value: JsonValue): ToolCall | null {
	const entry = typeof value === "string" ? asObject(readArguments(value)) : asObject(value);
	if (entry === null) return null;
	const inner = asObject(member(entry, "function")) ?? entry;
	const name = asString(member(inner, "name"));
	if (name === null) return null;
	return {
		id: asId(member(entry, "id")),
		name,
		arguments: readArguments(member(inner, "arguments") ?? member(inner, "input") ?? member(inner, "args")),
		requestor: asString(member(entry, "requestor")),
	};
}

/** Schemas of the tools that the agent was offered, in OpenAI's or a flat shape. */
export function readTools(value: JsonValue | undefined): ToolSchema[] {
	const entries = asArray(typeof value === "string" ? readArguments(value) : value) ?? [];
	return entries.flatMap((entry) => {
		const tool = asObject(member(entry, "function")) ?? asObject(entry);
		const name = asString(member(tool ?? undefined, "name"));
		if (tool === null || name === null) return [];
		const parameters =
			asObject(member(tool, "parameters")) ??
			asObject(member(tool, "input_schema")) ??
			asObject(member(tool, "inputSchema"));
		return [{ name, description: asString(member(tool, "description")), parameters }];
	});
}

/**
 * The messages at `pointer` of the record as steps. Tool messages become observations of the step that called; a tool
 * message that answers no call stays a step of the environment and is reported.
 * @param indexBase what the format calls the first message: usually 0
 */
export function readMessages(
	record: JsonRecord,
	messages: JsonValue[],
	pointer: string,
	context: ReadContext,
	indexBase = 0,
): Step[] {
	return stepsOfTurns(messageTurns(record, messages, pointer, context, indexBase), context);
}

/** The messages at `pointer` of the record as turns, for formats whose rollout is made of several lists. */
export function messageTurns(
	record: JsonRecord,
	messages: JsonValue[],
	pointer: string,
	context: ReadContext,
	indexBase = 0,
): Turn[] {
	const places = context.locate ? locateElements(record, pointer) : [];
	const turns: Turn[] = [];
	messages.forEach((message, index) => {
		const place = places[index] ?? { ...record.place, pointer: `${record.place.pointer}${pointer}/${index}` };
		const fields = asObject(message);
		if (fields === null) context.problem(place, `message ${index} is not an object`);
		else turns.push(messageTurn(fields, place, index + indexBase));
	});
	return turns;
}

/** One chat message as a turn. `role` is given where the log states it outside the message. */
export function messageTurn(
	message: JsonObject,
	place: Place,
	index: number | string | null,
	role: StepRole = roleOf(message),
): Turn {
	const parts = readParts(
		member(message, "content") ?? member(message, "parts") ?? member(message, "value"),
		"/content",
		place,
	);
	const fields: Partial<Step> = {
		agent: asString(member(message, "name")),
		reasoning: readReasoning(message),
		reward: asNumber(member(message, "reward")),
		advantage: asNumber(member(message, "advantage")),
		time: readTime(member(message, "timestamp")),
		tokens: readUsage(member(message, "usage")),
		extra: without(message, READ),
	};
	if (role === "environment") return { role, place, index, parts: toolMessage(message, parts), fields };
	const unasked = role === "user" ? UNASKED.get(fields.agent) : undefined;
	if (unasked !== undefined) return environmentTurn(message, { role, place, index, parts, fields, unasked });
	parts.calls.push(...(asArray(member(message, "tool_calls")) ?? []).flatMap((entry) => readToolCall(entry) ?? []));
	const legacy = member(message, "function_call");
	if (isObject(legacy)) parts.calls.push(...[readToolCall(legacy)].flatMap((made) => made ?? []));
	return { role, place, index, parts, fields };
}

/** What the environment said without being called: OpenAI's messages have only the user's role for it. */
function environmentTurn(message: JsonObject, turn: Turn): Turn {
	const fields = { ...turn.fields, agent: null };
	const isResult = turn.unasked === "previous" || member(message, "tool_call_id") !== undefined;
	if (!isResult) return { ...turn, role: "environment", fields };
	const plain = without(message, new Set(["name"]));
	return { ...turn, role: "environment", parts: toolMessage(plain, turn.parts), fields };
}

/** A message of the tool: what it says is the result, unless its parts already are results (or, misplaced, calls). */
function toolMessage(message: JsonObject, parts: ReadParts): ReadParts {
	if (parts.observations.length > 0 || parts.calls.length > 0) return parts;
	const result = observation(parts.text, {
		callId: asId(member(message, "tool_call_id")),
		tool: asString(member(message, "name")),
		isError: member(message, "is_error") === true || member(message, "error") === true,
		images: parts.images,
	});
	return { ...noParts(), observations: [result], rest: parts.rest };
}

/** Who a message's `role` or ShareGPT's `from` names; an unknown name counts as the user. */
export function roleOf(message: JsonObject): StepRole {
	const name = asString(member(message, "role")) ?? asString(member(message, "from")) ?? "";
	return roleNamed(name) ?? "user";
}

export function roleNamed(name: string): StepRole | null {
	return Object.hasOwn(ROLES, name.toLowerCase()) ? (ROLES[name.toLowerCase()] ?? null) : null;
}

function readReasoning(message: JsonObject): string {
	for (const key of ["reasoning_content", "reasoning", "thinking"]) {
		const value = member(message, key);
		if (value === undefined || value === null) continue;
		const read = readParts(value, "");
		const text = read.text === "" ? read.reasoning : read.text;
		if (text !== "") return text;
	}
	return "";
}
