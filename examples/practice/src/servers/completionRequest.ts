// Decodes a chat-completions request: what the endpoint understands, and the reason where it does not.
import type { Message } from "../world/messages.ts";

export interface CompletionRequest {
	model: string;
	messages: Message[];
	stream: boolean;
	includeUsage: boolean;
	/** null draws one at random. */
	seed: number | null;
	temperature: number;
	/** Completions wanted. */
	n: number;
	logprobs: boolean;
	topLogprobs: number;
	/** null when nothing limits the answer. */
	maxTokens: number | null;
}

export type Decoded = { ok: true; request: CompletionRequest } | { ok: false; message: string; param: string | null };

class Invalid extends Error {
	readonly param: string | null;

	constructor(param: string | null, message: string) {
		super(message);
		this.param = param;
	}
}

/** Reads a request body. Members that this endpoint has no use for are ignored, as other servers do. */
export function decodeRequest(body: unknown): Decoded {
	try {
		return { ok: true, request: readRequest(body) };
	} catch (error) {
		if (error instanceof Invalid) return { ok: false, message: error.message, param: error.param };
		throw error;
	}
}

type Fields = Record<string, unknown>;

function isFields(value: unknown): value is Fields {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readRequest(body: unknown): CompletionRequest {
	if (!isFields(body)) throw new Invalid(null, "the body must be a JSON object");
	if (typeof body.model !== "string") throw new Invalid("model", "you must provide a model");
	const { tool_choice: choice } = body;
	if (choice !== undefined && choice !== null && choice !== "auto") {
		throw new Invalid("tool_choice", "this agent chooses its tools itself: only auto is supported");
	}
	return {
		model: body.model,
		messages: readMessages(body.messages),
		stream: flag(body, "stream"),
		includeUsage: isFields(body.stream_options) && flag(body.stream_options, "include_usage"),
		seed: optional(body, "seed", Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, true),
		temperature: optional(body, "temperature", 0, 2, false) ?? 1,
		n: optional(body, "n", 1, 128, true) ?? 1,
		logprobs: flag(body, "logprobs"),
		topLogprobs: optional(body, "top_logprobs", 0, 20, true) ?? 0,
		maxTokens: optional(body, "max_completion_tokens", 1, 1e9, true) ?? optional(body, "max_tokens", 1, 1e9, true),
	};
}

function flag(fields: Fields, name: string): boolean {
	const value = fields[name];
	if (value === undefined || value === null) return false;
	if (typeof value !== "boolean") throw new Invalid(name, `${name} must be true or false`);
	return value;
}

function optional(fields: Fields, name: string, from: number, to: number, whole: boolean): number | null {
	const value = fields[name];
	if (value === undefined || value === null) return null;
	if (typeof value !== "number" || !(value >= from && value <= to)) {
		throw new Invalid(name, `${name} must be a number from ${from} to ${to}`);
	}
	if (whole && !Number.isInteger(value)) throw new Invalid(name, `${name} must be a whole number`);
	return value;
}

function readMessages(value: unknown): Message[] {
	if (!Array.isArray(value) || value.length === 0)
		throw new Invalid("messages", "messages must be a list with at least one message");
	return value.map((entry: unknown, index) => readMessage(entry, `messages[${index}]`));
}

function readMessage(value: unknown, at: string): Message {
	if (!isFields(value)) throw new Invalid(at, `${at} must be an object`);
	const role = value.role === "developer" ? "system" : value.role;
	if (role !== "system" && role !== "user" && role !== "assistant" && role !== "tool") {
		throw new Invalid(`${at}.role`, `${at}.role must be system, developer, user, assistant or tool`);
	}
	const message: Message = { role, content: readContent(value.content, `${at}.content`) };
	if (role === "tool") {
		if (typeof value.tool_call_id !== "string")
			throw new Invalid(`${at}.tool_call_id`, `${at}.tool_call_id is missing`);
		message.tool_call_id = value.tool_call_id;
	}
	if (role === "assistant" && Array.isArray(value.tool_calls)) {
		message.tool_calls = value.tool_calls.map((call: unknown, index) => readCall(call, `${at}.tool_calls[${index}]`));
	}
	return message;
}

/** Text, or a list of parts whose texts are joined. */
function readContent(value: unknown, at: string): string | null {
	if (value === undefined || value === null) return null;
	if (typeof value === "string") return value;
	if (!Array.isArray(value)) throw new Invalid(at, `${at} must be text or a list of parts`);
	return value.map((part: unknown) => (isFields(part) && typeof part.text === "string" ? part.text : "")).join("");
}

function readCall(value: unknown, at: string): NonNullable<Message["tool_calls"]>[number] {
	const target = isFields(value) ? value.function : undefined;
	if (!isFields(value) || typeof value.id !== "string" || !isFields(target))
		throw new Invalid(at, `${at} needs id and function`);
	const { name, arguments: args } = target;
	if (typeof name !== "string" || typeof args !== "string")
		throw new Invalid(at, `${at}.function needs name and arguments as text`);
	return { id: value.id, type: "function", function: { name, arguments: args } };
}
