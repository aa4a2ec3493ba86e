// tau-bench's few-shot dialogues: each record holds a whole conversation as one text, its turns marked by
// "user:", "assistant:" and "tool:" at the start of a line.
import type { JsonRecord } from "../json/record.ts";
import { blankRollout, observation } from "../model/create.ts";
import { asObject, asString, member, without } from "../model/json.ts";
import type { Rollout } from "../model/trajectory.ts";
import { roleNamed } from "./chatMessages.ts";
import { promptTask, textPlaces } from "./fields.ts";
import { finishRollout } from "./finish.ts";
import type { ReadContext, RecordFormat } from "./format.ts";
import { recordFraming } from "./layout.ts";
import { noParts } from "./parts.ts";
import { stepsOfTurns, type Turn } from "./turns.ts";

const KEY = "messages_display";
const MARK = /^(user|assistant|tool|system): ?/gm;

export const tauFewShot: RecordFormat = {
	id: "tau-few-shot",
	title: "tau-bench few-shot dialogues",
	reads: "the turns of each dialogue; what a tool said becomes the observation of the step before it",
	leaves: "the calls themselves, which these files do not hold",
	unit: "record",
	sniff: (sample) => (sample.values.some((value) => asString(member(value, KEY))?.match(MARK)) ? 0.9 : 0),
	framing: recordFraming,
	readRecord,
};

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const text = asString(member(record.value, KEY));
	if (text === null) {
		context.problem(record.place, `no ${KEY}`);
		return [];
	}
	const places = textPlaces(record, `/${KEY}`, context);
	const marks = [...text.matchAll(MARK)];
	const turns = marks.map((mark, index): Turn => {
		const start = mark.index + mark[0].length;
		const next = marks[index + 1]?.index;
		const end = next === undefined ? text.length : next - 1;
		const role = roleNamed(mark[1] as string) ?? "user";
		const said = text.slice(start, Math.max(start, end));
		const place = places.at(mark.index, Math.max(start, end));
		if (role === "environment") return { role, place, index, parts: noParts({ observations: [observation(said)] }) };
		// Python's way of writing that a message has no text
		return { role, place, index, parts: noParts({ text: role === "agent" && said === "None" ? "" : said }) };
	});
	const steps = stepsOfTurns(turns, context);
	const task = promptTask(steps[0]?.text ?? "");
	const rollout = blankRollout(record.place, `${task}/${record.ordinal}`, task);
	rollout.steps = steps;
	rollout.extra = without(asObject(record.value) ?? {}, new Set([KEY]));
	return [finishRollout(rollout)];
}
