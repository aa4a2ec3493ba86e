// OpenHands events as turns: actions and observations of version 0, typed events of the version 1 SDK.
import { call, observation } from "../model/create.ts";
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
	memberAt,
	without,
} from "../model/json.ts";
import type { Observation, Place, Step, StepRole, TokenUsage, ToolCall } from "../model/trajectory.ts";
import { noParts, type ReadParts, readArguments, readParts, readResultContent } from "./parts.ts";
import { readTime } from "./time.ts";
import type { Turn } from "./turns.ts";
import { readUsage } from "./usage.ts";

export interface Event {
	fields: JsonObject;
	place: Place;
}

/** Events that only tell how the program is doing. */
const SILENT = new Set([
	"change_agent_state",
	"agent_state_changed",
	"null",
	"ConversationStateUpdateEvent",
	"PauseEvent",
]);
/** Members of an action's `args` that the program adds, or that stand elsewhere in the step. */
const ARGS_READ = new Set([
	"thought",
	"blocking",
	"hidden",
	"is_static",
	"is_input",
	"confirmation_state",
	"security_risk",
	"impl_source",
	"cwd",
	"timeout",
]);
const EVENT_READ = new Set([
	"id",
	"kind",
	"timestamp",
	"source",
	"message",
	"action",
	"args",
	"cause",
	"observation",
	"content",
	"extras",
	"tool_call_metadata",
	"llm_metrics",
	"thought",
	"reasoning_content",
	"thinking_blocks",
	"tool_call",
	"tool_call_id",
	"tool_name",
	"action_id",
	"llm_message",
	"llm_response_id",
	"summary",
	"system_prompt",
	"tools",
]);

/** Whether a value is an event of either version. */
export function isEvent(value: JsonValue | undefined): boolean {
	if (asString(member(value, "source")) === null || member(value, "id") === undefined) return false;
	const kind = asString(member(value, "kind"));
	if (kind !== null) return /(?:Event|Observation|Condensation|Request)$/.test(kind);
	const says = asString(member(value, "action")) ?? asString(member(value, "observation"));
	return says !== null && member(value, "timestamp") !== undefined;
}

/** The turns of these events, which stand in order. Calls that one answer of the model made at once are one turn. */
export function eventTurns(events: Event[]): Turn[] {
	const turns: Turn[] = [];
	/** Ids of calls by the id of the event that made them: version 0 refers to events. */
	const calls = new Map<string, string>();
	const answers = new Map<string, Turn>();
	for (const event of events) {
		const turn = turnOf(event, calls);
		if (turn === null) continue;
		const response = responseOf(event.fields);
		const before = response === null ? undefined : answers.get(response);
		if (before !== undefined && turn.role === "agent") {
			before.parts = { ...before.parts, calls: [...before.parts.calls, ...turn.parts.calls] };
			before.place = { ...before.place, end: Math.max(before.place.end, turn.place.end) };
			continue;
		}
		if (response !== null && turn.role === "agent") answers.set(response, turn);
		turns.push(turn);
	}
	return turns;
}

/** Id of the model's answer that an event stems from. */
function responseOf(fields: JsonObject): string | null {
	return asString(member(fields, "llm_response_id") ?? memberAt(fields, "tool_call_metadata", "model_response", "id"));
}

function turnOf({ fields, place }: Event, calls: Map<string, string>): Turn | null {
	const kind = asString(member(fields, "kind"));
	if (kind !== null) return SILENT.has(kind) ? null : typedTurn(kind, fields, place);
	const action = asString(member(fields, "action"));
	if (action !== null) return SILENT.has(action) ? null : actionTurn(action, fields, place, calls);
	const seen = asString(member(fields, "observation"));
	return seen === null || SILENT.has(seen) ? null : observationTurn(seen, fields, place, calls);
}

function turn(role: StepRole, fields: JsonObject, place: Place, parts: ReadParts, more: Partial<Step> = {}): Turn {
	const id = member(fields, "id");
	const shared = { time: readTime(member(fields, "timestamp")), extra: without(fields, EVENT_READ) };
	return { role, place, index: asNumber(id) ?? asId(id), parts, fields: { ...shared, ...more } };
}

function roleOf(fields: JsonObject): StepRole {
	const source = asString(member(fields, "source"));
	return source === "agent" ? "agent" : source === "user" ? "user" : "system";
}

function actionTurn(action: string, fields: JsonObject, place: Place, calls: Map<string, string>): Turn {
	const args = asObject(member(fields, "args")) ?? {};
	const said = asString(member(args, "content")) ?? asString(member(fields, "message")) ?? "";
	if (action === "message") return turn(roleOf(fields), fields, place, messageParts(args, said));
	if (action === "system" || action === "recall") return turn("system", fields, place, noParts({ text: said }));
	const metadata = member(fields, "tool_call_metadata");
	const response = member(metadata, "model_response");
	const answer = memberAt(response, "choices", 0, "message");
	const made = actionCall(action, fields, args, metadata, answer);
	const event = asId(member(fields, "id"));
	if (event !== null && made.id !== null) calls.set(event, made.id);
	const text = asString(member(args, "thought")) || (asString(member(answer, "content")) ?? "");
	return turn(roleOf(fields) === "user" ? "user" : "agent", fields, place, noParts({ text, calls: [made] }), {
		reasoning: asString(member(answer, "reasoning_content")) ?? "",
		model: asString(member(response, "model")),
		tokens: readUsage(member(response, "usage")),
	});
}

function messageParts(args: JsonObject, text: string): ReadParts {
	const paths = (asArray(member(args, "image_urls")) ?? []).filter((url) => typeof url === "string");
	const images = paths.map((path) => ({ mediaType: null, path, pointer: null, place: null }));
	return noParts({ text, images: images.filter(({ path }) => !path.startsWith("data:")) });
}

/** The call as the model made it, where that was logged; else the action with its arguments. */
function actionCall(
	action: string,
	fields: JsonObject,
	args: JsonObject,
	metadata: JsonValue | undefined,
	answer: JsonValue | undefined,
): ToolCall {
	const id = asId(member(metadata, "tool_call_id"));
	const made = (asArray(member(answer, "tool_calls")) ?? []).find(
		(entry) => id !== null && asId(member(entry, "id")) === id,
	);
	const asked = memberAt(made, "function", "arguments");
	const own = Object.fromEntries(Object.entries(without(args, ARGS_READ)).filter(([, value]) => value !== null));
	const name = asString(member(metadata, "function_name")) ?? action;
	const event = asId(member(fields, "id"));
	return call(name, asked === undefined ? own : readArguments(asked), id ?? (event === null ? null : `event-${event}`));
}

function observationTurn(kind: string, fields: JsonObject, place: Place, calls: ReadonlyMap<string, string>): Turn {
	const text = asString(member(fields, "content")) ?? "";
	const cause = asId(member(fields, "cause"));
	const asked = asId(memberAt(fields, "tool_call_metadata", "tool_call_id"));
	const known = cause === null ? undefined : calls.get(cause);
	// knowledge that the program puts into the prompt
	if (kind === "recall") return turn("system", fields, place, noParts({ text }));
	const code = asNumber(memberAt(fields, "extras", "metadata", "exit_code") ?? memberAt(fields, "extras", "exit_code"));
	const result = observation(text, {
		callId: known ?? asked ?? (cause === null ? null : `event-${cause}`),
		isError: kind === "error" || (code !== null && code !== 0) || member(fields, "success") === false,
	});
	const made = turn("environment", fields, place, noParts({ observations: [result] }));
	// an answer of the model that could not be carried out has no call, but a result
	return result.callId === null ? { ...made, unasked: "own" } : made;
}

function typedTurn(kind: string, fields: JsonObject, place: Place): Turn | null {
	if (kind === "MessageEvent") return messageEvent(fields, place);
	if (kind === "ActionEvent") return actionEvent(fields, place);
	if (kind.startsWith("SystemPrompt")) {
		return turn("system", fields, place, readParts(member(fields, "system_prompt"), "/system_prompt", place));
	}
	if (kind === "Condensation") {
		const summary = asString(member(fields, "summary")) ?? "";
		return turn("system", fields, place, noParts({ text: summary === "" ? "Context condensed" : summary }), {
			summary: summary || null,
		});
	}
	const result = typedResult(kind, fields, place);
	if (result !== null) return turn("environment", fields, place, noParts({ observations: [result] }));
	const detail = asString(member(fields, "detail") ?? member(fields, "error"));
	return detail === null ? null : turn("system", fields, place, noParts({ text: detail }));
}

function messageEvent(fields: JsonObject, place: Place): Turn {
	const message = member(fields, "llm_message");
	const parts = readParts(member(message, "content"), "/llm_message/content", place);
	const reasoning = asString(member(message, "reasoning_content")) ?? thoughts(message, place);
	return turn(roleOf(fields), fields, place, parts, { reasoning });
}

function actionEvent(fields: JsonObject, place: Place): Turn {
	const asked = asObject(member(fields, "tool_call"));
	const given = member(asked ?? undefined, "arguments") ?? memberAt(asked ?? undefined, "function", "arguments");
	const own = without(asObject(member(fields, "action")) ?? {}, new Set(["kind"]));
	const name = asString(member(fields, "tool_name")) ?? asString(member(asked ?? undefined, "name")) ?? "action";
	const made = call(name, given === undefined ? own : readArguments(given), asId(member(fields, "tool_call_id")));
	const text = readParts(member(fields, "thought"), "/thought", place).text;
	return turn("agent", fields, place, noParts({ text, calls: [made] }), {
		reasoning: asString(member(fields, "reasoning_content")) ?? thoughts(fields, place),
		summary: asString(member(fields, "summary")),
	});
}

function thoughts(holder: JsonValue | undefined, place: Place): string {
	return readParts(member(holder, "thinking_blocks"), "/thinking_blocks", place).reasoning;
}

function typedResult(kind: string, fields: JsonObject, place: Place): Observation | null {
	const callId = asId(member(fields, "tool_call_id"));
	const tool = asString(member(fields, "tool_name"));
	const seen = member(fields, "observation");
	if (isObject(seen)) {
		const content = member(seen, "content") ?? member(seen, "output") ?? "";
		const code = asNumber(member(seen, "exit_code"));
		const isError = member(seen, "is_error") === true || (code !== null && code > 0);
		return observation("", { ...readResultContent(content, "/observation/content", place), callId, tool, isError });
	}
	const refused = asString(member(fields, "error") ?? member(fields, "rejection_reason"));
	return callId === null || refused === null || !/Error|Reject/.test(kind)
		? null
		: observation(refused, { callId, tool, isError: true });
}

/** Usage that a log states once for the whole conversation. */
export function accumulatedUsage(metrics: JsonValue | undefined): TokenUsage | null {
	const usage = readUsage(member(metrics, "accumulated_token_usage"));
	return usage === null || ((usage.prompt ?? 0) === 0 && (usage.completion ?? 0) === 0) ? null : usage;
}
