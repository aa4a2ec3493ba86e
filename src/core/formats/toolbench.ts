// ToolBench's DFSDT search trees: thought, action and action input are nested nodes, a leaf is the end of an attempt.
import { RecordPlaces } from "../json/places.ts";
import type { JsonRecord } from "../json/record.ts";
import { blankRollout, blankStep, call, numberSteps, observation } from "../model/create.ts";
import {
	asArray,
	asBoolean,
	asObject,
	asString,
	type JsonObject,
	type JsonValue,
	member,
	memberAt,
	without,
} from "../model/json.ts";
import type { Outcome, Place, Rollout, Step } from "../model/trajectory.ts";
import { readTools } from "./chatMessages.ts";
import { promptTask, titleOf } from "./fields.ts";
import type { ReadContext, RecordFormat } from "./format.ts";
import { leafPaths, leavesOf, linkBranches, type NestedNode, nestedNodes } from "./leafPaths.ts";
import { readArguments } from "./parts.ts";

export const toolbench: RecordFormat = {
	id: "toolbench-dfsdt",
	title: "ToolBench DFSDT trees",
	reads:
		"each leaf as a rollout, branches where paths part; thought, action and input as one step with its result; pruned and finished leaves; tools, question, final answer",
	leaves:
		"Elo and expansion counts of nodes are kept raw: they are no estimates of success; comparisons of candidates are not read",
	unit: "record",
	sniff: (sample) => {
		const root = memberAt(sample.values[0], "tree", "tree");
		return asString(member(root, "node_type")) !== null && Array.isArray(member(root, "children")) ? 0.95 : 0;
	},
	framing: () => ({ kind: "document" }),
	readRecord,
};

const CHILDREN = "children";
/** What a call came to (`observation_code`): only these mean that it failed. */
const FAILED_CODES = new Set([1, 2, 5, 6, 7, 8, 9, 10, 11, 12]);

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const root = memberAt(record.value, "tree", "tree");
	if (asObject(root) === null) {
		context.problem(record.place, "no tree");
		return [];
	}
	const places = new RecordPlaces(record, context.locate);
	const childrenOf = (node: JsonValue): { key: string; list: JsonValue[] } => ({
		key: CHILDREN,
		list: asArray(member(node, CHILDREN)) ?? [],
	});
	const nodes = nestedNodes(root as JsonValue, "/tree/tree", childrenOf, record.place, context);
	const asked = questionStep(record, places);
	const tell = (path: number[]): Step[] =>
		numberSteps([
			...asked,
			...pathSteps(
				path.flatMap((at) => nodes[at] ?? []),
				places,
			),
		]);
	const paths = leafPaths(nodes, leavesOf(nodes), tell, record.place, context);
	const query = asString(memberAt(record.value, "answer_generation", "query")) ?? "";
	const task = promptTask(query);
	const rollouts = paths.map((path, index) => {
		const rollout = blankRollout(record.place, `${task}/${index}`, task);
		const leaf = asObject(nodes[path.nodes.at(-1) ?? 0]?.value) ?? {};
		rollout.steps = path.steps;
		rollout.outcome = outcomeOfLeaf(leaf);
		rollout.ending = endingOf(leaf);
		rollout.answer = rollout.outcome === "success" ? finalAnswer(record.value) : null;
		rollout.tools = readTools(memberAt(record.value, "answer_generation", "function"));
		rollout.title = titleOf(query, []);
		rollout.extra = {
			win: member(record.value, "win") ?? null,
			forward_args: member(record.value, "forward_args") ?? null,
		};
		return rollout;
	});
	return linkBranches(rollouts, paths);
}

function questionStep(record: JsonRecord, places: RecordPlaces): Step[] {
	const holder = member(record.value, "answer_generation");
	const query = asString(member(holder, "query"));
	if (holder === undefined || query === null) return [];
	const place = places.member(holder, "query", "/answer_generation") ?? record.place;
	return [{ ...blankStep({ ...place, index: null }, "user"), text: query }];
}

/** Nodes up to an action's input are one decision; its index is the depth of its last node, as the tree counts it. */
function pathSteps(path: NestedNode[], places: RecordPlaces): Step[] {
	const steps: Step[] = [];
	let open: Step | null = null;
	for (const node of path) {
		const fields = asObject(node.value);
		const type = asString(member(fields ?? undefined, "node_type"));
		if (fields === null || type === null || node.depth === 0) continue;
		const place = places.before(fields, member(fields, CHILDREN), node.pointer);
		open = open === null ? blankStep({ ...place, index: node.depth }, "agent") : extended(open, place, node.depth);
		addNode(open, type, fields);
		if (type !== "Action Input") continue;
		steps.push(open);
		open = null;
	}
	if (open === null) return steps;
	if (open.calls.length === 0) {
		// a thought that led to nothing was the last thing said
		open.text = open.reasoning;
		open.reasoning = "";
	}
	return [...steps, open];
}

function extended(step: Step, place: Place, depth: number): Step {
	step.origin = { ...step.origin, end: Math.max(step.origin.end, place.end), pointer: place.pointer, index: depth };
	return step;
}

function addNode(step: Step, type: string, fields: JsonObject): void {
	const description = asString(member(fields, "description")) ?? "";
	if (type === "Thought") step.reasoning = [step.reasoning, description].filter((text) => text !== "").join("\n");
	else if (type === "Action") step.calls.push(call(description, null));
	else if (type === "Action Input") {
		const made = step.calls.at(-1) ?? call("", null);
		if (step.calls.length === 0) step.calls.push(made);
		made.arguments = readArguments(description);
	}
	const result = asString(member(fields, "observation"));
	if (result !== null && result !== "") {
		const code = member(fields, "observation_code");
		step.observations.push(
			observation(result, {
				tool: step.calls.at(-1)?.name ?? null,
				isError: typeof code === "number" && FAILED_CODES.has(code),
			}),
		);
	}
	step.extra = { ...step.extra, ...without(fields, NODE_READ) };
}

const NODE_READ = new Set(["node_type", "description", "observation", CHILDREN, "depth", "io_state", "messages"]);

/** A finished leaf gave an answer; a pruned one was abandoned. Others only ran out of depth. */
function outcomeOfLeaf(leaf: JsonObject): Outcome {
	if (asBoolean(member(leaf, "finished")) === true) return "success";
	return asBoolean(member(leaf, "pruned")) === true ? "failure" : "unknown";
}

function endingOf(leaf: JsonObject): string | null {
	return ["finished", "pruned", "is_terminal"].find((key) => member(leaf, key) === true) ?? null;
}

/** The call of Finish holds the answer as JSON. */
function finalAnswer(document: JsonValue): string | null {
	const stated = asString(memberAt(document, "answer_generation", "final_answer"));
	return asString(member(readArguments(stated ?? ""), "final_answer")) ?? stated;
}
