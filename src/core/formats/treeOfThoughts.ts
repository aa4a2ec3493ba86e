// Tree of Thoughts logs: breadth first (candidates of every level with their values) and samples without a search.
import { RecordPlaces } from "../json/places.ts";
import { exactId, type JsonRecord } from "../json/record.ts";
import { blankRollout, blankStep, numberSteps } from "../model/create.ts";
import {
	asArray,
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
import type { Rollout, Step } from "../model/trajectory.ts";
import { numericMembers, promptTask, readReward, textPlacesAt, titleOf } from "./fields.ts";
import type { Framing, ReadContext, RecordFormat } from "./format.ts";
import { sampleRecords } from "./layout.ts";
import { leafPaths, leavesOf, linkBranches, type TreeNode } from "./leafPaths.ts";

export const treeOfThoughts: RecordFormat = {
	id: "tree-of-thoughts",
	title: "Tree of Thoughts, breadth first",
	reads:
		"every candidate that was not continued as a rollout, branches where candidates share a thought, the evaluator's value of each thought, rewards of final candidates; plain samples of a prompt",
	leaves: "values are the evaluator's own scale, not probabilities; usage is kept raw",
	unit: "record",
	sniff: (sample) => {
		const record = sampleRecords(sample).find((value) => asObject(value) !== null);
		if (Array.isArray(memberAt(record, "steps", 0, "new_ys"))) return 0.95;
		const isSamples = typeof memberAt(record, "ys", 0) === "string" && asObject(memberAt(record, "infos", 0)) !== null;
		return isSamples ? 0.9 : 0;
	},
	framing: (sample): Framing =>
		sample.layout === "lines"
			? { kind: "lines" }
			: Array.isArray(sample.values[0])
				? { kind: "elements", pointer: "" }
				: { kind: "document" },
	readRecord,
};

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const fields = asObject(record.value);
	if (fields === null) {
		context.problem(record.place, "not an object");
		return [];
	}
	const places = new RecordPlaces(record, context.locate);
	const levels = asArray(member(fields, "steps")) ?? [];
	if (levels.length > 0) return readSearch(record, fields, levels, places, context);
	return readSamples(record, fields, places, context);
}

/** A wider beam is not looked through for the thought that a candidate continues. */
const WIDEST_BEAM = 1000;

/** A thought: the part that a candidate adds to the one that it continues. */
interface Thought extends TreeNode {
	/** The whole candidate. */
	candidate: string;
	step: Step;
	level: number;
}

function readSearch(
	record: JsonRecord,
	fields: JsonObject,
	levels: JsonValue[],
	places: RecordPlaces,
	context: ReadContext,
): Rollout[] {
	const thoughts: Thought[] = [];
	let before = new Map<string, number>();
	levels.forEach((level, index) => {
		const first = thoughts.length;
		thoughts.push(...readLevel(record, level, index, before, places, context));
		before = new Map();
		for (let at = thoughts.length - 1; at >= first; at--) before.set((thoughts[at] as Thought).candidate, at);
	});
	const question = questionStep(record, levels[0], places);
	const tell = (path: number[]): Step[] =>
		numberSteps([...question, ...path.flatMap((at) => (thoughts[at] === undefined ? [] : [{ ...thoughts[at].step }]))]);
	const paths = leafPaths(thoughts, leavesOf(thoughts), tell, record.place, context);
	const task = taskOf(record, fields, question[0]?.text ?? "");
	const finals = finalInfos(fields);
	const rollouts = paths.map((path, index) => {
		const rollout = blankRollout(record.place, `${task}/${index}`, task);
		rollout.steps = path.steps;
		const leaf = thoughts[path.nodes.at(-1) ?? -1];
		const info = leaf?.level === levels.length - 1 ? finals.get(leaf.candidate) : undefined;
		fillRollout(rollout, info, fields, context);
		rollout.ending = info === undefined ? "not selected" : "final";
		return rollout;
	});
	return linkBranches(rollouts, paths);
}

/** The candidates of one level; each continues the longest candidate of the level before that it begins with. */
function readLevel(
	record: JsonRecord,
	level: JsonValue,
	number: number,
	before: Map<string, number>,
	places: RecordPlaces,
	context: ReadContext,
): Thought[] {
	const pointer = `/steps/${number}/new_ys`;
	const list = asArray(member(level, "new_ys"));
	if (list === null) {
		context.problem(places.of(level, `/steps/${number}`), `level ${number} has no new_ys`);
		return [];
	}
	const spots = places.elements(list, pointer);
	const values = asArray(member(level, "values")) ?? [];
	if (values.length !== list.length)
		context.problem(
			places.of(level, `/steps/${number}`),
			`level ${number} has ${list.length} new_ys, but ${values.length} values`,
		);
	const beam = (asArray(member(level, "ys")) ?? []).flatMap((text) => (typeof text === "string" ? [text.length] : []));
	const lengths = [...new Set(beam)].sort((a, b) => b - a).slice(0, WIDEST_BEAM);
	return list.flatMap((value, index): Thought[] => {
		const candidate = asString(value);
		if (candidate === null) return [];
		const length = lengths.find((size) => before.has(candidate.slice(0, size)));
		const parent = length === undefined ? null : (before.get(candidate.slice(0, length)) ?? null);
		const from = parent === null ? 0 : (length ?? 0);
		const place = textPlacesAt(record, spots[index], `${pointer}/${index}`).at(from, candidate.length);
		const step = blankStep({ ...place, index: asNumber(member(level, "step")) ?? number }, "agent");
		step.text = candidate.slice(from).trim();
		step.value = asNumber(values[index]);
		return [{ parent, candidate, step, level: number }];
	});
}

function questionStep(record: JsonRecord, level: JsonValue | undefined, places: RecordPlaces): Step[] {
	const question = asString(member(level, "x"));
	if (level === undefined || question === null) return [];
	const place = places.member(level, "x", "/steps/0") ?? record.place;
	return [{ ...blankStep({ ...place, index: null }, "user"), text: question }];
}

/** What the environment said of the final candidates. */
function finalInfos(fields: JsonObject): Map<string, JsonValue> {
	const infos = asArray(member(fields, "infos")) ?? [];
	const finals = (asArray(member(fields, "ys")) ?? []).flatMap((value, index): [string, JsonValue][] =>
		typeof value === "string" && infos[index] !== undefined ? [[value, infos[index] as JsonValue]] : [],
	);
	return new Map(finals);
}

function readSamples(record: JsonRecord, fields: JsonObject, places: RecordPlaces, context: ReadContext): Rollout[] {
	const list = asArray(member(fields, "ys"));
	if (list === null) {
		context.problem(record.place, "neither search steps nor samples");
		return [];
	}
	const infos = asArray(member(fields, "infos")) ?? [];
	if (infos.length !== list.length) context.problem(record.place, `${list.length} ys, but ${infos.length} infos`);
	const spots = places.elements(list, "/ys");
	const task = taskOf(record, fields, asString(list[0]) ?? "");
	return list.map((value, index) => {
		const rollout = blankRollout(record.place, `${task}/${index}`, task);
		const text = asString(value) ?? "";
		const place = spots[index] ?? { ...record.place, pointer: `${record.place.pointer}/ys/${index}` };
		rollout.steps = numberSteps([{ ...blankStep({ ...place, index }, "agent"), text }]);
		fillRollout(rollout, infos[index], fields, context);
		rollout.title = titleOf(`sample of problem ${task}`, []);
		return rollout;
	});
}

function taskOf(record: JsonRecord, fields: JsonObject, question: string): string {
	return exactId(record, member(fields, "idx"), "/idx") ?? promptTask(question);
}

function fillRollout(rollout: Rollout, info: JsonValue | undefined, fields: JsonObject, context: ReadContext): void {
	rollout.reward = readReward(member(info, "r"), rollout.place, context);
	rollout.rewards = numericMembers(asObject(info), new Set(["r"]));
	rollout.outcome = outcomeOfReward(rollout.reward);
	rollout.title = titleOf(null, rollout.steps);
	rollout.extra = without(fields, new Set(["steps", "ys", "infos"]));
}
