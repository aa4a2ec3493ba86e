// ToolEval's converted answers: questions by id, each with its conversation as a chain or tree of `next` messages.
import { RecordPlaces } from "../json/places.ts";
import type { JsonRecord } from "../json/record.ts";
import { pointerOf } from "../json/scan.ts";
import { blankRollout, call, observation } from "../model/create.ts";
import {
	asArray,
	asNumber,
	asObject,
	asString,
	type JsonObject,
	type JsonValue,
	member,
	memberAt,
} from "../model/json.ts";
import type { Rollout, Step } from "../model/trajectory.ts";
import { readPython } from "../text/pythonLiteral.ts";
import { readTools, roleNamed } from "./chatMessages.ts";
import { titleOf } from "./fields.ts";
import type { ReadContext, RecordFormat } from "./format.ts";
import { leafPaths, leavesOf, linkBranches, type NestedNode, nestedNodes } from "./leafPaths.ts";
import { noParts, readArguments } from "./parts.ts";
import { stepsOfTurns, type Turn } from "./turns.ts";

export const tooleval: RecordFormat = {
	id: "tooleval",
	title: "ToolEval answers",
	reads:
		"each question's conversation; tool messages (Python dictionaries) as calls with their results; several continuations as branches; tools and final answer",
	leaves: "whether a question was solved is judged elsewhere; calls are told by the result that stands with them",
	unit: "record",
	sniff: (sample) => {
		const first = Object.values(asObject(sample.values[0]) ?? {})[0];
		return Array.isArray(memberAt(first, "answer", "answer_details")) ? 0.95 : 0;
	},
	framing: () => ({ kind: "document" }),
	readRecord,
};

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const questions = asObject(record.value);
	if (questions === null) {
		context.problem(record.place, "not an object of questions");
		return [];
	}
	const places = new RecordPlaces(record, context.locate);
	return Object.entries(questions).flatMap(([id, value]) => readQuestion(id, value, places, context));
}

function readQuestion(id: string, value: JsonValue, places: RecordPlaces, context: ReadContext): Rollout[] {
	const place = places.of(value, pointerOf(id));
	const details = asArray(memberAt(value, "answer", "answer_details"));
	if (details === null) {
		context.problem(place, `no answer_details for ${id}`);
		return [];
	}
	const pointer = pointerOf(id, "answer", "answer_details");
	const nodes: NestedNode[] = [];
	details.forEach((root, index) => {
		const below = nestedNodes(root, `${pointer}/${index}`, nextOf, place, context);
		const offset = nodes.length;
		nodes.push(...below.map((node) => ({ ...node, parent: node.parent === null ? null : node.parent + offset })));
	});
	const tell = (path: number[]): Step[] =>
		stepsOfTurns(
			path.flatMap((at, depth) => {
				const node = nodes[at];
				return node === undefined ? [] : turnsOf(node, depth, places, context);
			}),
			context,
		);
	const paths = leafPaths(nodes, leavesOf(nodes), tell, place, context);
	const rollouts = paths.map((path, index) => {
		const rollout = blankRollout(place, paths.length === 1 ? id : `${id}/${index}`, id);
		rollout.steps = path.steps;
		fillRollout(rollout, asObject(value) ?? {});
		return rollout;
	});
	return linkBranches(rollouts, paths);
}

function nextOf(node: JsonValue): { key: string; list: JsonValue[] } {
	return { key: "next", list: asArray(member(node, "next")) ?? [] };
}

/** The index is the message's place on its path, from 0. A tool's message holds the call and its result. */
function turnsOf(node: NestedNode, index: number, places: RecordPlaces, context: ReadContext): Turn[] {
	const fields = asObject(node.value);
	const place = places.before(node.value, member(fields ?? undefined, "next"), node.pointer);
	if (fields === null) {
		context.problem(place, "a message that is not an object");
		return [];
	}
	const stated = member(fields, "message");
	const text = typeof stated === "string" ? stated : stated === undefined ? "" : JSON.stringify(stated);
	const role = roleNamed(asString(member(fields, "role")) ?? "") ?? "user";
	if (role !== "environment") return text === "" ? [] : [{ role, place, index, parts: noParts({ text }) }];
	const made = asObject(stated) ?? asObject(readPython(text, true)?.value);
	const name = asString(member(made ?? undefined, "name"));
	if (made === null || name === null) return [{ role: "agent", place, index, parts: noParts({ text }) }];
	const response = member(made, "response");
	const calls = [call(name, readArguments(member(made, "arguments")))];
	const result = typeof response === "string" ? response : response === undefined ? "" : JSON.stringify(response);
	const observations = result === "" ? [] : [observation(result, { tool: name })];
	return [{ role: "agent", place, index, parts: noParts({ calls, observations }) }];
}

function fillRollout(rollout: Rollout, question: JsonObject): void {
	const stated = asString(memberAt(question, "answer", "final_answer"));
	const made = readArguments(stated ?? "");
	rollout.answer = asString(member(made, "final_answer")) ?? stated;
	rollout.ending = asString(member(made, "return_type"));
	rollout.agent = asString(memberAt(question, "answer", "method"));
	rollout.tools = readTools(member(question, "available_tools"));
	rollout.title = titleOf(asString(member(question, "query")), rollout.steps);
	const steps = asNumber(memberAt(question, "answer", "total_steps"));
	if (steps !== null) rollout.extra = { total_steps: steps };
}
