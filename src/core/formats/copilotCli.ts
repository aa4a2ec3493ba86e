// Sessions of the Copilot command line: JSON Lines of events `{type, data, id, timestamp, parentId}`.
import type { JsonRecord } from "../json/record.ts";
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
} from "../model/json.ts";
import type { Rollout, Step, ToolCall } from "../model/trajectory.ts";
import { finishRollout } from "./finish.ts";
import type { FileFormat, ReadContext, Sample } from "./format.ts";
import { lineRecords } from "./layout.ts";
import { noParts, readArguments, resultText } from "./parts.ts";
import { type Line, objectLines, sessionRollout } from "./session.ts";
import { readTime } from "./time.ts";
import type { Turn } from "./turns.ts";

export const copilotCli: FileFormat = {
	id: "copilot-cli",
	title: "Copilot CLI sessions",
	reads:
		"user and assistant messages with reasoning, tool requests and their results, model changes, errors, compaction summaries",
	leaves: "turn marks, hooks, starts of tool runs, usage per model at the end (kept raw)",
	unit: "file",
	sniff: (sample: Sample): number => {
		const events = lineRecords(sample).filter(isEvent);
		return events.some((event) =>
			/^(session\.start|user\.message|assistant\.message)$/.test(asString(member(event, "type")) ?? ""),
		)
			? 0.95
			: 0;
	},
	framing: () => ({ kind: "lines" }),
	readFile,
};

function isEvent(value: JsonValue): boolean {
	return /^[a-z]+\.[a-z_.]+$/.test(asString(member(value, "type")) ?? "") && isObject(member(value, "data"));
}

function readFile(records: JsonRecord[], context: ReadContext): Rollout[] {
	const lines = objectLines(records, true, context);
	const start = lines.find((line) => line.type === "session.start");
	const data = asObject(member(start?.fields, "data")) ?? {};
	const [first] = records;
	if (first === undefined) return [];
	const session = asString(member(data, "sessionId")) ?? "session";
	const rollout = sessionRollout(
		session,
		records.map((record) => record.place),
		turnsOf(lines),
		context,
	);
	rollout.agent = "Copilot CLI";
	rollout.extra = data;
	const end = lines.findLast((line) => line.type === "session.shutdown");
	if (end !== undefined) rollout.extra = { ...data, shutdown: member(end.fields, "data") ?? null };
	return [finishRollout(rollout)];
}

function turnsOf(lines: Line[]): Turn[] {
	let model: string | null = null;
	return lines.flatMap((line): Turn[] => {
		const data = asObject(member(line.fields, "data")) ?? {};
		model = asString(member(data, "newModel") ?? member(data, "selectedModel") ?? member(data, "model")) ?? model;
		const turn = turnOf(line, data);
		if (turn === null) return [];
		const fields: Partial<Step> = { time: readTime(member(line.fields, "timestamp")), ...turn.fields };
		return [{ ...turn, fields: turn.role === "agent" ? { ...fields, model } : fields }];
	});
}

/** Null for events that neither say nor do anything. */
function turnOf(line: Line, data: JsonObject): Turn | null {
	const { place, type } = line;
	const index = asId(member(line.fields, "id"));
	const text = asString(member(data, "content")) ?? asString(member(data, "message")) ?? "";
	if (type === "user.message") return { role: "user", place, index, parts: noParts({ text }) };
	if (type === "system.message" || type === "session.error" || type === "session.info")
		return { role: "system", place, index, parts: noParts({ text }), fields: { extra: { event: type } } };
	if (type === "session.compaction_complete") {
		const summary = asString(member(data, "summaryContent") ?? member(data, "summary"));
		return summary === null
			? null
			: { role: "system", place, index, parts: noParts({ text: summary }), fields: { summary } };
	}
	if (type === "assistant.message") {
		const calls = (asArray(member(data, "toolRequests")) ?? []).flatMap((request) => callOf(request) ?? []);
		const reasoning = asString(member(data, "reasoningText")) ?? "";
		const completion = asNumber(member(data, "outputTokens"));
		const tokens = completion === null ? null : { prompt: null, completion, cached: null, reasoning: null };
		return { role: "agent", place, index, parts: noParts({ text, reasoning, calls }), fields: { tokens } };
	}
	return type === "tool.execution_complete" ? { role: "environment", place, index, parts: resultParts(data) } : null;
}

function callOf(request: JsonValue): ToolCall | null {
	const name = asString(member(request, "name"));
	if (name === null) return null;
	return {
		id: asId(member(request, "toolCallId")),
		name,
		arguments: readArguments(member(request, "arguments")),
		requestor: null,
	};
}

function resultParts(data: JsonObject): Turn["parts"] {
	const result = member(data, "result") ?? member(data, "error");
	const text = resultText(member(result, "content") ?? member(result, "message") ?? result);
	const isError = member(data, "success") === false;
	return noParts({
		observations: [
			{ callId: asId(member(data, "toolCallId")), tool: asString(member(data, "toolName")), text, isError, images: [] },
		],
	});
}
