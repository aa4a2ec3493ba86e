// OpenHands evaluation outputs and saved trajectories: each record holds the whole list of events, flat or as pairs of
// action and observation.
import { RecordPlaces } from "../json/places.ts";
import { exactId, type JsonRecord } from "../json/record.ts";
import { blankRollout } from "../model/create.ts";
import {
	asArray,
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
import { outcomeOf } from "../model/outcome.ts";
import type { Rollout } from "../model/trajectory.ts";
import { fileStem } from "../text/path.ts";
import { readTools } from "./chatMessages.ts";
import { finishRollout } from "./finish.ts";
import type { Framing, ReadContext, RecordFormat, Sample } from "./format.ts";
import { recordFraming, soleDocument } from "./layout.ts";
import { accumulatedUsage, type Event, eventTurns, isEvent } from "./openhandsTurns.ts";
import { stepsOfTurns } from "./turns.ts";

const ID_KEYS = ["instance_id", "id", "question_id"];

export const openhands: RecordFormat = {
	id: "openhands",
	title: "OpenHands outputs",
	reads:
		"histories flat or as pairs, saved lists of events: messages, actions with the model's own arguments, observations, exit codes, usage, verdicts, cost",
	leaves: "state changes; metrics, metadata and instance are kept raw",
	unit: "record",
	sniff,
	framing,
	readRecord,
};

function sniff(sample: Sample): number {
	const document = soleDocument(sample);
	if (Array.isArray(document) && document.some(isEvent)) return 0.9;
	return sample.values.some((value) => eventsIn(value).some(isEvent)) ? 0.9 : 0;
}

function framing(sample: Sample): Framing {
	const document = soleDocument(sample);
	if (Array.isArray(document)) return document.some(isEvent) ? { kind: "document" } : { kind: "elements", pointer: "" };
	return recordFraming(sample);
}

/** The events of a history, pairs taken apart. */
function eventsIn(value: JsonValue): JsonValue[] {
	const history = Array.isArray(value) ? value : (asArray(member(value, "history")) ?? []);
	return history.flatMap((entry) => (Array.isArray(entry) ? entry : [entry]));
}

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const fields = asObject(record.value);
	const events = readEvents(record, context);
	if (events === null) {
		context.problem(record.place, fields === null ? "not an object" : "no history");
		return [];
	}
	const own = ID_KEYS.map((key) => exactId(record, member(fields ?? undefined, key), `/${key}`)).find(
		(id) => id !== null,
	);
	const rollout = blankRollout(record.place, own ?? fileStem(record.place.file), own ?? "");
	rollout.steps = stepsOfTurns(eventTurns(events), context);
	rollout.tools = readTools(
		memberAt(events.find(({ fields: event }) => member(event, "action") === "system")?.fields, "args", "tools"),
	);
	if (fields !== null) describeRow(rollout, fields);
	return [finishRollout(rollout)];
}

function readEvents(record: JsonRecord, context: ReadContext): Event[] | null {
	const isBare = Array.isArray(record.value);
	const history = isBare ? asArray(record.value) : asArray(member(record.value, "history"));
	if (history === null) return null;
	const places = new RecordPlaces(record, context.locate);
	const pointer = isBare ? "" : "/history";
	const events: Event[] = [];
	history.forEach((entry, index) => {
		const pair = asArray(entry) ?? [entry];
		const action = asObject(pair[0]);
		for (const [part, value] of pair.entries()) {
			const at = Array.isArray(entry) ? `${pointer}/${index}/${part}` : `${pointer}/${index}`;
			const place = places.of(value, at);
			if (!isObject(value)) context.problem(place, `event ${index} is not an object`);
			else events.push({ fields: part === 0 ? value : withCause(value, action), place });
		}
	});
	return events;
}

/** The second of a pair answers the first, whether it says so or not. */
function withCause(value: JsonObject, action: JsonObject | null): JsonObject {
	return { ...value, cause: member(action ?? undefined, "id") ?? member(value, "cause") ?? null };
}

function describeRow(rollout: Rollout, fields: JsonObject): void {
	const result = asObject(member(fields, "test_result")) ?? {};
	const report = asObject(member(result, "report")) ?? result;
	const verdicts = { success: member(result, "result") ?? null, ...report, ...without(fields, new Set(["instance"])) };
	rollout.outcome = outcomeOf(verdicts, null);
	rollout.model = asString(
		memberAt(fields, "metadata", "llm_config", "model") ?? memberAt(fields, "metadata", "model_name"),
	);
	rollout.agent = asString(memberAt(fields, "metadata", "agent_class"));
	rollout.cost = asNumber(memberAt(fields, "metrics", "accumulated_cost"));
	rollout.tokens = accumulatedUsage(member(fields, "metrics"));
	rollout.ending = asString(member(fields, "error"));
	rollout.truncated = /maximum iteration|budget|timed? ?out/i.test(rollout.ending ?? "");
	rollout.reference = asString(memberAt(fields, "instance", "answer"));
	rollout.answer = asString(member(fields, "final_message"));
	rollout.extra = without(fields, new Set(["history"]));
}
