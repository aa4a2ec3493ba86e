// ART trajectory groups (`trajectories/<split>/<step>.yaml`, later `.jsonl`, then `.parquet`): messages and sampled
// choices with a reward.
import { type Document, isMap, isSeq, type Node, parseDocument, type Tags } from "yaml";
import { parseJson } from "../json/parse.ts";
import { RecordPlaces, TextPlaces } from "../json/places.ts";
import type { JsonRecord } from "../json/record.ts";
import { blankRollout } from "../model/create.ts";
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
import { outcomeOf } from "../model/outcome.ts";
import type { Place, Rollout, Step } from "../model/trajectory.ts";
import { messageTurn, readTools } from "./chatMessages.ts";
import { numericMembers, readReward, stepOfName, titleOf, tokenDetail } from "./fields.ts";
import type { Framing, ReadContext, RecordFormat } from "./format.ts";
import { recordFraming, surestRecord } from "./layout.ts";
import { stepsOfTurns, type Turn } from "./turns.ts";

const READ = new Set(["messages_and_choices", "tools", "reward", "metrics", "additional_histories"]);

export const art: RecordFormat = {
	id: "art",
	title: "ART trajectory groups",
	reads:
		"groups of trajectories from YAML, JSON Lines or Parquet: messages, sampled choices with log-probabilities, reward, metrics, tools, additional histories as sub-agents, training step from the file's name",
	leaves: "metadata and logs are kept raw; YAML aliases are followed up to a limit",
	unit: "record",
	sniff: (sample) => {
		if (sample.layout === "text")
			return /^[ -]*messages_and_choices:[ ]*$/m.test(sample.text) && /^- \w+:/m.test(sample.text) ? 0.9 : 0;
		return surestRecord(sample, (record) => (trajectoriesIn(record).some(isTrajectory) || isRow(record) ? 0.95 : 0));
	},
	framing: (sample): Framing => (sample.layout === "text" ? { kind: "text" } : recordFraming(sample)),
	readRecord,
};

function isTrajectory(value: JsonValue): boolean {
	return Array.isArray(member(value, "messages_and_choices"));
}

function trajectoriesIn(group: JsonValue): JsonValue[] {
	return asArray(member(group, "trajectories")) ?? asArray(group) ?? [group];
}

/** Finds where a value stands: by the JSON that it was read from, or by the node of the YAML document. */
type Placing = (value: JsonValue, path: (string | number)[]) => Place;

function isRow(record: JsonObject): boolean {
	return (
		Array.isArray(member(record, "messages")) &&
		["group_index", "reward", "metrics", "logs"].every((key) => key in record)
	);
}

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	if (typeof record.value === "string") return readYaml(record, record.value, context);
	if (isObject(record.value) && isRow(record.value)) return readRow(record, record.value, context);
	const places = new RecordPlaces(record, context.locate);
	const pointer = (path: (string | number)[]): string => path.map((part) => `/${part}`).join("");
	return readGroup(record.value, record.ordinal, [], (value, path) => places.of(value, pointer(path)), context);
}

/** Tables hold one trajectory a row, and what has no fixed shape as JSON in strings. */
function readRow(record: JsonRecord, row: JsonObject, context: ReadContext): Rollout[] {
	const decoded = (value: JsonValue | undefined): JsonValue => {
		const parsed = typeof value === "string" ? parseJson(value) : null;
		return parsed?.ok === true ? parsed.value : (value ?? null);
	};
	const fields: JsonObject = {
		...without(row, new Set(["messages", "group_index"])),
		messages_and_choices: (asArray(row.messages) ?? []).map((message) =>
			isObject(message) ? { ...message, tool_calls: decoded(message.tool_calls) } : message,
		),
	};
	for (const key of ["metrics", "metadata", "tools", "additional_histories"]) fields[key] = decoded(row[key]);
	const task = `group-${asId(row.group_index) ?? record.ordinal}`;
	const placing: Placing = (_, path) => ({
		...record.place,
		pointer: path.map((part) => `/${part === "messages_and_choices" ? "messages" : part}`).join(""),
	});
	return readTrajectory(fields, `${task}/${record.ordinal}`, task, [], placing, context);
}

/** Values that JSON lacks stay the texts that they were written as. */
const NOT_JSON = /:(?:binary|omap|pairs|set|timestamp)$/;
const jsonTags = (tags: Tags): Tags => tags.filter((tag) => typeof tag === "string" || !NOT_JSON.test(tag.tag));

function readYaml(record: JsonRecord, text: string, context: ReadContext): Rollout[] {
	const options = { version: "1.1", logLevel: "silent", uniqueKeys: false, customTags: jsonTags } as const;
	const document = parseDocument(text, options);
	const places = new TextPlaces(record, "", context.locate ? { start: 0, end: record.bytes.length } : null);
	for (const error of document.errors.slice(0, 20)) {
		context.problem(places.at(error.pos[0], error.pos[1]), `not YAML: ${error.message.split("\n")[0]}`);
	}
	const value = plainValue(document, text.length, record.place, context);
	const placing: Placing = (_, path) => {
		const range = rangeAt(document, path);
		return range === null ? record.place : places.at(range[0], range[1]);
	};
	const groups = asArray(value);
	if (groups === null) {
		context.problem(record.place, "no list of trajectory groups");
		return [];
	}
	// a list of trajectories alone is one group
	if (groups.some(isTrajectory)) return readGroup(groups, 0, [], placing, context);
	return groups.flatMap((group, index) => readGroup(group, index, [index], placing, context));
}

function plainValue(document: Document.Parsed, length: number, place: Place, context: ReadContext): JsonValue {
	try {
		const value = document.toJS({ maxAliasCount: 10_000 }) as JsonValue;
		if (sizeWithin(value, MOST_GROWTH * length)) return value;
		context.problem(place, "not read: its aliases repeat themselves or far too much");
	} catch (error) {
		// an alias without its anchor, or too many of them
		if (!(error instanceof ReferenceError)) throw error;
		context.problem(place, `not YAML: ${error.message}`);
	}
	return null;
}

/** Aliases let a small text stand for a huge or endless value; logs share tool schemas and little else. */
const MOST_GROWTH = 20;

/** Whether the value, written out, stays below `most` characters; an endless one never does. */
function sizeWithin(value: JsonValue, most: number): boolean {
	const pending: JsonValue[] = [value];
	let size = 0;
	for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
		size += typeof next === "string" ? next.length + 1 : 1;
		if (size > most) return false;
		if (Array.isArray(next)) for (const element of next) pending.push(element);
		else if (isObject(next)) for (const element of Object.values(next)) pending.push(element);
	}
	return true;
}

/** The characters that the node at `path` spans; null where there is no such node. */
function rangeAt(document: Document.Parsed, path: (string | number)[]): [number, number] | null {
	let node: unknown = document.contents;
	for (const part of path) {
		if (!isMap(node) && !isSeq(node)) return null;
		node = node.get(part, true);
	}
	const range = (node as Node | null | undefined)?.range;
	return range === undefined || range === null ? null : [range[0], range[1]];
}

function readGroup(
	group: JsonValue,
	number: number,
	path: (string | number)[],
	placing: Placing,
	context: ReadContext,
): Rollout[] {
	const nested = Array.isArray(member(group, "trajectories"));
	const task = asId(memberAt(group, "metadata", "group_id")) ?? `group-${number}`;
	return trajectoriesIn(group).flatMap((value, index) => {
		const at = nested ? [...path, "trajectories", index] : Array.isArray(group) ? [...path, index] : path;
		const fields = asObject(value);
		const place = placing(value, at);
		if (fields === null || !isTrajectory(value)) {
			context.problem(place, `trajectory ${index} of ${task} has no messages_and_choices`);
			return [];
		}
		return readTrajectory(fields, `${task}/${index}`, task, at, placing, context);
	});
}

function readTrajectory(
	fields: JsonObject,
	id: string,
	task: string,
	path: (string | number)[],
	placing: Placing,
	context: ReadContext,
): Rollout[] {
	const place = placing(fields, path);
	const rollout = blankRollout(place, id, task);
	rollout.steps = readMessages(fields, path, placing, context);
	rollout.tools = readTools(member(fields, "tools"));
	rollout.reward = readReward(member(fields, "reward"), place, context);
	rollout.rewards = numericMembers(asObject(member(fields, "metrics")));
	rollout.outcome = outcomeOf(asObject(member(fields, "metrics")) ?? {}, rollout.reward);
	rollout.trainingStep = stepOfName(context.file);
	rollout.title = titleOf(null, rollout.steps);
	rollout.extra = without(fields, READ);
	const histories = (asArray(member(fields, "additional_histories")) ?? []).map((history, index) => {
		const at = [...path, "additional_histories", index];
		const other = blankRollout(placing(history, at), `${id}/history-${index}`, task);
		other.steps = readMessages(asObject(history) ?? {}, at, placing, context);
		other.relation = "sub-agent";
		other.parent = id;
		other.title = titleOf(null, other.steps);
		return other;
	});
	return [rollout, ...histories];
}

/** A message, or a choice of the model around one. The index counts from 0. */
function readMessages(fields: JsonObject, path: (string | number)[], placing: Placing, context: ReadContext): Step[] {
	const turns = (asArray(member(fields, "messages_and_choices")) ?? []).flatMap((value, index): Turn[] => {
		const place = placing(value, [...path, "messages_and_choices", index]);
		const message = asObject(member(value, "message")) ?? asObject(value);
		if (message === null) {
			context.problem(place, `message ${index} is not an object`);
			return [];
		}
		const turn = messageTurn(message, place, index);
		const logprobs = (asArray(memberAt(value, "logprobs", "content")) ?? []).flatMap(
			(token) => asNumber(member(token, "logprob")) ?? [],
		);
		const detail = tokenDetail({ logprobs: logprobs.length === 0 ? null : logprobs });
		if (detail !== null) turn.fields = { ...turn.fields, tokenDetail: detail };
		const ending = asString(member(value, "finish_reason"));
		if (ending !== null) turn.fields = { ...turn.fields, extra: { ...turn.fields?.extra, finish_reason: ending } };
		return [turn];
	});
	return stepsOfTurns(turns, context);
}
