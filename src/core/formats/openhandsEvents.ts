// OpenHands conversations as the program keeps them: a folder with one file an event, or a file with one event a line.
import type { JsonRecord } from "../json/record.ts";
import { blankRollout } from "../model/create.ts";
import { asId, asNumber, asString, isObject, member, memberAt } from "../model/json.ts";
import type { Rollout } from "../model/trajectory.ts";
import { fileName, fileStem } from "../text/path.ts";
import { readTools } from "./chatMessages.ts";
import { finishRollout } from "./finish.ts";
import type { FileFormat, ReadContext, Sample } from "./format.ts";
import { recordFraming } from "./layout.ts";
import { accumulatedUsage, type Event, eventTurns, isEvent } from "./openhandsTurns.ts";
import { stepsOfTurns } from "./turns.ts";

const STATE = "../base_state.json";
const METADATA = "../metadata.json";

export const openhandsEvents: FileFormat = {
	id: "openhands-events",
	title: "OpenHands event folders",
	reads:
		"the whole folder as one rollout, whichever of its files is opened: events of version 0 (0.json, 1.json ...) and of the version 1 SDK (event-00000-<id>.json), model and usage of the saved state",
	leaves: "state updates, pauses and completion logs",
	unit: "file",
	sniff,
	framing: recordFraming,
	companions,
	readFile,
};

function sniff(sample: Sample): number {
	return sample.layout === "lines" || sample.layout === "document" ? Math.max(0, ...sample.values.map(confidence)) : 0;
}

function confidence(value: Sample["values"][number]): number {
	return isObject(value) && isEvent(value) && member(value, "history") === undefined ? 0.9 : 0;
}

/** The other events of the folder. Files of other names are read for themselves. */
function companions(name: string): string[] {
	if (/^event-\d+-.*\.json$/.test(name)) return ["event-*.json", STATE];
	return /^\d+\.json$/.test(name) ? ["*.json", METADATA] : [];
}

function readFile(records: JsonRecord[], context: ReadContext): Rollout[] {
	const files: { name: string; records: JsonRecord[] }[] = [{ name: fileName(context.file), records }];
	for (const [name, inner] of context.companions) if (!name.startsWith("../")) files.push({ name, records: inner });
	const events = files
		.sort((a, b) => numberIn(a.name) - numberIn(b.name))
		.flatMap((file) => file.records.flatMap((record) => readEvent(record, context)));
	const steps = stepsOfTurns(eventTurns(events), context);
	const first = records[0];
	if (first === undefined || steps.length === 0) {
		if (first !== undefined) context.problem(first.place, "no messages among the events");
		return [];
	}
	const state = context.companions.get(STATE)?.[0]?.value;
	const stats = member(state, "stats");
	const metrics = member(stats, "usage_to_metrics") ?? member(stats, "service_to_metrics");
	const rollout = blankRollout(first.place, conversationId(state, context), "");
	rollout.steps = steps;
	rollout.model = asString(memberAt(state, "agent", "llm", "model"));
	rollout.tokens = accumulatedUsage(member(metrics, "agent"));
	rollout.cost = asNumber(memberAt(metrics, "agent", "accumulated_cost"));
	rollout.ending = asString(member(state, "execution_status") ?? member(state, "agent_status"));
	const system = events.find(({ fields }) => member(fields, "tools") !== undefined)?.fields;
	rollout.tools = readTools(member(system, "tools"));
	return [finishRollout(rollout)];
}

/** The number in an event file's name; files without one, and lines of one file, keep their order. */
function numberIn(name: string): number {
	return Number(/\d+/.exec(name)?.[0] ?? 0);
}

function readEvent(record: JsonRecord, context: ReadContext): Event[] {
	if (isObject(record.value) && isEvent(record.value)) return [{ fields: record.value, place: record.place }];
	context.problem(record.place, isObject(record.value) ? "not an event" : "not an object");
	return [];
}

/** A conversation's events lie in `<conversation>/events/`. */
function conversationId(state: JsonRecord["value"] | undefined, context: ReadContext): string {
	const folders = context.file.split(/[/\\]/).slice(0, -1);
	const folder = folders.at(-1) === "events" ? folders.at(-2) : undefined;
	return asId(member(state, "id")) ?? folder ?? fileStem(context.file);
}
