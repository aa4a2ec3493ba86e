// Math-Shepherd: one text with a tag behind each step; the label text has + or - in the tags' places.
import type { JsonRecord } from "../json/record.ts";
import { blankRollout } from "../model/create.ts";
import { asObject, asString, member, without } from "../model/json.ts";
import type { Rollout } from "../model/trajectory.ts";
import { promptTask, storedLabel, textPlaces, titleOf } from "./fields.ts";
import type { ReadContext, RecordFormat } from "./format.ts";
import { recordFraming, surestRecord } from "./layout.ts";
import { noParts } from "./parts.ts";
import { stepsOfTurns, type Turn } from "./turns.ts";

/** The token that stands for a verdict in `input`. */
const TAG = "ки";

export const mathShepherd: RecordFormat = {
	id: "math-shepherd",
	title: "Math-Shepherd",
	reads:
		"question and steps from the tagged text, + and - as ratings of a model (continuations that reached the answer), the data set's name",
	leaves: "nothing",
	unit: "record",
	sniff: (sample) =>
		surestRecord(sample, (record) => {
			const { input, label } = record;
			if (typeof input !== "string" || typeof label !== "string" || !input.includes(TAG)) return 0;
			return /[+-](?:\n|$)/.test(label) ? 0.95 : 0;
		}),
	framing: recordFraming,
	readRecord,
};

/** A step's text in `label`, with the verdict behind it. */
interface Rated {
	start: number;
	end: number;
	rating: -1 | 1 | null;
}

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const fields = asObject(record.value);
	const input = asString(member(fields ?? undefined, "input"));
	const label = asString(member(fields ?? undefined, "label"));
	if (fields === null || input === null || label === null) {
		context.problem(record.place, fields === null ? "not an object" : "no input and label");
		return [];
	}
	const { question, steps } = cut(input, label);
	const asked = label.slice(0, question).trim();
	const task = promptTask(asked);
	const rollout = blankRollout(record.place, `${task}/${record.ordinal}`, task);
	const places = textPlaces(record, "/label", context);
	const turns: Turn[] = [{ role: "user", place: places.at(0, question), index: null, parts: noParts({ text: asked }) }];
	steps.forEach(({ start, end }, index) => {
		const text = label.slice(start, end).trim();
		// the texts themselves count their steps from 1
		turns.push({ role: "agent", place: places.at(start, end), index: index + 1, parts: noParts({ text }) });
	});
	rollout.steps = stepsOfTurns(turns, context);
	rollout.labels = steps.flatMap(({ rating }, index) =>
		rating === null
			? []
			: [storedLabel({ target: "rating", step: index + 1, originalIndex: index + 1, rating, annotatorKind: "model" })],
	);
	if (rollout.labels.length < steps.length)
		context.problem(record.place, "steps without a verdict: input and label differ");
	rollout.title = titleOf(asked, []);
	rollout.extra = without(fields, new Set(["input", "label"]));
	return [rollout];
}

/** `input` and `label` are the same but for the tags, so what stands where `input` has a tag is the verdict. */
function cut(input: string, label: string): { question: number; steps: Rated[] } {
	const steps: Rated[] = [];
	let at = 0;
	const pieces = input.split(TAG);
	for (const piece of pieces.slice(0, -1)) {
		const end = at + piece.length;
		const tag = label.startsWith(piece, at) ? label[end] : undefined;
		steps.push({ start: at, end: Math.min(end, label.length), rating: tag === "+" ? 1 : tag === "-" ? -1 : null });
		at = Math.min(end + 1, label.length);
	}
	const first = steps[0];
	if (first === undefined) return { question: label.length, steps };
	const begin = label.slice(first.start, first.end).search(/Step 1\s*:/);
	const question = begin === -1 ? first.start : first.start + begin;
	first.start = question;
	return { question, steps };
}
