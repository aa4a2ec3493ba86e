// AgentScope sessions (QwenPaw, CoPaw and others built on it): the saved memory of an agent, a list of messages, each
// alone or paired with its marks.
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
import type { Rollout } from "../model/trajectory.ts";
import { messageTurn } from "./chatMessages.ts";
import { finishRollout } from "./finish.ts";
import type { ReadContext, RecordFormat, Sample } from "./format.ts";
import { baseName } from "./sample.ts";
import { sessionRollout } from "./session.ts";
import { readTime } from "./time.ts";
import type { Turn } from "./turns.ts";

export const agentScope: RecordFormat = {
	id: "agentscope",
	title: "AgentScope sessions",
	reads:
		"the agent's memory: messages with thinking, tool use and tool results, names, times; one rollout a saved agent",
	leaves: "marks beside the messages, the toolkit's state",
	unit: "record",
	sniff: (sample: Sample): number =>
		sample.layout === "document" && memories(sample.values[0] ?? null).length > 0 ? 0.9 : 0,
	framing: () => ({ kind: "document" }),
	readRecord,
};

interface Memory {
	agent: JsonObject;
	list: JsonValue[];
	pointer: string;
}

/** Every member that has a memory, or the document itself. */
function memories(value: JsonValue): Memory[] {
	const holders: [string, JsonValue][] = isObject(value) ? [["", value], ...Object.entries(value)] : [];
	return holders.flatMap(([key, holder]) => {
		const list = asArray(memberAt(holder, "memory", "content"));
		if (
			list === null ||
			!isObject(holder) ||
			!(list.length === 0 ? isAgent(holder) : list.some((entry) => messageOf(entry) !== null))
		)
			return [];
		return [{ agent: holder, list, pointer: `${key === "" ? "" : pointerOf(key)}/memory/content` }];
	});
}

function isAgent(holder: JsonObject): boolean {
	return member(holder, "toolkit") !== undefined || member(holder, "_sys_prompt") !== undefined;
}

function messageOf(entry: JsonValue): JsonObject | null {
	const message = asObject(Array.isArray(entry) ? entry[0] : entry);
	return message !== null && asString(member(message, "role")) !== null ? message : null;
}

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const places = new RecordPlaces(record, context.locate);
	const found = memories(record.value);
	if (found.length === 0) context.problem(record.place, "no memory with messages");
	return found.map(({ agent, list, pointer }, number) => {
		const turns = list.flatMap((entry, index): Turn[] => {
			const message = messageOf(entry);
			if (message !== null) return [turnOf(message, places, `${pointer}/${index}${Array.isArray(entry) ? "/0" : ""}`)];
			context.problem(record.place, `message ${index} has no role`);
			return [];
		});
		const stem = baseName(context.file).replace(/\.json$/, "");
		const rollout = sessionRollout(number === 0 ? stem : `${stem}/${number}`, [record.place], turns, context);
		rollout.agent = asString(member(agent, "name"));
		rollout.extra = without(agent, new Set(["memory", "name"]));
		return finishRollout(rollout);
	});
}

function turnOf(message: JsonObject, places: RecordPlaces, pointer: string): Turn {
	const turn = messageTurn(message, places.of(message, pointer), asId(member(message, "id")));
	return {
		...turn,
		fields: {
			...turn.fields,
			time: readTime(member(message, "timestamp")),
			extra: without(turn.fields?.extra ?? {}, new Set(["id", "timestamp"])),
		},
	};
}
