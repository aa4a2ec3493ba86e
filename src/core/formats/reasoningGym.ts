// Reasoning Gym evaluations: each result is a question with several scored completions; a data set or a whole checkpoint.
import { RecordPlaces } from "../json/places.ts";
import type { JsonRecord } from "../json/record.ts";
import { blankRollout } from "../model/create.ts";
import {
	asArray,
	asId,
	asNumber,
	asObject,
	asString,
	type JsonObject,
	type JsonValue,
	member,
	memberAt,
	without,
} from "../model/json.ts";
import { outcomeOfReward } from "../model/outcome.ts";
import type { Rollout } from "../model/trajectory.ts";
import { readReward, textPlacesAt, titleOf } from "./fields.ts";
import type { Framing, ReadContext, RecordFormat } from "./format.ts";
import { completionTurn, templateTurns } from "./templateSteps.ts";
import { stepsOfTurns } from "./turns.ts";

export const reasoningGym: RecordFormat = {
	id: "reasoning-gym",
	title: "Reasoning Gym results",
	reads:
		"every completion as a rollout with its score and extracted answer, grouped by question; one data set or a checkpoint of many",
	leaves: "the system prompt, configuration and averages are kept raw; reasoning is told apart by its tags only",
	unit: "record",
	sniff: (sample) => {
		if (isResult(asArray(member(sample.values[0], "results"))?.[0])) return 0.95;
		const first = memberAt(sample.values[0], "categories", 0, "datasets", 0, "results", 0);
		return isResult(first) ? 0.95 : 0;
	},
	framing: (sample): Framing =>
		member(sample.values[0], "results") === undefined
			? { kind: "document" }
			: { kind: "elements", pointer: "/results" },
	readRecord,
};

function isResult(value: JsonValue | undefined): boolean {
	const completion = asArray(member(value, "completions"))?.[0];
	return member(value, "question") !== undefined && member(completion, "full_model_response") !== undefined;
}

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const places = new RecordPlaces(record, context.locate);
	const categories = asArray(member(record.value, "categories"));
	if (categories === null) {
		const set = asObject(context.header) ?? {};
		return readResult(record, record.value, "", { set, model: null, index: record.ordinal }, places, context);
	}
	const model = asString(memberAt(record.value, "metadata", "model"));
	return categories.flatMap((category, at) =>
		(asArray(member(category, "datasets")) ?? []).flatMap((dataset, number) =>
			(asArray(member(dataset, "results")) ?? []).flatMap((result, index) => {
				const pointer = `/categories/${at}/datasets/${number}/results/${index}`;
				return readResult(record, result, pointer, { set: asObject(dataset) ?? {}, model, index }, places, context);
			}),
		),
	);
}

/** The data set that a result is of. */
interface Origin {
	set: JsonObject;
	model: string | null;
	index: number;
}

function readResult(
	record: JsonRecord,
	value: JsonValue,
	pointer: string,
	origin: Origin,
	places: RecordPlaces,
	context: ReadContext,
): Rollout[] {
	const result = asObject(value);
	const completions = asArray(member(result ?? undefined, "completions"));
	if (result === null || completions === null) {
		context.problem(places.of(value, pointer), "a result without completions");
		return [];
	}
	const name = asId(member(origin.set, "name")) ?? "question";
	const task = `${name}/${origin.index}`;
	const question = asString(member(result, "question")) ?? "";
	const asked = textOf(record, result, "question", pointer, places);
	return completions.map((completion, index) => {
		const at = `${pointer}/completions/${index}`;
		const place = places.of(completion, at);
		const rollout = blankRollout(place, `${task}/${index}`, task);
		const response = asString(member(completion, "full_model_response")) ?? "";
		const answered = textOf(record, completion, "full_model_response", at, places);
		rollout.steps = stepsOfTurns(
			[
				...templateTurns({ text: question, places: asked }, null, "user"),
				completionTurn({ text: response, places: answered }),
			],
			context,
		);
		rollout.reward = readReward(member(completion, "score"), place, context);
		rollout.outcome = outcomeOfReward(rollout.reward);
		rollout.answer = asId(member(completion, "model_answer"));
		rollout.reference = asId(member(result, "expected_answer"));
		rollout.model = origin.model;
		rollout.title = titleOf(question, []);
		rollout.extra = { ...without(origin.set, new Set(["results"])), ...numbersOf(result) };
		return rollout;
	});
}

function numbersOf(result: JsonObject): JsonObject {
	return Object.fromEntries(Object.entries(result).filter(([, value]) => asNumber(value) !== null));
}

/** Places inside the text that is member `key` of `holder`. */
function textOf(
	record: JsonRecord,
	holder: JsonValue,
	key: string,
	pointer: string,
	places: RecordPlaces,
): ReturnType<typeof textPlacesAt> {
	const inside = places.member(holder, key, pointer);
	return textPlacesAt(record, inside ?? undefined, `${pointer}/${key}`);
}
