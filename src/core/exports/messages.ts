// Rollouts as lists of chat messages, and which message each step begins at: data sets count messages, not steps.
import type { JsonObject, JsonValue } from "../model/json.ts";
import type { Rollout, Step, ToolCall } from "../model/trajectory.ts";
import { stepMessages } from "./openaiMessages.ts";

export interface MessageList {
	messages: JsonObject[];
	/** 0-based number of the first message of each step. */
	firstOf: number[];
}

export function messageList(steps: readonly Step[]): MessageList {
	const messages: JsonObject[] = [];
	const firstOf: number[] = [];
	for (const step of steps) {
		firstOf.push(messages.length);
		messages.push(...stepMessages(step));
	}
	return { messages, firstOf };
}

/** Messages of the steps from `from` up to, not including, `to`. */
export function messagesBetween(rollout: Rollout, from: number, to = rollout.steps.length): JsonObject[] {
	return rollout.steps.slice(from, to).flatMap(stepMessages);
}

/** Steps before the agent's first one: what it was asked. */
export function promptLength(rollout: Rollout): number {
	const first = rollout.steps.findIndex(({ role }) => role === "agent");
	return first === -1 ? rollout.steps.length : first;
}

/** The message that the agent itself wrote in a step, without the results of its calls. */
export function ownMessage(step: Step): JsonObject[] {
	return stepMessages({ ...step, observations: [] });
}

/** A message as a person would have had the agent write it. */
export function correctedMessage(
	step: Step,
	text: string | null,
	calls: readonly Pick<ToolCall, "name" | "arguments">[] | null,
): JsonObject[] {
	const kept = calls === null ? step.calls : calls.map((call) => ({ id: null, requestor: null, ...call }));
	return stepMessages({ ...step, text: text ?? step.text, reasoning: "", calls: kept, observations: [] });
}

export function toolsOf(rollout: Rollout): { tools?: JsonValue } {
	const { tools } = rollout;
	return tools.length === 0 ? {} : { tools: tools.map((tool) => ({ type: "function", function: { ...tool } })) };
}

/** A step as plain text, for data sets that know no messages: what it said and the calls that it made. */
export function plainText(step: Step): string {
	const calls = step.calls.map((call) => `${call.name}(${JSON.stringify(call.arguments)})`);
	return [step.reasoning, step.text, ...calls].filter((part) => part !== "").join("\n");
}

/** What was asked, as plain text. */
export function problemText(rollout: Rollout): string {
	const asked = rollout.steps.slice(0, promptLength(rollout)).filter(({ role }) => role === "user");
	return asked.map(plainText).join("\n") || rollout.title;
}

export function agentSteps(rollout: Rollout): Step[] {
	return rollout.steps.filter(({ role }) => role === "agent");
}
