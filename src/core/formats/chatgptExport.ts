// ChatGPT's data export (conversations.json): the messages of a conversation form a tree, and the user sees one path.
import { RecordPlaces } from "../json/places.ts";
import type { JsonRecord } from "../json/record.ts";
import { pointerOf } from "../json/scan.ts";
import { blankRollout, observation } from "../model/create.ts";
import { asArray, asId, asObject, asString, isObject, type JsonObject, member, memberAt } from "../model/json.ts";
import type { Rollout, Step } from "../model/trajectory.ts";
import { oneLine } from "../text/line.ts";
import { roleNamed } from "./chatMessages.ts";
import { finishRollout } from "./finish.ts";
import type { ReadContext, RecordFormat, Sample } from "./format.ts";
import { recordFraming, sampleRecords } from "./layout.ts";
import { leafPaths, leavesOf, linkBranches, type TreeNode } from "./leafPaths.ts";
import { noParts, readParts } from "./parts.ts";
import { readTime } from "./time.ts";
import { says, stepsOfTurns, type Turn } from "./turns.ts";

export const chatgptExport: RecordFormat = {
	id: "chatgpt-export",
	title: "ChatGPT data export",
	reads:
		"one rollout a path of the conversation's tree: text, code given to tools and its results, times; answers asked for again as branches",
	leaves: "files and memory; hidden messages of the system",
	unit: "record",
	sniff: (sample: Sample) =>
		sampleRecords(sample).some(
			(record) => isObject(member(record, "mapping")) && "current_node" in (record as JsonObject),
		)
			? 0.95
			: 0,
	framing: recordFraming,
	readRecord,
};

function readRecord(record: JsonRecord, context: ReadContext): Rollout[] {
	const mapping = asObject(member(record.value, "mapping"));
	if (mapping === null) {
		context.problem(record.place, "no mapping of messages");
		return [];
	}
	const nodes = nodesOf(mapping);
	const places = new RecordPlaces(record, context.locate);
	const turns = nodes.map(({ id }) => turnOf(asObject(memberAt(mapping, id, "message")), id, places));
	const shown = asId(member(record.value, "current_node"));
	// what the user saw last is the conversation, everything else is a branch of it
	const leaves = leavesOf(nodes).sort((a, b) => Number(nodes[b]?.id === shown) - Number(nodes[a]?.id === shown));
	const tell = (path: number[]): Step[] =>
		stepsOfTurns(
			path.flatMap((at) => turns[at] ?? []),
			context,
		);
	const paths = leafPaths(nodes, leaves, tell, record.place, context);
	const id =
		asId(member(record.value, "conversation_id") ?? member(record.value, "id")) ?? `conversation-${record.ordinal}`;
	const rollouts = paths.map((path, index) => {
		const rollout = blankRollout(record.place, index === 0 ? id : `${id}/${index}`, id);
		rollout.title = oneLine(asString(member(record.value, "title")) ?? "", 120);
		rollout.steps = path.steps;
		return rollout;
	});
	return linkBranches(rollouts, paths).map(finishRollout);
}

interface Node extends TreeNode {
	id: string;
}

/** The nodes of the tree, each behind its parent; every node once, whatever the links say. */
function nodesOf(mapping: JsonObject): Node[] {
	const roots = Object.keys(mapping).filter((id) => asString(memberAt(mapping, id, "parent")) === null);
	const waiting: Node[] = roots.map((id) => ({ id, parent: null }));
	const nodes: Node[] = [];
	const seen = new Set<string>();
	for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
		if (seen.has(node.id)) continue;
		seen.add(node.id);
		const parent = nodes.push(node) - 1;
		for (const child of asArray(memberAt(mapping, node.id, "children")) ?? []) {
			if (typeof child === "string") waiting.push({ id: child, parent });
		}
	}
	return nodes;
}

function turnOf(message: JsonObject | null, id: string, places: RecordPlaces): Turn | null {
	if (message === null) return null;
	const role = roleNamed(asString(memberAt(message, "author", "role")) ?? "") ?? "user";
	const place = places.of(message, pointerOf("mapping", id, "message"));
	const said = readParts(
		memberAt(message, "content", "parts") ?? memberAt(message, "content", "text"),
		"/content/parts",
		place,
	);
	const tool = asString(member(message, "recipient")) ?? "all";
	const calls =
		role === "agent" && tool !== "all" ? [{ id: null, name: tool, arguments: said.text, requestor: null }] : [];
	const result = observation(said.text, { tool: asString(memberAt(message, "author", "name")), images: said.images });
	const parts =
		role === "environment" ? noParts({ observations: [result] }) : calls.length > 0 ? noParts({ calls }) : said;
	return says(parts) || parts.observations.length > 0
		? { role, place, index: id, parts, fields: { time: readTime(member(message, "create_time")) } }
		: null;
}
