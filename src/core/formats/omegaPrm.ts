// OmegaPRM search trees of solutions, nested or as a flat list of prefixes, with the Monte-Carlo value of each prefix.
import { RecordPlaces } from "../json/places.ts";
import { exactId, type JsonRecord } from "../json/record.ts";
import { blankRollout, blankStep, numberSteps } from "../model/create.ts";
import {
	asArray,
	asId,
	asNumber,
	asObject,
	asString,
	type JsonValue,
	member,
	memberAt,
	without,
} from "../model/json.ts";
import type { Outcome, Place, Rollout, Step } from "../model/trajectory.ts";
import { prefixParents } from "../text/prefixes.ts";
import { promptTask, textPlacesAt, titleOf } from "./fields.ts";
import type { ReadContext, RecordFormat } from "./format.ts";
import { recordFraming, surestRecord } from "./layout.ts";
import { leafPaths, leavesOf, linkBranches, nestedNodes, type TreeNode } from "./leafPaths.ts";

export const omegaPrm: RecordFormat = {
	id: "omegaprm",
	title: "OmegaPRM trees",
	reads:
		"each leaf as a rollout, branches where solutions part, the Monte-Carlo value of every prefix as its step's value; a leaf's value of 0 or 1 is its outcome",
	leaves: "visits and search statistics are kept raw where they are logged",
	unit: "record",
	sniff: (sample) =>
		surestRecord(sample, (record) => {
			const steps = member(record, "reasoning_steps");
			const first = asArray(steps)?.[0] ?? steps;
			return member(first, "mc_value") !== undefined ? 0.95 : 0;
		}),
	framing: recordFraming,
	readRecord,
};

interface Prefix extends TreeNode {
	text: string;
	value: number | null;
	visits: number | null;
	place: Place;
	depth: number;
	/** Every value that the log gives this prefix; the first one is `value`. */
	estimates: JsonValue[];
}

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const fields = asObject(record.value);
	const tree = member(fields ?? undefined, "reasoning_steps");
	if (fields === null || typeof tree !== "object" || tree === null) {
		context.problem(record.place, fields === null ? "not an object" : "no reasoning_steps");
		return [];
	}
	const places = new RecordPlaces(record, context.locate);
	const nodes = Array.isArray(tree)
		? flatPrefixes(record, tree, places)
		: nestedPrefixes(record, tree, places, context);
	// parents have to stand before their children; a flat list is in the order of the search
	const tell = (path: number[]): Step[] =>
		numberSteps(path.flatMap((at) => (nodes[at] === undefined ? [] : [stepOf(nodes[at])])));
	const paths = leafPaths(nodes, leavesOf(nodes), tell, record.place, context);
	const question = asString(member(fields, "question")) ?? "";
	const task = promptTask(question);
	// some files give two questions one number
	const named = exactId(record, member(fields, "question_id"), "/question_id") ?? task;
	const rollouts = paths.map((path, index) => {
		const rollout = blankRollout(record.place, `${named}/${record.ordinal}.${index}`, task);
		rollout.steps = path.steps;
		rollout.outcome = outcomeOfLeaf(nodes[path.nodes.at(-1) ?? -1]?.value ?? null);
		rollout.reference = asId(member(fields, "final_answer"));
		rollout.title = titleOf(question, []);
		rollout.extra = without(fields, new Set(["reasoning_steps", "question"]));
		return rollout;
	});
	return linkBranches(rollouts, paths);
}

/** The root is the question; what continues it is the agent's. The index is the depth in the tree. */
function stepOf(node: Prefix): Step {
	const step = blankStep({ ...node.place, index: node.depth }, node.depth === 0 ? "user" : "agent");
	step.text = node.text;
	step.value = node.value;
	step.visits = node.visits;
	if (node.estimates.length > 1) step.extra = { mc_values: node.estimates };
	return step;
}

function nestedPrefixes(record: JsonRecord, root: JsonValue, places: RecordPlaces, context: ReadContext): Prefix[] {
	const childrenOf = (node: JsonValue): { key: string; list: JsonValue[] } => ({
		key: "children",
		list: asArray(member(node, "children")) ?? [],
	});
	return nestedNodes(root, "/reasoning_steps", childrenOf, record.place, context).map((node) => ({
		parent: node.parent,
		text: asString(member(node.value, "text")) ?? "",
		value: asNumber(member(node.value, "mc_value")),
		visits: asNumber(member(node.value, "visits") ?? member(node.value, "visit_count")),
		place: places.before(node.value, member(node.value, "children"), node.pointer),
		depth: node.depth,
		estimates: [],
	}));
}

/** Prefixes contain each other as texts; a node's own text is what it adds. Shorter ones first, so parents lead. */
function flatPrefixes(record: JsonRecord, list: JsonValue[], places: RecordPlaces): Prefix[] {
	const entries = distinctEntries(list).sort((a, b) => a.text.length - b.text.length || a.index - b.index);
	const parents = prefixParents(entries.map((entry) => entry.text));
	const depths: number[] = [];
	return entries.map(({ value, index, text, estimates }, at) => {
		const parent = parents[at] ?? null;
		const from = parent === null ? 0 : (entries[parent]?.text.length ?? 0);
		const depth = parent === null ? 0 : (depths[parent] ?? 0) + 1;
		depths.push(depth);
		const pointer = `/reasoning_steps/${index}`;
		const spot = places.member(value, "solution_prefix", pointer) ?? undefined;
		return {
			parent,
			text: text.slice(from).trim(),
			value: asNumber(memberAt(value, "mc_value")),
			visits: null,
			place: textPlacesAt(record, spot, `${pointer}/solution_prefix`).at(from, text.length),
			depth,
			estimates,
		};
	});
}

interface Entry {
	value: JsonValue;
	index: number;
	text: string;
	estimates: JsonValue[];
}

/** A prefix that was sampled from again stands in the list again: one node with several estimates. */
function distinctEntries(list: JsonValue[]): Entry[] {
	const entries = new Map<string, Entry>();
	list.forEach((value, index) => {
		const text = asString(member(value, "solution_prefix"));
		if (text === null) return;
		const entry = entries.get(text) ?? { value, index, text, estimates: [] };
		entry.estimates.push(member(value, "mc_value") ?? null);
		entries.set(text, entry);
	});
	return [...entries.values()];
}

function outcomeOfLeaf(value: number | null): Outcome {
	return value === 1 ? "success" : value === 0 ? "failure" : "unknown";
}
