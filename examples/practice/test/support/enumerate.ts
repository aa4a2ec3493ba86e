// Every conversation that can happen, written out as messages: the slow and plain way to a success probability.
import { type Action, actionKey } from "../../src/world/actions.ts";
import { customerStep, writeAction } from "../../src/world/agent.ts";
import { type Desk, openDesk, PLAIN_WORLD, type WorldSwitches } from "../../src/world/desk.ts";
import { type Message, observationText, stateOf } from "../../src/world/messages.ts";
import { choicesOf } from "../../src/world/policy.ts";
import type { Policy } from "../../src/world/skill.ts";
import { deskOutcomes, succeeded } from "../../src/world/state.ts";
import type { Task } from "../../src/world/tasks.ts";

export interface Enumeration {
	/** Probability of success. */
	value: number;
	/** Conversations written out, unfinished ones included. */
	conversations: number;
}

/**
 * Goes through all conversations that begin with `messages`. Nothing is remembered between them: at every turn the agent's memory is
 * read from the text alone.
 */
export function enumerate(task: Task, policy: Policy, messages: Message[], switches = PLAIN_WORLD): Enumeration {
	return enumerateFrom(task, policy, messages, openDesk(task), switches);
}

function enumerateFrom(
	task: Task,
	policy: Policy,
	messages: Message[],
	desk: Desk,
	switches: WorldSwitches,
): Enumeration {
	const state = stateOf(task, messages, switches);
	const total: Enumeration = { value: 0, conversations: 1 };
	if (state.memory.ended === "over" || state.desk.closed) {
		return { value: Number(succeeded(task, desk, state.talk)), conversations: 1 };
	}
	const seen = new Set<string>();
	for (const { action, probability } of choicesOf(task, policy, state.memory)) {
		const key = actionKey(action);
		if (seen.has(key)) throw new Error(`the same action twice in one decision: ${key}`);
		seen.add(key);
		const spoken = writeAction(task, action, seen.size, messages.length);
		for (const next of continuations(task, [...messages, spoken], action, desk, switches)) {
			const below = enumerateFrom(task, policy, next.messages, next.desk, switches);
			total.value += probability * next.probability * below.value;
			total.conversations += below.conversations;
		}
	}
	return total;
}

/** What can come back for an action: the desk's answer, with and without a parcel that returns, or the customer's reply. */
function continuations(task: Task, messages: Message[], action: Action, desk: Desk, switches: WorldSwitches) {
	if (action.kind === "say") {
		const { talk } = stateOf(task, messages.slice(0, -1), switches);
		const { message } = customerStep(task, talk, action.say, messages.length, messages.length);
		return [{ messages: message === null ? messages : [...messages, message], desk, probability: 1 }];
	}
	const id = messages.at(-1)!.tool_calls![0]!.id;
	return deskOutcomes(task, desk, action, switches).map(({ probability, desk: after, observation }) => {
		const content = observationText(observation);
		return { messages: [...messages, { role: "tool" as const, tool_call_id: id, content }], desk: after, probability };
	});
}
