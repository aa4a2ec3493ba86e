// A rollout's steps as messages for a chat-completions endpoint, and back out of an answer.
import { linkedStep } from "../exports/exporter.ts";
import type { JsonObject } from "../model/json.ts";
import type { Step, ToolSchema } from "../model/trajectory.ts";

export interface ChatCall {
	id: string;
	type: "function";
	/** Arguments as the text that the model wrote: it need not be JSON. */
	function: { name: string; arguments: string };
}

export interface ChatMessage {
	role: "system" | "user" | "assistant" | "tool";
	content: string | null;
	tool_calls?: ChatCall[];
	tool_call_id?: string;
	name?: string;
	/** Kept in our store, not sent: endpoints differ in what they take. */
	reasoning_content?: string;
	is_error?: boolean;
	/** Natural-log probabilities of the answer's tokens, where the endpoint gave them. Kept, not sent. */
	logprobs?: number[];
}

const KEPT_ONLY = ["reasoning_content", "is_error", "logprobs"] as const;

/** The messages of a prefix, in the roles that endpoints know. */
export function chatMessages(steps: readonly Step[]): ChatMessage[] {
	return steps.flatMap(stepMessages);
}

function stepMessages(step: Step): ChatMessage[] {
	const { callIds, observations } = linkedStep(step);
	const results = observations.map(({ observation, callId }): ChatMessage => {
		if (callId === null) return { role: "user", content: observation.text };
		const tool = step.calls[callIds.indexOf(callId)]?.name ?? observation.tool;
		const failed = observation.isError ? { is_error: true } : {};
		const named = tool === null || tool === undefined ? {} : { name: tool };
		return { role: "tool", tool_call_id: callId, content: observation.text, ...named, ...failed };
	});
	if (step.role === "environment" && step.text === "") return results;
	if (step.role !== "agent")
		return [{ role: step.role === "system" ? "system" : "user", content: step.text }, ...results];
	const message: ChatMessage = { role: "assistant", content: step.text === "" ? null : step.text };
	if (step.reasoning !== "") message.reasoning_content = step.reasoning;
	if (step.calls.length > 0)
		message.tool_calls = step.calls.map((call, index) => ({
			id: callIds[index] as string,
			type: "function",
			function: {
				name: call.name,
				arguments: typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments),
			},
		}));
	else message.content ??= "";
	return [message, ...results];
}

/** What goes over the wire. */
export function sentMessage(message: ChatMessage): ChatMessage {
	const sent = { ...message };
	for (const key of KEPT_ONLY) delete sent[key];
	return sent;
}

export function chatTools(tools: readonly ToolSchema[]): JsonObject[] {
	return tools.map(({ name, description, parameters }) => ({
		type: "function",
		function: {
			name,
			...(description === null ? {} : { description }),
			parameters: parameters ?? { type: "object", properties: {} },
		},
	}));
}
