// A rollout: agent, customer and desk meet, step by step, by seed. The same seed gives the same rollout, also in parts.
import { type CallAction, orderOf, type SayAction } from "./actions.ts";
import { agentStep, customerStep } from "./agent.ts";
import { witnessCancellation } from "./customer.ts";
import type { Motive } from "./kinds.ts";
import { remember } from "./memory.ts";
import { type Message, observationText, walkMessages } from "./messages.ts";
import { callInSession, openSession, type Session, type SessionSwitches } from "./session.ts";
import type { Policy } from "./skill.ts";
import type { State } from "./state.ts";
import type { Task } from "./tasks.ts";
import { systemPrompt, wordOpening } from "./wording.ts";

export interface RolloutOptions {
	task: Task;
	policy: Policy;
	seed: number;
	switches: SessionSwitches;
	/** Steps allowed; the task's own number where it is left out. */
	budget?: number;
	/** A conversation to go on from instead of a fresh one. It may have been edited. */
	prefix?: readonly Message[];
}

export interface Rollout {
	messages: Message[];
	/** Of the agent steps that were taken here: the last ones of the conversation. */
	motives: Motive[];
	/** Logarithm of the probability of each of these steps' actions. */
	logProbabilities: number[];
	/** Where it ended. */
	state: State;
}

/** The messages that stand before the agent's first step. */
export function openingOf(task: Task, budget = task.budget): Message[] {
	return [
		{ role: "system", content: systemPrompt(task, budget) },
		{ role: "user", content: wordOpening(task) },
	];
}

/** Plays a rollout to its end. */
export function playRollout({ task, policy, seed, switches, budget, prefix }: RolloutOptions): Rollout {
	const messages = prefix === undefined ? openingOf(task, budget) : [...prefix];
	const walked = walkMessages(task, messages, switches);
	let state = walked.state;
	let session = sessionAfter(task, messages, state, seed, switches);
	const rollout: Rollout = { messages, motives: [], logProbabilities: [], state };
	while (state.memory.ended !== "over") {
		const step = agentStep(task, policy, state.memory, seed, messages.length);
		messages.push(step.message);
		rollout.motives.push(step.motive);
		rollout.logProbabilities.push(Math.log(step.probability));
		if (step.action.kind === "call") ({ state, session } = playCall(state, session, step.action, messages));
		else state = playSaying(task, state, step.action, seed, messages);
	}
	rollout.state = state;
	return rollout;
}

/** A session that stands where a conversation's calls have brought it. */
export function sessionAfter(
	task: Task,
	messages: readonly Message[],
	state: State,
	seed: number,
	switches: SessionSwitches,
) {
	const calls = messages.filter((message) => message.role === "tool").length;
	return { ...openSession(task, seed, switches), desk: state.desk, calls };
}

/** How often the customer has spoken: the place of the next reply in the seed's stream. */
function customerTurn(messages: readonly Message[]): number {
	return messages.filter((message) => message.role === "user").length;
}

function playCall(before: State, at: Session, action: CallAction, messages: Message[]) {
	const { session, observation } = callInSession(at, action.tool, action.args);
	const id = messages.at(-1)!.tool_calls![0]!.id;
	messages.push({ role: "tool", tool_call_id: id, name: action.tool, content: observationText(observation) });
	const cancelled = action.tool === "cancel_order" && observation.ok;
	const talk = cancelled ? witnessCancellation(at.task, before.talk, orderOf(at.task, action.args)) : before.talk;
	const memory = remember(at.task, before.memory, action, { from: "tool", observation });
	return { session, state: { desk: session.desk, talk, memory } };
}

function playSaying(task: Task, before: State, action: SayAction, seed: number, messages: Message[]) {
	const { reply, talk, message } = customerStep(task, before.talk, action.say, seed, customerTurn(messages));
	if (message !== null) messages.push(message);
	return { desk: before.desk, talk, memory: remember(task, before.memory, action, { from: "customer", reply }) };
}
