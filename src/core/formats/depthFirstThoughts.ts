// Tree of Thoughts, depth first (crosswords): one entry a visited state, with all actions that led there.
import { RecordPlaces } from "../json/places.ts";
import type { JsonRecord } from "../json/record.ts";
import { blankRollout, blankStep, numberSteps } from "../model/create.ts";
import {
	asArray,
	asNumber,
	asObject,
	type JsonObject,
	type JsonValue,
	member,
	memberAt,
	without,
} from "../model/json.ts";
import type { Rollout, Step } from "../model/trajectory.ts";
import { numericMembers } from "./fields.ts";
import type { Framing, ReadContext, RecordFormat, Sample } from "./format.ts";
import { sampleRecords } from "./layout.ts";
import { leafPaths, leavesOf, linkBranches, type TreeNode } from "./leafPaths.ts";

export const depthFirstThoughts: RecordFormat = {
	id: "tree-of-thoughts-dfs",
	title: "Tree of Thoughts, depth first",
	reads:
		"each state that was not gone on from as a rollout, branches where action lists part, the state's scores and the evaluator's counts",
	leaves: "a state names only its actions: boards and questions are not in the log",
	unit: "record",
	sniff: (sample) => (entriesOf(sample).some(isState) ? 0.95 : 0),
	framing: (sample): Framing => (sample.layout === "lines" ? { kind: "lines" } : { kind: "elements", pointer: "" }),
	readRecord,
};

function entriesOf(sample: Sample): JsonValue[] {
	return asArray(sampleRecords(sample).find((value) => Array.isArray(value))) ?? [];
}

function isState(value: JsonValue): boolean {
	return (
		Array.isArray(member(value, "actions")) && (member(value, "env_step") ?? member(value, "total_step")) !== undefined
	);
}

interface State extends TreeNode {
	step: Step;
	info: JsonObject | null;
}

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const entries = asArray(record.value);
	if (entries === null) {
		context.problem(record.place, "not a list of states");
		return [];
	}
	const places = new RecordPlaces(record, context.locate);
	const states: State[] = [];
	const visited: Visited = { next: new Map(), state: null };
	entries.forEach((entry, index) => {
		const actions = asArray(member(entry, "actions"));
		if (actions === null) context.problem(places.of(entry, `/${index}`), `state ${index} has no actions`);
		else addState(states, visited, entry, actions, index, places);
	});
	const tell = (path: number[]): Step[] =>
		numberSteps(path.flatMap((at) => (states[at] === undefined ? [] : [{ ...states[at].step }])));
	const paths = leafPaths(states, leavesOf(states), tell, record.place, context);
	const task = String(record.ordinal);
	const rollouts = paths.map((path, index) => {
		const rollout = blankRollout(record.place, `${task}/${index}`, task);
		rollout.steps = path.steps;
		const info = states[path.nodes.at(-1) ?? -1]?.info ?? null;
		const solved = member(info ?? undefined, "r_game");
		rollout.rewards = numericMembers(info);
		rollout.reward = typeof solved === "boolean" ? Number(solved) : asNumber(solved);
		if (rollout.reward !== null) rollout.outcome = rollout.reward > 0 ? "success" : "failure";
		rollout.title = `puzzle ${task}`;
		return rollout;
	});
	return linkBranches(rollouts, paths);
}

/** Action lists as a tree of actions, so that looking one up costs its length. */
interface Visited {
	next: Map<string, Visited>;
	/** Number of the latest state that ends here. */
	state: number | null;
}

/** A state goes on from the latest visited state whose actions begin its own. Its index is its number in the log. */
function addState(
	states: State[],
	visited: Visited,
	entry: JsonValue,
	actions: JsonValue[],
	index: number,
	places: RecordPlaces,
): void {
	let at = visited;
	let parent: number | null = null;
	let shared = 0;
	const names = actions.map((action) => (typeof action === "string" ? action : JSON.stringify(action)));
	names.forEach((name, depth) => {
		const next = at.next.get(name) ?? { next: new Map(), state: null };
		at.next.set(name, next);
		at = next;
		if (next.state === null || depth === names.length - 1) return;
		parent = next.state;
		shared = depth + 1;
	});
	const origin = { ...places.of(entry, `/${index}`), index: asNumber(member(entry, "total_step")) ?? index };
	const step = blankStep(origin, "agent");
	step.text = names.slice(shared).join("\n");
	step.extra = without(asObject(entry) ?? {}, new Set(["actions", "total_step"]));
	at.state = states.push({ parent, step, info: asObject(memberAt(entry, "info")) }) - 1;
}
