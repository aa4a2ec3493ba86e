// rStar's answer sheets: each rollout of the search is a trace of numbered nodes; equal beginnings are the same nodes.
import { RecordPlaces } from "../json/places.ts";
import type { JsonRecord } from "../json/record.ts";
import { pointerOf } from "../json/scan.ts";
import { blankRollout, blankStep, numberSteps } from "../model/create.ts";
import { asArray, asId, asNumber, asObject, asString, type JsonObject, member, memberAt } from "../model/json.ts";
import type { Rollout, Step } from "../model/trajectory.ts";
import { promptTask, titleOf } from "./fields.ts";
import type { ReadContext, RecordFormat } from "./format.ts";
import { sampleRecords } from "./layout.ts";
import { leafPaths, linkBranches, type TreeNode } from "./leafPaths.ts";

export const rstar: RecordFormat = {
	id: "rstar",
	title: "rStar answer sheets",
	reads:
		"every trace as a rollout: rephrased question, one-step thoughts, subquestions with their answers, direct answer, each with its value; traces that begin alike as branches; the right answer from the file beside it",
	leaves: "whether an answer is right is not in the log, so outcomes are unknown",
	unit: "record",
	sniff: (sample) => {
		const record = sampleRecords(sample).find((value) => asObject(value) !== null);
		return asObject(memberAt(record, "trace", "0")) !== null && member(record, "rollout_id") !== undefined ? 0.95 : 0;
	},
	framing: () => ({ kind: "document" }),
	companions: (_name, stem) => {
		const question = /^(.* - )(?:Rollout|Final) Solutions$/.exec(stem)?.[1];
		return question === undefined ? [] : [`${question}Answer.json`];
	},
	readRecord,
};

interface TraceNode extends TreeNode {
	step: Step;
	next: Map<string, number>;
}

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const traces = asArray(record.value);
	if (traces === null) {
		context.problem(record.place, "not a list of traces");
		return [];
	}
	const places = new RecordPlaces(record, context.locate);
	const nodes: TraceNode[] = [];
	const roots = new Map<string, number>();
	const ends: { leaf: number; id: string }[] = [];
	traces.forEach((value, index) => {
		const trace = asObject(member(value, "trace"));
		const place = places.of(value, `/${index}`);
		const leaf = trace === null ? null : addTrace(nodes, roots, traceSteps(trace, index, places));
		if (leaf === null) context.problem(place, "no trace");
		else ends.push({ leaf, id: asId(member(value, "rollout_id")) ?? String(index) });
	});
	const tell = (path: number[]): Step[] =>
		numberSteps(path.flatMap((at) => (nodes[at] === undefined ? [] : [{ ...nodes[at].step }])));
	const paths = leafPaths(
		nodes,
		ends.map(({ leaf }) => leaf),
		tell,
		record.place,
		context,
	);
	const answer = asObject([...context.companions.values()][0]?.[0]?.value);
	const task = taskOf(answer, context.file, paths[0]?.steps[0]?.text ?? "");
	const ids = uniqueIds(ends.map(({ id }) => id));
	const rollouts = paths.map((path, index) => {
		const rollout = blankRollout(record.place, `${task}/${ids[index]}`, task);
		rollout.steps = path.steps;
		rollout.reference = asId(member(answer ?? undefined, "gold_answer"));
		rollout.title = titleOf(asString(member(answer ?? undefined, "problem")) ?? paths[0]?.steps[0]?.text ?? null, []);
		return rollout;
	});
	return linkBranches(rollouts, paths);
}

/** The steps of a trace; a step's index is the number of its node, with the number of the thought within it. */
function traceSteps(trace: JsonObject, index: number, places: RecordPlaces): Step[] {
	const steps: Step[] = [];
	for (const [key, value] of Object.entries(trace)) {
		const node = asObject(value);
		if (node === null) continue;
		const pointer = pointerOf(index, "trace", key);
		const question = asString(member(node, "user_question"));
		if (question !== null) steps.push(partStep(node, "user_question", "user", question, key, pointer, places));
		const answered = asObject(member(node, "subanswer"));
		if (answered !== null) {
			const step = partStep(node, "subanswer", "agent", asString(member(answered, "text")) ?? "", key, pointer, places);
			step.reasoning = asString(member(node, "subquestion")) ?? "";
			step.value = asNumber(member(answered, "value"));
			steps.push(step);
		}
		steps.push(...thoughtSteps(node, key, pointer, places));
		const direct = asObject(member(node, "direct_answer"));
		if (direct !== null) {
			const step = partStep(
				node,
				"direct_answer",
				"agent",
				asString(member(direct, "text")) ?? "",
				key,
				pointer,
				places,
			);
			step.value = asNumber(member(direct, "value"));
			steps.push(step);
		}
	}
	return steps;
}

function thoughtSteps(node: JsonObject, key: string, pointer: string, places: RecordPlaces): Step[] {
	const thoughts = asObject(member(node, "ost_step"));
	return Object.entries(thoughts ?? {}).flatMap(([number, text]) =>
		typeof text === "string" && thoughts !== null
			? [partStep(thoughts, number, "agent", text, `${key}.${number}`, `${pointer}/ost_step`, places)]
			: [],
	);
}

function partStep(
	holder: JsonObject,
	key: string,
	role: "user" | "agent",
	text: string,
	index: string,
	pointer: string,
	places: RecordPlaces,
): Step {
	const place = places.member(holder, key, pointer) ?? places.of(holder, pointer);
	return { ...blankStep({ ...place, index: /^\d+$/.test(index) ? Number(index) : index }, role), text };
}

/** Puts a trace into the tree of all traces; answers the node where it ends, null for an empty trace. */
function addTrace(nodes: TraceNode[], roots: Map<string, number>, steps: Step[]): number | null {
	let at: number | null = null;
	let next = roots;
	for (const step of steps) {
		// siblings may say the same; their kind or value then tells them apart
		const key = JSON.stringify([step.origin.index, step.value, step.text, step.reasoning]);
		const known = next.get(key);
		const node: number = known ?? nodes.push({ parent: at, step, next: new Map() }) - 1;
		next.set(key, node);
		at = node;
		next = (nodes[node] as TraceNode).next;
	}
	return at;
}

/** The problem's number, from the file beside it or the file's name; else its text. */
function taskOf(answer: JsonObject | null, file: string, question: string): string {
	const id = asId(member(answer ?? undefined, "id"));
	const named = /Question 0*(\d+) - [^/\\]*$/.exec(file)?.[1];
	return id ?? named ?? promptTask(question);
}

/** Several solutions may stand under one rollout's number. */
function uniqueIds(ids: string[]): string[] {
	const times = new Map<string, number>();
	for (const id of ids) times.set(id, (times.get(id) ?? 0) + 1);
	const seen = new Map<string, number>();
	return ids.map((id) => {
		if (times.get(id) === 1) return id;
		const number = seen.get(id) ?? 0;
		seen.set(id, number + 1);
		return `${id}.${number}`;
	});
}
