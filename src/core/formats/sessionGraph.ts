// The graph of a session whose lines name their parents: which line continues which, where a branch was left, and
// which lines belong to sub-agents. Safe against circles, repeated ids and parents that are not there; linear in lines.
import type { JsonObject } from "../model/json.ts";
import type { Place, Step } from "../model/trajectory.ts";
import { circleBreaks } from "./circles.ts";
import type { ReadContext } from "./format.ts";
import type { ReadParts } from "./parts.ts";

export interface SessionLine {
	place: Place;
	fields: JsonObject;
	parts: ReadParts;
	/** `note`: a text of the program that makes a step but no branch; `silent`: only a link of the chain. */
	kind: "user" | "assistant" | "note" | "silent";
	/** Unique within the file. */
	uuid: string;
	parent: string | null;
	/** States that it has no parent, so that a question here begins anew instead of following the line before. */
	startsOver: boolean;
	/** Belongs to a sub-agent. */
	side: boolean;
	/** The sub-agent's id, where the line names it. */
	agent: string | null;
	/** Id of the call that started the sub-agent, where the line names it. */
	startingCall: string | null;
	/** Lines with the same message id are pieces of one message. */
	messageId: string | null;
	/** Holds tool results and nothing else. */
	answersOnly: boolean;
}

/** One message of the agent with the lines that answer its calls, or one other line. */
export interface SessionNode {
	/** In the order of the file. */
	lines: SessionLine[];
	parent: SessionNode | null;
}

/** A path through the graph that ends in a leaf; of the nodes that it shares with its parent, none. */
export interface Thread {
	nodes: SessionNode[];
	/** The thread that this one branches off; null for the main one. */
	parent: Thread | null;
	/** The parent's node after which this one begins; null where it begins anew. */
	after: SessionNode | null;
	/** Id of the sub-agent; null for the session itself. */
	agent: string | null;
}

/** Threads of the session and of each of its sub-agents. In each list the main thread is first. */
export function sessionThreads(lines: SessionLine[], context: Pick<ReadContext, "problem">): Thread[][] {
	return [...byAgent(lines)]
		.map(([agent, own]) => threadsOf(own, agent, context))
		.filter((threads) => threads.length > 0);
}

/** Lines by sub-agent, null first. Side lines without an agent's id belong to their parent's; without parent, to a new one. */
function byAgent(lines: SessionLine[]): Map<string | null, SessionLine[]> {
	const groups = new Map<string | null, SessionLine[]>([[null, []]]);
	const agentOf = new Map<string, string>();
	for (const line of lines) {
		const inherited = line.parent === null ? undefined : agentOf.get(line.parent);
		const agent = line.side ? (line.agent ?? inherited ?? `side-${line.uuid.slice(0, 8)}`) : null;
		if (agent !== null) agentOf.set(line.uuid, agent);
		const group = groups.get(agent) ?? [];
		group.push(line);
		groups.set(agent, group);
	}
	return groups;
}

function threadsOf(lines: SessionLine[], agent: string | null, context: Pick<ReadContext, "problem">): Thread[] {
	const nodes = linkedNodes(lines, context);
	const messages = nodes.filter(isMessage);
	const owner = new Map<SessionNode, Thread>();
	const threads: Thread[] = [];
	// from the end: the last message is the leaf of the main thread, later leaves hide earlier ones of the same path
	for (const leaf of messages.toReversed()) {
		if (owner.has(leaf)) continue;
		const path: SessionNode[] = [];
		let above: SessionNode | null = leaf;
		for (; above !== null && !owner.has(above); above = above.parent) path.push(above);
		const parent = above === null ? (threads[0] ?? null) : (owner.get(above) as Thread);
		const continues = above !== null && parent !== null && parent.nodes.at(-1) === above;
		const thread: Thread = continues ? parent : { nodes: [], parent, after: above, agent };
		if (!continues) threads.push(thread);
		for (const node of path) thread.nodes.push(node);
		for (const node of path) owner.set(node, thread);
	}
	addNotes(nodes, owner, threads);
	const order = new Map(nodes.map((node, index) => [node, index]));
	for (const thread of threads) thread.nodes.sort((a, b) => (order.get(a) as number) - (order.get(b) as number));
	return threads;
}

function isMessage(node: SessionNode): boolean {
	const kind = node.lines[0]?.kind;
	return kind === "user" || kind === "assistant";
}

/** Notes that no message follows stay in the thread that they were written into. */
function addNotes(nodes: SessionNode[], owner: Map<SessionNode, Thread>, threads: Thread[]): void {
	for (const node of nodes) {
		const path: SessionNode[] = [];
		let above: SessionNode | null = node;
		for (; above !== null && !owner.has(above); above = above.parent) path.push(above);
		const thread = above === null ? threads[0] : owner.get(above);
		if (thread === undefined) continue;
		for (const passed of path) owner.set(passed, thread);
		for (const passed of path) if (passed.lines[0]?.kind === "note") thread.nodes.push(passed);
	}
}

function linkedNodes(lines: SessionLine[], context: Pick<ReadContext, "problem">): SessionNode[] {
	const { nodes, nodeOf } = joinLines(lines);
	const linked = lines.some((line) => line.parent !== null && nodeOf.has(line.parent));
	const links = new Map<SessionNode, SessionNode | null>();
	nodes.forEach((node, index) => {
		links.set(node, parentOf(node, nodes[index - 1] ?? null, nodeOf, linked));
	});
	const ids = new Map(nodes.map((node) => [(node.lines[0] as SessionLine).uuid, node]));
	const parents = new Map(nodes.map((node) => [idOf(node) as string, idOf(links.get(node) ?? null)]));
	for (const id of circleBreaks(parents)) {
		const node = ids.get(id) as SessionNode;
		context.problem((node.lines[0] as SessionLine).place, `a cycle in parentUuid at ${id}`);
		links.set(node, null);
	}
	for (const node of nodes) node.parent = links.get(node) ?? null;
	return nodes;
}

function idOf(node: SessionNode | null): string | null {
	return node?.lines[0]?.uuid ?? null;
}

/** Puts the pieces of a message together, and the lines that only answer calls to the message that asked. */
function joinLines(lines: SessionLine[]): { nodes: SessionNode[]; nodeOf: Map<string, SessionNode> } {
	const nodes: SessionNode[] = [];
	const nodeOf = new Map<string, SessionNode>();
	const byMessage = new Map<string, SessionNode>();
	const byCall = new Map<string, SessionNode>();
	for (const line of lines) {
		const asked = line.answersOnly ? byCall.get(line.parts.observations[0]?.callId ?? "") : undefined;
		let node = asked ?? (line.messageId === null ? undefined : byMessage.get(line.messageId));
		if (node === undefined) {
			node = { lines: [], parent: null };
			nodes.push(node);
		}
		node.lines.push(line);
		nodeOf.set(line.uuid, node);
		if (line.messageId !== null) byMessage.set(line.messageId, node);
		for (const call of line.parts.calls) if (call.id !== null) byCall.set(call.id, node);
	}
	return { nodes, nodeOf };
}

/**
 * The node that `node` follows: the parent that its first line names, as far as that is another node. A line whose
 * parent is unknown follows the one before it, except for a question that states that it begins anew in a file that
 * does use parents.
 */
function parentOf(
	node: SessionNode,
	before: SessionNode | null,
	nodeOf: ReadonlyMap<string, SessionNode>,
	linked: boolean,
): SessionNode | null {
	for (const line of node.lines) {
		const parent = line.parent === null ? undefined : nodeOf.get(line.parent);
		if (parent !== undefined && parent !== node) return parent;
	}
	const first = node.lines[0] as SessionLine;
	const beginsAnew = linked && first.startsOver && first.kind === "user" && !first.answersOnly;
	return beginsAnew ? null : before;
}

/**
 * The step that each node of the thread made, or the last one before it; -1 before the first.
 * @param own the thread's own steps, whose index is the id of their first line
 * @param before how many shared steps stand before them
 */
export function stepsOfNodes(thread: Thread, own: Step[], before: number): Map<SessionNode, number> {
	const positions = new Map(own.map((step, index) => [step.origin.index, before + index]));
	const stepOf = new Map<SessionNode, number>();
	let last = before - 1;
	for (const node of thread.nodes) {
		last = positions.get((node.lines[0] as SessionLine).uuid) ?? last;
		stepOf.set(node, last);
	}
	return stepOf;
}
