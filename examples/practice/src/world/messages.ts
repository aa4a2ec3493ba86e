// Conversations as OpenAI chat messages: how steps are written and how the state is read back from them.
import { type Action, callTool, orderOf } from "./actions.ts";
import { openTalk, replyTo, type Talk, witnessCancellation } from "./customer.ts";
import { type Arguments, type Desk, type Observation, openDesk, PLAIN_WORLD, type WorldSwitches } from "./desk.ts";
import { readHints } from "./hints.ts";
import { freshMemory, remember, type Seen, takeHints } from "./memory.ts";
import { readReply, readSay } from "./reading.ts";
import { deskOutcomes, type State } from "./state.ts";
import { findTask, findTaskOf } from "./taskList.ts";
import type { Task } from "./tasks.ts";

export interface ToolCallMessage {
	id: string;
	type: "function";
	function: { name: string; arguments: string };
}

export interface Message {
	role: "system" | "user" | "assistant" | "tool";
	content: string | null;
	tool_calls?: ToolCallMessage[];
	tool_call_id?: string;
	name?: string;
}

/** The task that a conversation is about: by the ticket in the instructions, else by the customer's address. */
export function taskOf(messages: readonly Message[]): Task | null {
	for (const message of messages) {
		if (message.role !== "system" && message.role !== "user") continue;
		const ticket = /\bticket ([a-z]+-\d+)/.exec(message.content ?? "")?.[1];
		const email = /customer-\d+@[\w.-]+/.exec(message.content ?? "")?.[0];
		const task = (ticket === undefined ? null : findTask(ticket)) ?? (email === undefined ? null : findTaskOf(email));
		if (task !== null) return task;
	}
	return null;
}

/** More steps than this are not believed: values are worked out for every number of steps left. */
const MOST_STEPS = 500;

/** The step limit that the instructions state, else the task's own. */
export function budgetOf(task: Task, messages: readonly Message[]): number {
	const stated = messages.find((message) => message.role === "system")?.content ?? "";
	const steps = Number(/at most (\d{1,4}) steps/.exec(stated)?.[1]);
	return steps > 0 ? Math.min(MOST_STEPS, steps) : task.budget;
}

/** Text of a tool message. */
export function observationText(observation: Observation): string {
	if (observation.ok) return JSON.stringify(observation.data);
	return observation.error.startsWith("Unknown tool")
		? `MCP error -32602: ${observation.error}`
		: `Error: ${observation.error}`;
}

/** What an agent makes of the text of a tool message, whoever wrote it. */
export function readObservation(text: string): Observation {
	if (/^(MCP error|Error)\b/.test(text)) return { ok: false, error: text };
	const data = parseObject(text);
	return { ok: true, data };
}

function parseObject(text: string): Record<string, unknown> {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === "object" && value !== null && !Array.isArray(value)
			? (value as Record<string, unknown>)
			: {};
	} catch {
		return {};
	}
}

/** The calls of an assistant message. Arguments that are not a JSON object count as none. */
export function callsOf(message: Message): { id: string; action: { kind: "call"; tool: string; args: Arguments } }[] {
	return (message.tool_calls ?? []).map((call) => ({
		id: call.id,
		action: callTool(call.function.name, parseObject(call.function.arguments)),
	}));
}

/** One agent step as it stands in the messages. */
export interface Turn {
	/** Index of the assistant message. */
	message: number;
	/** The step's actions with what came back; null where nothing came back yet. */
	parts: { action: Action; seen: Seen | null; answeredBy: number }[];
}

/** The agent steps of a conversation, each with what came back for it. */
export function turnsOf(task: Task, messages: readonly Message[]): Turn[] {
	const turns: Turn[] = [];
	const waiting = new Map<string, Turn["parts"][number]>();
	messages.forEach((message, index) => {
		if (message.role === "assistant") turns.push(openTurn(task, message, index, waiting));
		else if (message.role === "tool") answerCall(waiting, message, index);
		else if (message.role === "user") answerSaying(task, turns.at(-1), message, index);
	});
	return turns;
}

function openTurn(task: Task, message: Message, index: number, waiting: Map<string, Turn["parts"][number]>): Turn {
	waiting.clear();
	const calls = callsOf(message);
	if (calls.length === 0) {
		const action: Action = { kind: "say", say: readSay(task, message.content ?? "") };
		return { message: index, parts: [{ action, seen: null, answeredBy: -1 }] };
	}
	const parts = calls.map(({ id, action }) => {
		const part: Turn["parts"][number] = { action, seen: null, answeredBy: -1 };
		waiting.set(id, part);
		return part;
	});
	return { message: index, parts };
}

function answerCall(waiting: Map<string, Turn["parts"][number]>, message: Message, index: number): void {
	const part = waiting.get(message.tool_call_id ?? "");
	if (part === undefined || part.seen !== null) return;
	part.seen = { from: "tool", observation: readObservation(message.content ?? "") };
	part.answeredBy = index;
}

function answerSaying(task: Task, turn: Turn | undefined, message: Message, index: number): void {
	const part = turn?.parts[0];
	if (part?.action.kind !== "say" || part.seen !== null) return;
	part.seen = { from: "customer", reply: readReply(task, part.action.say, message.content ?? "") };
	part.answeredBy = index;
}

const NOTHING_SEEN: Record<Action["kind"], Seen> = {
	call: { from: "tool", observation: { ok: false, error: "no result" } },
	say: { from: "customer", reply: { kind: "okay" } },
};

/** One agent step of a conversation with the states around it. */
export interface WalkedTurn extends Turn {
	/** Index of the last message that answers it; its own where nothing came back. */
	lastMessage: number;
	before: State;
	after: State;
}

/**
 * Goes through a conversation: the agent's memory comes from what the messages say, the desk from carrying out the recorded calls
 * on a fresh one, the customer from what was really said. A step that nothing came back for counts as failed or unheard.
 */
export function walkMessages(
	task: Task,
	messages: readonly Message[],
	switches: WorldSwitches = PLAIN_WORLD,
): { turns: WalkedTurn[]; state: State } {
	let state: State = {
		desk: openDesk(task),
		memory: freshMemory(task, budgetOf(task, messages)),
		talk: openTalk(task),
	};
	let read = 0;
	const readTo = (end: number) => {
		for (; read < end; read++) state = withHints(task, state, messages[read]!);
	};
	const turns: WalkedTurn[] = [];
	for (const turn of turnsOf(task, messages)) {
		readTo(turn.message);
		const lastMessage = Math.max(turn.message, ...turn.parts.map((part) => part.answeredBy));
		const before = state;
		state = afterTurn(task, before, turn, switches);
		readTo(lastMessage + 1);
		turns.push({ ...turn, lastMessage, before, after: state });
	}
	readTo(messages.length);
	return { turns, state };
}

/** The state in which a conversation stands. */
export function stateOf(task: Task, messages: readonly Message[], switches: WorldSwitches = PLAIN_WORLD): State {
	return walkMessages(task, messages, switches).state;
}

function withHints(task: Task, state: State, message: Message): State {
	const hints = readHints(task, message.content ?? "");
	return hints.length === 0 ? state : { ...state, memory: takeHints(state.memory, hints) };
}

function afterTurn(task: Task, before: State, turn: Turn, switches: WorldSwitches): State {
	let { desk, talk, memory } = before;
	for (const { action, seen } of turn.parts) {
		({ desk, talk } = takePart(task, desk, talk, action, seen, switches));
		memory = remember(task, memory, action, seen ?? NOTHING_SEEN[action.kind]);
	}
	return { desk, talk, memory: { ...memory, step: before.memory.step + 1 } };
}

/** A recorded step's effect on desk and customer. Parcels come back where the recorded result says so. */
function takePart(task: Task, desk: Desk, talk: Talk, action: Action, seen: Seen | null, switches: WorldSwitches) {
	if (action.kind === "say") return { desk, talk: replyTo(task, talk, action.say).talk };
	const returned = seen?.from === "tool" && seen.observation.ok ? seen.observation.data.came_back : undefined;
	const outcomes = deskOutcomes(task, desk, action, switches);
	const after =
		outcomes.find(({ observation }) => observation.ok && observation.data.came_back === returned) ?? outcomes[0]!;
	const cancelled = action.tool === "cancel_order" && after.observation.ok;
	return { desk: after.desk, talk: cancelled ? witnessCancellation(task, talk, orderOf(task, action.args)) : talk };
}
