// Copilot Chat replay exports (`.chatreplay.json`): prompts, each with the requests and tool calls that it led to.
import { RecordPlaces } from "../json/places.ts";
import type { JsonRecord } from "../json/record.ts";
import { pointerOf } from "../json/scan.ts";
import { blankRollout, call, observation } from "../model/create.ts";
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
import type { Place, Rollout } from "../model/trajectory.ts";
import { readTools } from "./chatMessages.ts";
import { finishRollout } from "./finish.ts";
import type { ReadContext, RecordFormat, Sample } from "./format.ts";
import { noParts, readArguments, readParts, resultText } from "./parts.ts";
import { readTime } from "./time.ts";
import { stepsOfTurns, type Turn } from "./turns.ts";
import { readUsage } from "./usage.ts";

export const copilotReplay: RecordFormat = {
	id: "copilot-replay",
	title: "Copilot Chat replay",
	reads:
		"one rollout an export: system prompt, prompts, model answers with times and tokens, tool calls with results, offered tools",
	leaves: "the context that Copilot adds to each request, and prompt elements with their token counts",
	unit: "record",
	sniff: (sample: Sample): number => (isReplay(sample.values[0]) ? 0.95 : 0),
	framing: () => ({ kind: "document" }),
	readRecord,
};

function isReplay(value: JsonValue | undefined): boolean {
	const prompts = asArray(member(value, "prompts")) ?? [value ?? null];
	const [first] = prompts;
	if (asString(member(first, "prompt")) === null) return false;
	const logs = asArray(member(first, "logs"));
	return logs !== null && (logs.length === 0 || asString(member(logs[0], "kind")) !== null);
}

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const fields = asObject(record.value);
	if (fields === null || !isReplay(fields)) {
		context.problem(record.place, fields === null ? "not an object" : "no prompts");
		return [];
	}
	const story = new Replay(new RecordPlaces(record, context.locate), context);
	const prompts = asArray(member(fields, "prompts"));
	if (prompts === null) story.prompt(fields, "");
	else
		prompts.forEach((prompt, index) => {
			const pointer = pointerOf("prompts", index);
			if (isObject(prompt)) story.prompt(prompt, pointer);
			else context.problem(record.place, `prompt ${index} is not an object`);
		});
	const rollout = blankRollout(record.place, asId(member(fields, "promptId")) ?? `replay-${record.ordinal}`, "");
	rollout.steps = stepsOfTurns(story.turns, context);
	rollout.tools = readTools(story.tools);
	rollout.agent = "Copilot Chat";
	rollout.extra = without(fields, new Set(["prompts", "prompt", "logs"]));
	return [finishRollout(rollout)];
}

class Replay {
	readonly turns: Turn[] = [];
	tools: JsonValue | undefined;
	private asked = "";
	private readonly places: RecordPlaces;
	private readonly context: ReadContext;

	constructor(places: RecordPlaces, context: ReadContext) {
		this.places = places;
		this.context = context;
	}

	/** A prompt that goes on after its tool calls is exported once more. */
	prompt(prompt: JsonObject, pointer: string): void {
		const logs = asArray(member(prompt, "logs")) ?? [];
		const text = asString(member(prompt, "prompt")) ?? "";
		const continues = member(prompt, "hasSeen") === true && text === this.asked;
		this.asked = text;
		if (this.turns.length === 0) this.system(logs, pointer);
		const place = this.places.before(prompt, logs.length > 0 ? member(prompt, "logs") : undefined, pointer);
		if (!continues)
			this.turns.push({ role: "user", place, index: asId(member(prompt, "promptId")), parts: noParts({ text }) });
		logs.forEach((log, index) => {
			if (isObject(log)) this.log(log, this.places.of(log, pointer + pointerOf("logs", index)));
			else this.context.problem(place, `log entry ${index} is not an object`);
		});
	}

	/** The system prompt stands in the first request; its role is a number there. */
	private system(logs: JsonValue[], pointer: string): void {
		const index = logs.findIndex((log) => member(log, "kind") === "request");
		const request = logs[index];
		const first = memberAt(request, "requestMessages", "messages", 0) ?? memberAt(request, "requestMessages", 0);
		const role = member(first, "role");
		if (request === undefined || (role !== 0 && role !== "system")) return;
		const place = this.places.of(request, pointer + pointerOf("logs", index));
		const { text } = readParts(member(first, "content"), "");
		this.turns.push({ role: "system", place, index: asId(member(request, "id")), parts: noParts({ text }) });
	}

	private log(log: JsonObject, place: Place): void {
		const kind = asString(member(log, "kind"));
		if (kind === "request") this.request(log, place);
		if (kind === "toolCall") this.toolCall(log, place);
	}

	private request(log: JsonObject, place: Place): void {
		const metadata = member(log, "metadata");
		const response = member(log, "response");
		this.tools ??= member(metadata, "tools");
		const start = readTime(member(metadata, "startTime"));
		const end = readTime(member(metadata, "endTime"));
		const failed = isObject(response) && member(response, "type") !== "success";
		const reason = resultText(member(response, "reason") ?? member(response, "message") ?? member(response, "type"));
		const parts = noParts(
			failed ? { observations: [observation(reason, { isError: true })] } : { text: textOf(response) },
		);
		this.turns.push({
			role: "agent",
			place,
			index: asId(member(log, "id")),
			parts,
			fields: {
				time: start,
				durationMs: start === null || end === null ? null : Math.max(0, end - start),
				model: asString(member(metadata, "model")),
				tokens: readUsage(member(metadata, "usage")),
				extra: { name: member(log, "name") ?? null, request: member(log, "type") ?? null },
			},
		});
	}

	/** The export lists a call behind the answer that asked for it, without saying which that was. */
	private toolCall(log: JsonObject, place: Place): void {
		const id = asId(member(log, "id"));
		const made = call(asString(member(log, "tool")) ?? "tool", readArguments(member(log, "args")), id);
		const asker = this.turns.findLast((turn) => turn.role === "agent" || turn.role === "user");
		const time = readTime(member(log, "time"));
		if (asker?.role === "agent") asker.parts.calls.push(made);
		else this.turns.push({ role: "agent", place, index: id, parts: noParts({ calls: [made] }), fields: { time } });
		const text = textOf(member(log, "response"));
		const result = observation(text, { callId: id, tool: made.name, isError: text.startsWith("ERROR") });
		this.turns.push({ role: "environment", place, index: id, parts: noParts({ observations: [result] }) });
	}
}

/** Answers and results are lists of texts. */
function textOf(response: JsonValue | undefined): string {
	const said = member(response, "message") ?? response;
	const list = asArray(said);
	return list === null ? resultText(said) : list.map((part) => resultText(part)).join("\n");
}
