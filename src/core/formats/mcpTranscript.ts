// Transcripts of the Model Context Protocol: JSON-RPC messages of a client and a server, bare or wrapped by a proxy with
// a time and a direction.
import { decodeJson } from "../json/parse.ts";
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
} from "../model/json.ts";
import type { Place, Rollout, ToolCall } from "../model/trajectory.ts";
import { readTools } from "./chatMessages.ts";
import { finishRollout } from "./finish.ts";
import type { FileFormat, ReadContext, Sample } from "./format.ts";
import { recordFraming, sampleRecords } from "./layout.ts";
import { noParts, readParts, resultText } from "./parts.ts";
import { sessionRollout } from "./session.ts";
import { readTime } from "./time.ts";
import type { Turn } from "./turns.ts";

export const mcpTranscript: FileFormat = {
	id: "mcp-jsonrpc",
	title: "Model Context Protocol transcripts",
	reads:
		"requests for tools, resources and prompts as calls with their results and errors, in either direction; offered tools; names of client and server; times and sessions where a proxy added them",
	leaves: "handshake, lists, progress, pings and log notifications make no step",
	unit: "file",
	sniff: (sample: Sample): number => {
		const messages = sampleRecords(sample).flatMap((record) => messagesOf(record));
		if (messages.length === 0) return 0;
		const methods = messages.flatMap((message) => asString(member(message, "method")) ?? []);
		return methods.some((method) => METHODS.test(method)) ? 0.9 : 0;
	},
	framing: recordFraming,
	readFile,
};

const METHODS =
	/^(initialize|tools\/(call|list)|resources\/|prompts\/|sampling\/|roots\/|elicitation\/|completion\/|logging\/setLevel|notifications\/)/;
/** Requests that set up or look around; they are no decisions of the agent. */
const SETUP =
	/^(initialize|ping|logging\/setLevel|resources\/(un)?subscribe|.*\/list|resources\/templates\/list|server\/discover)$/;
const WRAPPERS = ["message", "msg", "payload", "data", "body", "jsonrpc_message", "rpc"];

/** The JSON-RPC messages of a record: itself, what it wraps, or the messages of a batch. */
function messagesOf(value: JsonValue): JsonObject[] {
	if (Array.isArray(value)) return value.flatMap((entry) => (isMessage(entry) ? [entry] : []));
	if (isMessage(value)) return [value];
	for (const key of WRAPPERS) {
		const inner = member(value, key);
		const decoded = typeof inner === "string" && inner.trimStart().startsWith("{") ? decodeJson(inner) : inner;
		if (isMessage(decoded)) return [decoded];
	}
	return [];
}

function isMessage(value: JsonValue | undefined): value is JsonObject {
	return isObject(value) && member(value, "jsonrpc") === "2.0";
}

interface Transcript {
	id: string;
	places: Place[];
	turns: Turn[];
	/** Requests that wait for their answer, by id; both sides count from the same numbers, the last to ask is answered first. */
	waiting: Map<string, Waiting[]>;
	tools: JsonValue[];
	server: string | null;
	client: string | null;
}

interface Waiting {
	method: string;
	callId: string;
}

function readFile(records: JsonRecord[], context: ReadContext): Rollout[] {
	const transcripts = new Map<string, Transcript>();
	for (const record of records) {
		const messages = messagesOf(record.value);
		if (messages.length === 0) context.problem(record.place, "no JSON-RPC message");
		const places = new RecordPlaces(record, context.locate);
		const session =
			asId(
				member(record.value, "sessionId") ?? member(record.value, "session_id") ?? member(record.value, "session"),
			) ?? "session";
		messages.forEach((message, index) => {
			const place = Array.isArray(record.value) ? places.of(message, pointerOf(index)) : record.place;
			read(transcriptOf(transcripts, session), message, place, asObject(record.value) ?? {}, context);
		});
	}
	return [...transcripts.values()].map((transcript) => finish(transcript, context));
}

function transcriptOf(transcripts: Map<string, Transcript>, id: string): Transcript {
	const known = transcripts.get(id);
	if (known !== undefined) return known;
	const made: Transcript = { id, places: [], turns: [], waiting: new Map(), tools: [], server: null, client: null };
	transcripts.set(id, made);
	return made;
}

function read(
	transcript: Transcript,
	message: JsonObject,
	place: Place,
	wrapper: JsonObject,
	context: ReadContext,
): void {
	transcript.places.push(place);
	const method = asString(member(message, "method"));
	const id = asId(member(message, "id"));
	const time = readTime(member(wrapper, "timestamp") ?? member(wrapper, "ts") ?? member(wrapper, "time"));
	if (method !== null && id !== null) request(transcript, message, method, id, place, time);
	else if (method === null && id !== null) response(transcript, message, id, place, time, context);
}

function request(
	transcript: Transcript,
	message: JsonObject,
	method: string,
	id: string,
	place: Place,
	time: number | null,
): void {
	const parameters = member(message, "params");
	const sameId = transcript.waiting.get(id);
	const callId = sameId === undefined ? id : `${id} (${place.line})`;
	if (sameId === undefined) transcript.waiting.set(id, [{ method, callId }]);
	else sameId.push({ method, callId });
	if (method === "initialize") transcript.client = asString(memberAt(parameters, "clientInfo", "name"));
	if (SETUP.test(method)) return;
	const called = method === "tools/call";
	const call: ToolCall = {
		id: callId,
		name: (called ? asString(member(parameters, "name")) : null) ?? method,
		arguments: (called ? member(parameters, "arguments") : parameters) ?? null,
		requestor: FROM_SERVER.test(method) ? "server" : null,
	};
	transcript.turns.push({ role: "agent", place, index: id, parts: noParts({ calls: [call] }), fields: { time } });
}

/** What servers ask of clients. */
const FROM_SERVER = /^(sampling|elicitation|roots)\//;

function response(
	transcript: Transcript,
	message: JsonObject,
	id: string,
	place: Place,
	time: number | null,
	context: ReadContext,
): void {
	const asked = transcript.waiting.get(id)?.pop();
	const result = member(message, "result");
	if (asked === undefined) {
		context.problem(place, `an answer to a request that is not there (${id})`);
		return;
	}
	if (asked.method === "initialize") transcript.server = asString(memberAt(result, "serverInfo", "name"));
	if (asked.method === "tools/list") transcript.tools.push(...(asArray(member(result, "tools")) ?? []));
	if (SETUP.test(asked.method)) return;
	const failure = member(message, "error");
	const content = readParts(member(result, "content") ?? member(result, "contents"), "/result/content", place);
	const text =
		failure !== undefined
			? (asString(member(failure, "message")) ?? resultText(failure))
			: content.text || resultText(member(result, "structuredContent") ?? (content.images.length > 0 ? null : result));
	const isError = failure !== undefined || member(result, "isError") === true;
	const answer = { callId: asked.callId, tool: null, text, isError, images: content.images };
	transcript.turns.push({
		role: "environment",
		place,
		index: id,
		parts: noParts({ observations: [answer] }),
		fields: { time },
	});
}

function finish(transcript: Transcript, context: ReadContext): Rollout {
	const { turns, places, server, client } = transcript;
	const rollout = sessionRollout(transcript.id, places, turns, context);
	const names = [client, server].filter((name) => name !== null).join(" → ");
	rollout.title = `Model Context Protocol session${names === "" ? "" : `: ${names}`}`;
	rollout.task = server ?? "mcp";
	rollout.agent = client;
	rollout.tools = readTools(transcript.tools);
	return finishRollout(rollout);
}
