// Chat messages (OpenAI's shape and its relatives) to steps: shared by every format that carries such a list.
import { type JsonRecord, locateElements } from "../json/record.ts";
import { blankStep, extendOrigin, numberSteps } from "../model/create.ts";
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
} from "../model/json.ts";
import type { ImageReference, Observation, Place, Step, StepRole, ToolCall, ToolSchema } from "../model/trajectory.ts";
import type { ReadContext } from "./format.ts";

export interface ReadText {
	text: string;
	images: ImageReference[];
}

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

/** Members of a message that are read; all others are kept in `extra`. */
const READ = new Set([
	"role",
	"from",
	"content",
	"value",
	"tool_calls",
	"function_call",
	"tool_call_id",
	"name",
	"reasoning_content",
	"reasoning",
	"thinking",
]);

/** Text and pictures of a content that is a string, a list of parts, or absent. */
export function readContent(content: JsonValue | undefined, pointer: string): ReadText {
	if (typeof content === "string") return { text: content, images: [] };
	const parts = asArray(content) ?? (isObject(content) ? [content] : []);
	const texts: string[] = [];
	const images: ImageReference[] = [];
	parts.forEach((part, index) => {
		if (typeof part === "string") texts.push(part);
		const text = member(part, "text") ?? member(part, "content");
		if (typeof text === "string") texts.push(text);
		const image = readImage(part, `${pointer}/${index}`);
		if (image !== null) images.push(image);
	});
	return { text: texts.join("\n"), images };
}

function readImage(part: JsonValue, pointer: string): ImageReference | null {
	const holder = member(part, "image_url") ?? member(part, "source") ?? member(part, "image");
	if (holder === undefined) return null;
	const address = asString(member(holder, "url") ?? member(holder, "path") ?? holder);
	const data = asString(member(holder, "data"));
	const mediaType = asString(member(holder, "media_type"));
	if (data !== null) return { mediaType, path: null, pointer };
	if (address === null) return null;
	const embedded = /^data:([^;,]*)/.exec(address.slice(0, 100));
	return embedded === null
		? { mediaType, path: address, pointer: null }
		: { mediaType: embedded[1] ?? null, path: null, pointer };
}

/** Decodes call arguments: JSON in a string, or an object as it is; text that is not JSON stays text. */
export function readArguments(value: JsonValue | undefined): JsonValue {
	if (typeof value !== "string") return value ?? null;
	try {
		return JSON.parse(value) as JsonValue;
	} catch {
		return value;
	}
}

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
		arguments: readArguments(member(inner, "arguments") ?? member(inner, "input")),
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
	const places = context.locate ? locateElements(record, pointer) : [];
	const steps: Step[] = [];
	const callers = new Map<string, Step>();
	messages.forEach((message, index) => {
		const place = places[index] ?? { ...record.place, pointer: `${record.place.pointer}${pointer}/${index}` };
		const fields = asObject(message);
		if (fields === null) {
			context.problem(place, `message ${index} is not an object`);
			return;
		}
		const role = roleOf(fields);
		if (role === "environment" && attach(fields, place, steps, callers, context)) return;
		const step = messageStep(fields, role, place, index + indexBase);
		for (const made of step.calls) if (made.id !== null) callers.set(made.id, step);
		steps.push(step);
	});
	return numberSteps(steps);
}

function roleOf(message: JsonObject): StepRole {
	const name = asString(member(message, "role")) ?? asString(member(message, "from")) ?? "";
	return ROLES[name.toLowerCase()] ?? "user";
}

function messageStep(message: JsonObject, role: StepRole, place: Place, index: number): Step {
	const step = blankStep({ ...place, index }, role);
	const content = readContent(member(message, "content") ?? member(message, "value"), "/content");
	if (role === "environment") step.observations.push(readObservation(message, content));
	else step.text = content.text;
	step.images = content.images;
	step.agent = asString(member(message, "name"));
	step.reasoning = readReasoning(message);
	const calls = asArray(member(message, "tool_calls")) ?? [];
	step.calls = calls.flatMap((entry) => readToolCall(entry) ?? []);
	const legacy = member(message, "function_call");
	if (isObject(legacy)) step.calls.push(...(readToolCall(legacy) === null ? [] : [readToolCall(legacy) as ToolCall]));
	step.reward = asNumber(member(message, "reward"));
	step.advantage = asNumber(member(message, "advantage"));
	for (const [key, value] of Object.entries(message)) if (!READ.has(key)) step.extra[key] = value;
	return step;
}

function readReasoning(message: JsonObject): string {
	for (const key of ["reasoning_content", "reasoning", "thinking"]) {
		const text = readContent(member(message, key), "").text;
		if (text !== "") return text;
	}
	return "";
}

function readObservation(message: JsonObject, content: ReadText): Observation {
	return {
		callId: asId(member(message, "tool_call_id")),
		tool: asString(member(message, "name")),
		text: content.text,
		isError: member(message, "is_error") === true || member(message, "error") === true,
		images: content.images,
	};
}

/** Puts a tool message into the step that asked for it. Answers false where no step did. */
function attach(
	message: JsonObject,
	place: Place,
	steps: Step[],
	callers: Map<string, Step>,
	context: ReadContext,
): boolean {
	const observation = readObservation(
		message,
		readContent(member(message, "content") ?? member(message, "value"), "/content"),
	);
	const caller =
		observation.callId === null ? lastUnanswered(steps, observation.tool) : callers.get(observation.callId);
	if (caller === undefined) {
		const asked = observation.callId === null ? "" : ` (${observation.callId})`;
		context.problem(place, `a tool result without a call${asked}`);
		return false;
	}
	caller.observations.push(observation);
	extendOrigin(caller, place);
	return true;
}

/** Logs without call ids pair results with calls by order. */
function lastUnanswered(steps: Step[], tool: string | null): Step | undefined {
	const last = steps.at(-1);
	if (last === undefined || last.role !== "agent") return undefined;
	if (last.observations.length >= Math.max(last.calls.length, 1)) return undefined;
	const expected = last.calls[last.observations.length];
	return expected === undefined || tool === null || expected.name === tool ? last : undefined;
}
