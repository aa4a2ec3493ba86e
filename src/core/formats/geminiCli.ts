// Sessions of the Gemini command line: one document, or JSON Lines in which a later line with the same id replaces an
// earlier one.
import { RecordPlaces } from "../json/places.ts";
import type { JsonRecord } from "../json/record.ts";
import { pointerOf } from "../json/scan.ts";
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
import type { Place, Rollout, StepRole, TokenUsage, ToolCall } from "../model/trajectory.ts";
import { finishRollout } from "./finish.ts";
import type { FileFormat, Framing, ReadContext, Sample } from "./format.ts";
import { type ReadParts, readArguments, readParts, resultText } from "./parts.ts";
import { sessionRollout } from "./session.ts";
import { readTime } from "./time.ts";
import type { Turn } from "./turns.ts";

export const geminiCli: FileFormat = {
	id: "gemini-cli",
	title: "Gemini CLI sessions",
	reads:
		"messages with thoughts, tool calls with results and failures, tokens, model; messages of the program (info, warning, error) as system steps",
	leaves: "the project's hash; how results were displayed",
	unit: "file",
	sniff: (sample: Sample): number => {
		const [first] = sample.values;
		if (sample.layout === "document")
			return asArray(member(first, "messages"))?.some(isMessage) && isSession(first) ? 0.95 : 0;
		return sample.layout === "lines" && sample.values.some(isSession) && sample.values.some(isMessage) ? 0.9 : 0;
	},
	framing: (sample): Framing => (sample.layout === "document" ? { kind: "document" } : { kind: "lines" }),
	readFile,
};

const ROLES: Record<string, StepRole> = {
	user: "user",
	gemini: "agent",
	info: "system",
	warning: "system",
	error: "system",
};

function isSession(value: JsonValue | undefined): boolean {
	return (
		asString(member(value, "sessionId")) !== null &&
		(member(value, "projectHash") !== undefined || member(value, "startTime") !== undefined)
	);
}

function isMessage(value: JsonValue): boolean {
	const type = asString(member(value, "type")) ?? "";
	return Object.hasOwn(ROLES, type) && member(value, "content") !== undefined && member(value, "id") !== undefined;
}

interface Message {
	fields: JsonObject;
	place: Place;
}

function readFile(records: JsonRecord[], context: ReadContext): Rollout[] {
	const messages = new Map<string, Message>();
	let session: JsonObject = {};
	for (const record of records) {
		const places = new RecordPlaces(record, context.locate && Array.isArray(member(record.value, "messages")));
		if (isSession(record.value) && isObject(record.value)) session = { ...record.value, ...session };
		const list = asArray(member(record.value, "messages"));
		(list ?? [record.value]).forEach((message, index) => {
			const place =
				list !== null && isObject(message) ? places.of(message, pointerOf("messages", index)) : record.place;
			if (!isObject(message))
				context.problem(place, list === null ? "not an object" : `message ${index} is not an object`);
			else if (isMessage(message)) messages.set(asId(member(message, "id")) ?? "", { fields: message, place });
			else if (list !== null) context.problem(place, `message ${index} has no type or no content`);
			else if (Object.keys(message).length === 0) context.problem(place, "an empty line");
		});
	}
	const [first] = records;
	if (first === undefined) return [];
	const turns = [...messages.values()].map(turnOf);
	const places = records.map((record) => record.place);
	const rollout = sessionRollout(asString(member(session, "sessionId")) ?? "session", places, turns, context);
	rollout.agent = "Gemini CLI";
	rollout.time = readTime(member(session, "startTime"));
	rollout.extra = without(session, new Set(["messages", "sessionId"]));
	return [finishRollout(rollout)];
}

function turnOf({ fields, place }: Message): Turn {
	const parts = readParts(member(fields, "content"), "/content", place);
	for (const thought of asArray(member(fields, "thoughts")) ?? []) {
		const said = [asString(member(thought, "subject")), asString(member(thought, "description"))].filter(
			(text) => text,
		);
		parts.reasoning += `${parts.reasoning === "" ? "" : "\n"}${said.join(": ")}`;
	}
	for (const called of asArray(member(fields, "toolCalls")) ?? []) addCall(parts, called);
	return {
		role: ROLES[asString(member(fields, "type")) ?? ""] ?? "system",
		place,
		index: asId(member(fields, "id")),
		parts,
		fields: {
			time: readTime(member(fields, "timestamp")),
			model: asString(member(fields, "model")),
			tokens: usageOf(member(fields, "tokens")),
			extra: without(fields, READ),
		},
	};
}

const READ = new Set(["id", "type", "content", "thoughts", "toolCalls", "timestamp", "model", "tokens"]);

/** A call together with its result, which is there once the tool has run. */
function addCall(parts: ReadParts, called: JsonValue): void {
	const name = asString(member(called, "name"));
	if (name === null) return;
	const call: ToolCall = {
		id: asId(member(called, "id")),
		name,
		arguments: readArguments(member(called, "args")),
		requestor: null,
	};
	parts.calls.push(call);
	const result = member(called, "result");
	const status = asString(member(called, "status"));
	const failed = status === "error" || status === "cancelled";
	if (result === undefined && !failed) return;
	const read = readParts(result, "").observations[0];
	const text = read?.text ?? resultText(result ?? member(called, "resultDisplay"));
	parts.observations.push({ callId: call.id, tool: name, text, isError: failed || read?.isError === true, images: [] });
}

function usageOf(tokens: JsonValue | undefined): TokenUsage | null {
	if (asObject(tokens) === null) return null;
	const count = (key: string) => asNumber(member(tokens, key));
	return { prompt: count("input"), completion: count("output"), cached: count("cached"), reasoning: count("thoughts") };
}
