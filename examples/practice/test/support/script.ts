// Conversations written by hand: a list of actions, played against the desk and the customer.
import type { Action } from "../../src/world/actions.ts";
import { customerStep, writeAction } from "../../src/world/agent.ts";
import { type Message, observationText, stateOf } from "../../src/world/messages.ts";
import { openingOf } from "../../src/world/rollout.ts";
import { callInSession, openSession } from "../../src/world/session.ts";
import type { Task } from "../../src/world/tasks.ts";

export function playScript(task: Task, actions: readonly Action[], budget = task.budget): Message[] {
	const messages = openingOf(task, budget);
	let session = openSession(task, 1);
	for (const action of actions) {
		const spoken = writeAction(task, action, 1, messages.length);
		messages.push(spoken);
		if (action.kind === "call") {
			const result = callInSession(session, action.tool, action.args);
			session = result.session;
			const id = spoken.tool_calls![0]!.id;
			messages.push({ role: "tool", tool_call_id: id, content: observationText(result.observation) });
		} else {
			const { talk } = stateOf(task, messages.slice(0, -1));
			const { message } = customerStep(task, talk, action.say, 1, messages.length);
			if (message !== null) messages.push(message);
		}
	}
	return messages;
}
