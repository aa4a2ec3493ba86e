// Kiro and Amazon Q conversations: a history of pairs, what the user (or a tool) said and what the assistant did.
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
import type { Observation, Place, Rollout, ToolCall } from "../model/trajectory.ts";
import { finishRollout } from "./finish.ts";
import type { ReadContext, RecordFormat, Sample } from "./format.ts";
import { firstObject, recordFraming } from "./layout.ts";
import { noParts, readArguments, resultText } from "./parts.ts";
import { sessionRollout } from "./session.ts";
import { readTime } from "./time.ts";
import type { Turn } from "./turns.ts";

export const kiro: RecordFormat = {
	id: "kiro",
	title: "Kiro and Amazon Q conversations",
	reads: "prompts, responses, tool uses and their results, times, model",
	leaves: "the environment that goes with each prompt, request metadata and the flat transcript",
	unit: "record",
	sniff: (sample: Sample): number => {
		const first = firstObject(sample);
		const history = asArray(member(first ?? undefined, "history"));
		return history?.some(isPair) ? 0.95 : 0;
	},
	framing: recordFraming,
	readRecord,
};

function isPair(value: JsonValue): boolean {
	const assistant = member(value, "assistant");
	return (
		isObject(member(value, "user")) &&
		(member(assistant, "Response") !== undefined || member(assistant, "ToolUse") !== undefined)
	);
}

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const fields = asObject(record.value);
	const history = asArray(member(fields ?? undefined, "history"));
	if (fields === null || history === null) {
		context.problem(record.place, fields === null ? "not an object" : "no history");
		return [];
	}
	const places = new RecordPlaces(record, context.locate);
	const turns = history.flatMap((entry, index): Turn[] => {
		if (isObject(entry)) return turnsOf(entry, index, places);
		context.problem(record.place, `entry ${index} of the history is not an object`);
		return [];
	});
	const id = asId(member(fields, "conversation_id")) ?? `conversation-${record.ordinal}`;
	const rollout = sessionRollout(id, [record.place], turns, context);
	rollout.model = asString(memberAt(fields, "model_info", "model_id") ?? member(fields, "model"));
	rollout.extra = without(fields, new Set(["history", "transcript", "conversation_id"]));
	return [finishRollout(rollout)];
}

function turnsOf(entry: JsonObject, index: number, places: RecordPlaces): Turn[] {
	const user = asObject(member(entry, "user"));
	const assistant = asObject(member(entry, "assistant"));
	const at = (holder: JsonObject, key: string): Place => places.of(holder, pointerOf("history", index, key));
	const turns: Turn[] = user === null ? [] : [userTurn(user, at(user, "user"), index)];
	if (assistant !== null) turns.push(assistantTurn(assistant, at(assistant, "assistant"), index));
	return turns;
}

function userTurn(user: JsonObject, place: Place, index: number): Turn {
	const content = member(user, "content");
	const text =
		asString(memberAt(content, "Prompt", "prompt") ?? memberAt(content, "CancelledToolUses", "prompt")) ?? "";
	const results =
		asArray(
			memberAt(content, "ToolUseResults", "tool_use_results") ??
				memberAt(content, "CancelledToolUses", "tool_use_results"),
		) ?? [];
	return {
		role: "user",
		place,
		index,
		parts: noParts({ text, observations: results.map(resultOf) }),
		fields: { time: readTime(member(user, "timestamp")) },
	};
}

function resultOf(result: JsonValue): Observation {
	const blocks = asArray(member(result, "content")) ?? [];
	const text = blocks.map((block) => resultText(member(block, "Text") ?? member(block, "Json") ?? block)).join("\n");
	const isError = member(result, "status") === "Error";
	return { callId: asId(member(result, "tool_use_id")), tool: null, text, isError, images: [] };
}

function assistantTurn(assistant: JsonObject, place: Place, index: number): Turn {
	const said = member(assistant, "Response") ?? member(assistant, "ToolUse");
	const calls = (asArray(member(said, "tool_uses")) ?? []).flatMap((use): ToolCall[] => {
		const name = asString(member(use, "name"));
		return name === null
			? []
			: [{ id: asId(member(use, "id")), name, arguments: readArguments(member(use, "args")), requestor: null }];
	});
	const id = asId(member(said, "message_id"));
	return {
		role: "agent",
		place,
		index: id ?? index,
		parts: noParts({ text: asString(member(said, "content")) ?? "", calls }),
	};
}
