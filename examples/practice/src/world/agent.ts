// The two voices of a conversation as messages: the agent's next step and the customer's reply. Both depend on seed and place only.
import type { Action, Say } from "./actions.ts";
import { replyTo, type Talk } from "./customer.ts";
import type { Motive } from "./kinds.ts";
import type { Memory } from "./memory.ts";
import type { Message } from "./messages.ts";
import { type Choice, choicesOf } from "./policy.ts";
import { bits, PURPOSE, uniform } from "./random.ts";
import type { Policy } from "./skill.ts";
import type { Task } from "./tasks.ts";
import { phrasingsOfAction, wordAction, wordReply } from "./wording.ts";

export interface AgentStep {
	message: Message;
	action: Action;
	motive: Motive;
	/** Probability of the action among everything that the agent might have done. */
	probability: number;
	/** Number of phrasings, all equally likely: the probability of the text given the action is 1 over this. */
	phrasings: number;
	choices: Choice[];
}

/** The agent's next step in a conversation of `place` messages. */
export function agentStep(task: Task, policy: Policy, memory: Memory, seed: number, place: number): AgentStep {
	const choices = choicesOf(task, policy, memory);
	const { choice, rest } = sample(choices, uniform(seed, place, PURPOSE.decision));
	return {
		message: writeAction(task, choice.action, seed, place),
		action: choice.action,
		motive: motiveAt(choice, rest),
		probability: choice.probability,
		phrasings: phrasingsOfAction(task, choice.action).length,
		choices,
	};
}

/** The choice at `chance` in [0, 1), and how far into it `chance` falls, from 0 to 1. */
function sample(choices: Choice[], chance: number): { choice: Choice; rest: number } {
	let left = chance;
	for (const choice of choices) {
		if (left < choice.probability) return { choice, rest: left / choice.probability };
		left -= choice.probability;
	}
	return { choice: choices.at(-1)!, rest: 0 };
}

function motiveAt(choice: Choice, chance: number): Motive {
	let left = chance;
	for (const { motive, share } of choice.motives) {
		if (left < share) return motive;
		left -= share;
	}
	return choice.motives.at(-1)!.motive;
}

/** An action as an assistant message. */
export function writeAction(task: Task, action: Action, seed: number, place: number): Message {
	const content = wordAction(task, action, uniform(seed, place, PURPOSE.wording));
	if (action.kind === "say") return { role: "assistant", content };
	const id = `call_${bits(seed, place, PURPOSE.jitter).toString(36).padStart(7, "0")}`;
	const call = { name: action.tool, arguments: JSON.stringify(action.args) };
	return { role: "assistant", content, tool_calls: [{ id, type: "function", function: call }] };
}

/**
 * What the customer says to `said`, and what they remember; no message at the end. `turn` counts what they said before: the first
 * reply has 1, after the opening message.
 */
export function customerStep(task: Task, talk: Talk, said: Say, seed: number, turn: number) {
	const { reply, talk: after } = replyTo(task, talk, said);
	const content = wordReply(task, reply, uniform(seed, turn, PURPOSE.customer));
	return { reply, talk: after, message: content === null ? null : ({ role: "user", content } satisfies Message) };
}
