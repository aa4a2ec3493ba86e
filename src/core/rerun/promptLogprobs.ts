// The recorded tokens under the policy as it is now: what endpoints such as vLLM answer to `prompt_logprobs`.
import { asArray, asNumber, asObject, asString, type JsonObject, type JsonValue, member } from "../model/json.ts";
import type { Rollout, Step } from "../model/trajectory.ts";
import { chatMessages, sentMessage } from "./chat.ts";

/** A step whose words were logged with log-probabilities; without calls, because templates write those in their own ways. */
export function comparableSteps(rollout: Rollout, most: number): Step[] {
	const fitting = rollout.steps.filter(
		({ role, text, reasoning, calls, tokenDetail }) =>
			role === "agent" &&
			text !== "" &&
			reasoning === "" &&
			calls.length === 0 &&
			(tokenDetail?.logprobs?.length ?? 0) > 0,
	);
	return fitting.slice(0, most);
}

/** Asks for the conversation up to the end of the step's words, not for an answer. */
export function promptLogprobsBody(rollout: Rollout, { step, text }: Step, model: string): JsonObject {
	const before = chatMessages(rollout.steps.slice(0, step)).map(sentMessage);
	return {
		model,
		messages: [...before, { role: "assistant", content: text }] as unknown as JsonValue[],
		max_tokens: 1,
		prompt_logprobs: 0,
		add_generation_prompt: false,
		continue_final_message: true,
	};
}

/**
 * Recorded log-probabilities of a text and those that the prompt's last tokens have now, token by token.
 * @returns null where the endpoint gave none, or its tokens are not those that were recorded
 */
export function alignedLogprobs(
	answer: JsonValue,
	{ text, tokenDetail }: Step,
): { recorded: number[]; now: number[] } | null {
	const prompt = asArray(member(answer, "prompt_logprobs")) ?? [];
	const recorded = tokenDetail?.logprobs ?? [];
	const now: number[] = [];
	let left = text;
	for (let at = prompt.length - 1; at >= 0 && left !== ""; at--) {
		const [entry] = Object.values(asObject(prompt[at]) ?? {});
		const token = asString(member(entry, "decoded_token"));
		const logprob = asNumber(member(entry, "logprob"));
		if (token === null || token === "" || logprob === null || !left.endsWith(token)) return null;
		left = left.slice(0, -token.length);
		now.unshift(logprob);
	}
	// what was recorded may end with the token that ends the turn
	const extra = recorded.length - now.length;
	if (left !== "" || now.length === 0 || extra < 0 || extra > 1) return null;
	return { recorded: recorded.slice(0, now.length), now };
}
