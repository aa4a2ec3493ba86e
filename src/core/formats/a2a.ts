// Agent2Agent logs: tasks with their history and artifacts, alone or as the JSON-RPC requests, answers and stream events
// that built them up.
import { RecordPlaces } from "../json/places.ts";
import type { JsonRecord } from "../json/record.ts";
import { pointerOf } from "../json/scan.ts";
import { coveringPlace } from "../model/create.ts";
import {
	asArray,
	asId,
	asObject,
	asString,
	isObject,
	type JsonObject,
	type JsonValue,
	member,
	without,
} from "../model/json.ts";
import type { Place, Rollout, StepRole } from "../model/trajectory.ts";
import { finishRollout } from "./finish.ts";
import type { FileFormat, Framing, ReadContext, Sample } from "./format.ts";
import { recordFraming, sampleRecords } from "./layout.ts";
import { type ReadParts, readParts, resultText } from "./parts.ts";
import { sessionRollout } from "./session.ts";
import { readTime } from "./time.ts";
import { says, type Turn } from "./turns.ts";

export const a2a: FileFormat = {
	id: "a2a",
	title: "Agent2Agent tasks",
	reads:
		"one rollout a task: messages of both sides, status messages with their times, artifacts (pieces of a stream joined), the final state; the context as the run",
	leaves: "push notification settings, cards of agents; files stay where they are",
	unit: "file",
	sniff: (sample: Sample): number => (sampleRecords(sample).some((record) => objectsOf(record).length > 0) ? 0.92 : 0),
	framing: (sample): Framing => recordFraming(sample),
	readFile,
};

const METHODS = /^(message\/(send|stream)|SendMessage|SendStreamingMessage)$/;

type Kind = "task" | "message" | "status" | "artifact";

interface Told {
	kind: Kind;
	value: JsonObject;
	/** Where it stands below the record. */
	pointer: string;
}

/** What a record tells: a task, a message, an event, or the one that a request or an answer carries. */
function objectsOf(record: JsonValue): Told[] {
	const method = asString(member(record, "method"));
	const sent = member(member(record, "params"), "message");
	if (method !== null && METHODS.test(method) && isMessage(sent))
		return [{ kind: "message", value: sent, pointer: "/params/message" }];
	const result = member(record, "result");
	const holder = isObject(result) ? result : record;
	const at = isObject(result) ? "/result" : "";
	// newer versions wrap each kind in a member of its name
	for (const [key, kind] of WRAPPED) {
		const inner = member(holder, key);
		if (isObject(inner) && (kind !== "message" || isMessage(inner)) && (kind !== "task" || isTask(inner)))
			return [{ kind, value: inner, pointer: `${at}/${key}` }];
	}
	const kind = kindOf(holder);
	return kind === null || !isObject(holder) ? [] : [{ kind, value: holder, pointer: at }];
}

const WRAPPED: [string, Kind][] = [
	["task", "task"],
	["message", "message"],
	["statusUpdate", "status"],
	["artifactUpdate", "artifact"],
	["msg", "message"],
];
const KINDS: Record<string, Kind> = {
	task: "task",
	message: "message",
	"status-update": "status",
	"artifact-update": "artifact",
};

function kindOf(value: JsonValue): Kind | null {
	const stated = asString(member(value, "kind"));
	if (stated !== null && Object.hasOwn(KINDS, stated))
		return isMessage(value) || stated !== "message" ? (KINDS[stated] ?? null) : null;
	if (isTask(value)) return "task";
	return null;
}

function isTask(value: JsonValue): boolean {
	const state = asString(member(member(value, "status"), "state"));
	return (
		state !== null &&
		member(value, "id") !== undefined &&
		(member(value, "contextId") !== undefined ||
			member(value, "history") !== undefined ||
			member(value, "artifacts") !== undefined)
	);
}

function isMessage(value: JsonValue | undefined): value is JsonObject {
	const role = asString(member(value, "role"));
	return role !== null && member(value, "messageId") !== undefined && Array.isArray(member(value, "parts"));
}

interface Task {
	id: string;
	context: string | null;
	places: Place[];
	turns: Turn[];
	/** Message ids that were told: answers repeat the history. */
	told: Set<string>;
	artifacts: Map<string, Turn>;
	state: string | null;
	metadata: JsonObject;
}

function readFile(records: JsonRecord[], context: ReadContext): Rollout[] {
	const tasks = new Tasks();
	for (const record of records) {
		const told = objectsOf(record.value);
		const known = isObject(record.value) && (member(record.value, "jsonrpc") !== undefined || told.length > 0);
		if (!known) context.problem(record.place, isObject(record.value) ? "no task, message or event" : "not an object");
		const places = new RecordPlaces(record, context.locate);
		const requestId = asId(member(record.value, "id"));
		for (const { kind, value, pointer } of told) {
			const task = tasks.of(kind, value, requestId);
			const place = places.of(value, pointer);
			task.places.push(place);
			if (kind === "task") addTask(task, value, pointer, places);
			else if (kind === "message") addMessage(task, value, place);
			else if (kind === "status") addStatus(task, value, place);
			else addArtifact(task, asObject(member(value, "artifact")), member(value, "append") === true, place);
		}
	}
	return tasks.all().map((task) => rolloutOf(task, context));
}

/** Tasks by id. The message that asks for a task does not know its id yet: its request's answer does. */
class Tasks {
	private readonly byId = new Map<string, Task>();
	private readonly byRequest = new Map<string, Task>();

	of(kind: Kind, value: JsonObject, requestId: string | null): Task {
		const id = asId(kind === "task" ? member(value, "id") : member(value, "taskId"));
		const asked = requestId === null ? undefined : this.byRequest.get(requestId);
		const known =
			(id === null ? undefined : this.byId.get(id)) ??
			(asked !== undefined && (id === null || asked.id === "") ? asked : undefined);
		const task: Task = known ?? {
			id: id ?? "",
			context: null,
			places: [],
			turns: [],
			told: new Set(),
			artifacts: new Map(),
			state: null,
			metadata: {},
		};
		if (id !== null && task.id === "") task.id = id;
		if (id !== null) this.byId.set(id, task);
		else if (known === undefined) this.byId.set(`request ${requestId ?? this.byId.size}`, task);
		if (requestId !== null && kind === "message") this.byRequest.set(requestId, task);
		task.context = asId(member(value, "contextId")) ?? task.context;
		return task;
	}

	all(): Task[] {
		return [...new Set(this.byId.values())];
	}
}

function addTask(task: Task, value: JsonObject, pointer: string, places: RecordPlaces): void {
	(asArray(member(value, "history")) ?? []).forEach((message, index) => {
		if (isMessage(message)) addMessage(task, message, places.of(message, pointer + pointerOf("history", index)));
	});
	addStatus(task, value, places.of(value, pointer));
	(asArray(member(value, "artifacts")) ?? []).forEach((artifact, index) => {
		if (isObject(artifact))
			addArtifact(task, artifact, false, places.of(artifact, pointer + pointerOf("artifacts", index)));
	});
	task.metadata = { ...task.metadata, ...asObject(member(value, "metadata")) };
}

function addMessage(task: Task, message: JsonObject, place: Place, time: number | null = null): void {
	const id = asId(member(message, "messageId"));
	if (id !== null && task.told.has(id)) return;
	if (id !== null) task.told.add(id);
	const role: StepRole = /agent$/i.test(asString(member(message, "role")) ?? "") ? "agent" : "user";
	task.turns.push({
		role,
		place,
		index: id,
		parts: partsOf(message, place),
		fields: { time, extra: without(message, READ) },
	});
}

const READ = new Set(["kind", "role", "parts", "messageId", "taskId", "contextId"]);

function addStatus(task: Task, value: JsonObject, place: Place): void {
	const status = member(value, "status");
	const state = asString(member(status, "state"));
	if (state !== null)
		task.state = state
			.replace(/^TASK_STATE_/, "")
			.toLowerCase()
			.replaceAll("_", "-");
	const message = member(status, "message");
	if (isMessage(message)) addMessage(task, message, place, readTime(member(status, "timestamp")));
}

/** Pieces of a streamed artifact are put together; a later whole one replaces them. */
function addArtifact(task: Task, artifact: JsonObject | null, append: boolean, place: Place): void {
	if (artifact === null) return;
	const id = asId(member(artifact, "artifactId")) ?? `artifact-${task.artifacts.size}`;
	const known = task.artifacts.get(id);
	const parts = partsOf(artifact, place);
	if (known !== undefined) {
		known.parts = append
			? { ...parts, text: known.parts.text + parts.text, images: [...known.parts.images, ...parts.images] }
			: parts;
		known.place = coveringPlace([known.place, place]);
		return;
	}
	const extra: JsonObject = { artifact: member(artifact, "name") ?? id };
	const turn: Turn = { role: "agent", place, index: id, parts, fields: { extra } };
	task.artifacts.set(id, turn);
	task.turns.push(turn);
}

/** Parts of text, files and data; older versions name the kind, newer ones only have the member. */
function partsOf(holder: JsonObject, place: Place): ReadParts {
	const parts = (asArray(member(holder, "parts")) ?? []).map((part): JsonValue => {
		const data = member(part, "data");
		if (isObject(data) || Array.isArray(data)) return { type: "text", text: resultText(data) };
		const file =
			member(part, "file") ??
			(member(part, "url") !== undefined || member(part, "raw") !== undefined ? part : undefined);
		if (!isObject(file)) return { type: "text", text: asString(member(part, "text")) ?? "" };
		const mediaType = member(file, "mimeType") ?? member(file, "mediaType") ?? null;
		const path = asString(member(file, "uri") ?? member(file, "url"));
		const isImage = typeof mediaType === "string" && mediaType.startsWith("image/");
		if (!isImage) return { type: "text", text: `[file ${asString(member(file, "name")) ?? path ?? ""}]` };
		return path === null
			? { type: "image", data: member(file, "bytes") ?? member(file, "raw") ?? "", mediaType }
			: { type: "image", url: path, mediaType };
	});
	return readParts(parts, "/parts", place);
}

const CENSORED = new Set(["canceled", "cancelled", "input-required", "auth-required", "working", "submitted"]);

function rolloutOf(task: Task, context: ReadContext): Rollout {
	const turns = task.turns.filter((turn) => says(turn.parts));
	const rollout = sessionRollout(task.id === "" ? "message" : task.id, task.places, turns, context);
	rollout.run = task.context;
	rollout.ending = task.state;
	rollout.truncated = task.state !== null && CENSORED.has(task.state);
	rollout.outcome = task.state === "failed" || task.state === "rejected" ? "failure" : "unknown";
	rollout.answer = [...task.artifacts.values()].at(-1)?.parts.text || null;
	rollout.extra = task.metadata;
	return finishRollout(rollout);
}
