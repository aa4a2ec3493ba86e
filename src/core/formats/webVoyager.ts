// WebVoyager logs (`interact_messages.json`): chat messages whose screenshots were taken out. The picture of the k-th
// message of the user (counted from 1, those without a picture included) is the file `screenshot<k>.png` beside the log.
import { RecordPlaces } from "../json/places.ts";
import type { JsonRecord } from "../json/record.ts";
import { pointerOf } from "../json/scan.ts";
import { asArray, asString, isObject, type JsonObject, type JsonValue, member, memberAt } from "../model/json.ts";
import type { ImageReference, Place, Rollout, ToolCall } from "../model/trajectory.ts";
import { oneLine } from "../text/line.ts";
import { messageTurn, roleOf } from "./chatMessages.ts";
import { finishRollout } from "./finish.ts";
import type { ReadContext, RecordFormat, Sample } from "./format.ts";
import { noParts } from "./parts.ts";
import { sessionRollout } from "./session.ts";
import type { Turn } from "./turns.ts";

export const webVoyager: RecordFormat = {
	id: "webvoyager",
	title: "WebVoyager logs",
	reads:
		"the task, thoughts, actions as calls with their element and text, observations, the answer; screenshots as the files beside the log",
	leaves: "the list of page elements stays in the observation's text",
	unit: "record",
	sniff: (sample: Sample): number => {
		const messages = sample.layout === "document" ? asArray(sample.values[0]) : null;
		return messages?.some(hasPlaceholder) ? 0.95 : 0;
	},
	framing: () => ({ kind: "document" }),
	readRecord,
};

/** What the logger writes in place of a picture. */
const PLACEHOLDER = "{b64_img}";
const OMITTED = "(Omitted in context.)";

function hasPlaceholder(message: JsonValue): boolean {
	const parts = asArray(member(message, "content")) ?? [];
	return parts.some((part) => asString(memberAt(part, "image_url", "url"))?.includes(PLACEHOLDER) === true);
}

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const messages = asArray(record.value);
	if (messages === null) {
		context.problem(record.place, "not a list of messages");
		return [];
	}
	const places = new RecordPlaces(record, context.locate);
	let shot = 0;
	const turns = messages.flatMap((message, index): Turn[] => {
		if (!isObject(message)) {
			context.problem(record.place, `message ${index} is not an object`);
			return [];
		}
		if (roleOf(message) === "user") shot++;
		return [turnOf(message, places.of(message, pointerOf(index)), index, shot)];
	});
	const folder = context.file.split(/[/\\]/).at(-2);
	const task = folder?.startsWith("task") ? folder.slice(4) : undefined;
	const rollout = sessionRollout(task ?? `rollout-${record.ordinal}`, [record.place], turns, context);
	rollout.task = task ?? "";
	const asked = rollout.steps.find((step) => step.role === "user")?.text ?? "";
	rollout.title = oneLine(between(asked, "given a task: ", "Please interact with"), 120);
	const answered = rollout.steps.at(-1)?.calls.find((call) => call.name === "ANSWER");
	rollout.answer = asString(member(answered?.arguments, "content"));
	rollout.ending = answered === undefined ? null : "answered";
	rollout.truncated = answered === undefined;
	return [finishRollout(rollout)];
}

/** The text after `start` and before `end`; up to the text's end where that is not there, "" where the start is not. */
function between(text: string, start: string, end: string): string {
	const from = text.indexOf(start);
	const to = text.indexOf(end, from);
	return from === -1 ? "" : text.slice(from + start.length, to === -1 ? text.length : to).trim();
}

function turnOf(message: JsonObject, place: Place, index: number, shot: number): Turn {
	const turn = messageTurn(message, place, index);
	if (turn.role === "agent") return { ...turn, parts: actionParts(turn.parts.text) };
	if (turn.role !== "user") return turn;
	const images = turn.parts.images.map((image) => (hasPlaceholder(message) ? screenshot(shot) : image));
	if (images.length === 0 && turn.parts.text.includes(OMITTED)) images.push(screenshot(shot));
	// the first message asks; every later one is what the page showed after an action
	if (shot === 1) return { ...turn, parts: { ...turn.parts, images } };
	const seen = { callId: null, tool: null, text: turn.parts.text, isError: false, images };
	return { ...turn, role: "environment", parts: noParts({ observations: [seen] }) };
}

function screenshot(number: number): ImageReference {
	return { mediaType: "image/png", path: `screenshot${number}.png`, pointer: null, place: null };
}

/** `Thought: … Action: Type [5]; text`: a call with the element's number and the text, where they are there. */
function actionParts(said: string): Turn["parts"] {
	const at = said.indexOf(ACTION);
	const decided = /^\s*(\w+)\s*(?:\[([^\]]*)\])?\s*;?/.exec(at === -1 ? "" : said.slice(at + ACTION.length));
	if (decided === null) return noParts({ text: said });
	const [head, name = "", element] = decided;
	const content = withoutBrackets(said.slice(at + ACTION.length + head.length).trim());
	const members: [string, JsonValue][] = [];
	if (element !== undefined) members.push(["element", element]);
	if (content !== "") members.push(["content", content]);
	const call: ToolCall = { id: null, name, arguments: Object.fromEntries(members), requestor: null };
	const thought = said.slice(0, at).trim();
	const reasoning = thought.startsWith(THOUGHT) ? thought.slice(THOUGHT.length).trim() : thought;
	return noParts({ reasoning, calls: [call] });
}

const THOUGHT = "Thought:";
const ACTION = "Action:";

function withoutBrackets(text: string): string {
	return text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
}
