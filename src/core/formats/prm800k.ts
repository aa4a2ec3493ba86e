// PRM800K: at each step several completions with ratings, of which one was gone on with: a small tree a line.
import { RecordPlaces } from "../json/places.ts";
import type { JsonRecord } from "../json/record.ts";
import { blankRollout, blankStep, numberSteps } from "../model/create.ts";
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
import type { Rollout, Step } from "../model/trajectory.ts";
import { promptTask, storedLabel, titleOf } from "./fields.ts";
import type { ReadContext, RecordFormat } from "./format.ts";
import { recordFraming, surestRecord } from "./layout.ts";
import { type LeafPath, leafPaths, leavesOf, linkBranches, type TreeNode } from "./leafPaths.ts";
import { readTime } from "./time.ts";

export const prm800k: RecordFormat = {
	id: "prm800k",
	title: "PRM800K",
	reads:
		"the chosen path and every alternative as rollouts and branches, ratings -1, 0, 1 as labels of the step that they speak of, the labeler's own completion, time, finish reason",
	leaves:
		"generated solutions before labelling are kept raw; a shared step's label stands with the first rollout that has it",
	unit: "record",
	sniff: (sample) =>
		surestRecord(sample, (record) =>
			Array.isArray(memberAt(record, "label", "steps")) && memberAt(record, "question", "problem") !== undefined
				? 0.95
				: 0,
		),
	framing: recordFraming,
	readRecord,
};

type Rating = -1 | 0 | 1;

interface Completion extends TreeNode {
	step: Step;
	/** 0-based number of the step in the label's list. */
	number: number;
	rating: Rating | null;
}

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const fields = asObject(record.value);
	const list = asArray(memberAt(fields ?? undefined, "label", "steps"));
	if (fields === null || list === null) {
		context.problem(record.place, fields === null ? "not an object" : "no label with steps");
		return [];
	}
	const places = new RecordPlaces(record, context.locate);
	const nodes = readCompletions(list, places, record, context);
	const question = memberAt(fields, "question") ?? null;
	const asked = questionStep(question, record, places);
	const tell = (path: number[]): Step[] =>
		numberSteps([...asked, ...path.flatMap((at) => (nodes[at] === undefined ? [] : [{ ...nodes[at].step }]))]);
	const paths = leafPaths(nodes, leavesOf(nodes), tell, record.place, context);
	const problem = asString(member(question, "problem")) ?? "";
	const task = promptTask(problem);
	const rollouts = paths.map((path, index) => {
		const rollout = blankRollout(record.place, `${task}/${record.ordinal}.${index}`, task);
		rollout.steps = path.steps;
		rollout.ending = asString(memberAt(fields, "label", "finish_reason"));
		rollout.time = readTime(member(fields, "timestamp"));
		rollout.durationMs = asNumber(memberAt(fields, "label", "total_time"));
		rollout.reference = asId(member(question, "ground_truth_answer"));
		rollout.title = titleOf(problem, []);
		rollout.extra = { ...without(fields, new Set(["label"])) };
		addRatings(rollout, path, nodes, asked.length, asString(member(fields, "labeler")));
		return rollout;
	});
	return linkBranches(rollouts, paths);
}

function questionStep(question: JsonValue, record: JsonRecord, places: RecordPlaces): Step[] {
	const problem = asString(member(question, "problem"));
	if (problem === null) return [];
	const place = places.member(question, "problem", "/question") ?? record.place;
	return [{ ...blankStep({ ...place, index: null }, "user"), text: problem }];
}

/** Completions of a step continue the chosen one of the step before; without a choice, the labeler's own. */
function readCompletions(
	list: JsonValue[],
	places: RecordPlaces,
	record: JsonRecord,
	context: ReadContext,
): Completion[] {
	const nodes: Completion[] = [];
	let parent: number | null = null;
	let ended = false;
	list.forEach((value, number) => {
		const fields = asObject(value) ?? {};
		const pointer = `/label/steps/${number}`;
		const completions = asArray(member(fields, "completions")) ?? [];
		if (ended && completions.length > 0)
			context.problem(places.of(value, pointer), `step ${number} follows a step of which none was chosen`);
		const chosen = asNumber(member(fields, "chosen_completion"));
		let next: number | null = null;
		completions.forEach((completion, index) => {
			const node = completionNode(completion, number, `${pointer}/completions/${index}`, parent, places);
			const at = nodes.push(node) - 1;
			if (index === chosen) next = at;
		});
		const human = member(fields, "human_completion");
		if (typeof human === "string" || asObject(human) !== null) {
			const node = completionNode(human ?? null, number, `${pointer}/human_completion`, parent, places);
			const place = places.member(fields, "human_completion", pointer) ?? record.place;
			node.step.origin = { ...place, index: number };
			node.step.agent = "labeler";
			const at = nodes.push(node) - 1;
			next ??= at;
		}
		if (next === null) ended = true;
		else parent = next;
	});
	return nodes;
}

function completionNode(
	value: JsonValue,
	number: number,
	pointer: string,
	parent: number | null,
	places: RecordPlaces,
): Completion {
	const step = blankStep({ ...places.of(value, pointer), index: number }, "agent");
	step.text = typeof value === "string" ? value : (asString(member(value, "text")) ?? "");
	const fields: JsonObject | null = asObject(value);
	if (fields !== null) step.extra = without(fields, new Set(["text"]));
	const rating = member(fields ?? undefined, "rating");
	return { parent, step, number, rating: rating === -1 || rating === 0 || rating === 1 ? rating : null };
}

function addRatings(
	rollout: Rollout,
	path: LeafPath,
	nodes: Completion[],
	before: number,
	labeler: string | null,
): void {
	path.nodes.forEach((at, index) => {
		const node = nodes[at];
		const step = before + index;
		if (node === undefined || node.rating === null || step < path.sharedSteps) return;
		rollout.labels.push(
			storedLabel({
				target: "rating",
				step,
				originalIndex: node.number,
				rating: node.rating,
				annotator: labeler,
				annotatorKind: "human",
			}),
		);
	});
}
