// Cline and Roo Code tasks (ui_messages.json): what the task's panel showed, one entry after the other.
import { RecordPlaces } from "../json/places.ts";
import type { JsonRecord } from "../json/record.ts";
import { pointerOf } from "../json/scan.ts";
import { call, observation } from "../model/create.ts";
import { asArray, asString, type JsonValue, member } from "../model/json.ts";
import type { Rollout } from "../model/trajectory.ts";
import { finishRollout } from "./finish.ts";
import type { ReadContext, RecordFormat } from "./format.ts";
import { noParts, type ReadParts, readArguments } from "./parts.ts";
import { sessionRollout } from "./session.ts";
import { readTime } from "./time.ts";
import type { Turn } from "./turns.ts";

export const clineMessages: RecordFormat = {
	id: "cline-messages",
	title: "Cline and Roo Code tasks",
	reads: "the task, answers, reasoning, tools and commands as calls, command output, errors, feedback, times",
	leaves: "requests and their costs, checkpoints, entries that were still being written",
	unit: "record",
	sniff: ({ values }) =>
		asArray(values[0])?.some((entry) => Object.hasOwn(TOLD, kindOf(entry)) && member(entry, "ts")) ? 0.95 : 0,
	framing: () => ({ kind: "document" }),
	readRecord,
};

/** How each kind of entry is told: who takes the step, and what the entry's text is in it. */
const TOLD: Record<string, (text: string) => Pick<Turn, "role"> & { parts: ReadParts }> = {
	task: (text) => ({ role: "user", parts: noParts({ text }) }),
	user_feedback: (text) => ({ role: "user", parts: noParts({ text }) }),
	text: (text) => ({ role: "agent", parts: noParts({ text }) }),
	completion_result: (text) => ({ role: "agent", parts: noParts({ text }) }),
	reasoning: (reasoning) => ({ role: "agent", parts: noParts({ reasoning }) }),
	command: (command) => ({ role: "agent", parts: noParts({ calls: [call("command", { command })] }) }),
	tool: (text) => ({ role: "agent", parts: noParts({ calls: [toolOf(readArguments(text))] }) }),
	command_output: (text) => ({ role: "environment", parts: noParts({ observations: [observation(text)] }) }),
	error: (text) => ({ role: "environment", parts: noParts({ observations: [observation(text, { isError: true })] }) }),
};
const toolOf = (value: JsonValue) => call(asString(member(value, "tool")) ?? "tool", value);
const kindOf = (entry: JsonValue) => asString(member(entry, "say") ?? member(entry, "ask")) ?? "";

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const places = new RecordPlaces(record, context.locate);
	const turns = (asArray(record.value) ?? []).flatMap((entry, index): Turn[] => {
		const text = asString(member(entry, "text"));
		const kind = index === 0 && kindOf(entry) === "text" ? "task" : kindOf(entry);
		const tell = Object.hasOwn(TOLD, kind) ? TOLD[kind] : undefined;
		if (tell === undefined || !text || member(entry, "partial") === true) return [];
		const place = places.of(entry, pointerOf(index));
		return [{ ...tell(text), place, index, fields: { time: readTime(member(entry, "ts")) } }];
	});
	if (turns.length === 0) context.problem(record.place, "no messages");
	return [finishRollout(sessionRollout("task", [record.place], turns, context))];
}
