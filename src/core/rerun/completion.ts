// Puts a streamed chat completion together, piece by piece, whatever order and damage the pieces come in.
import { asArray, asNumber, asString, type JsonObject, type JsonValue, member, memberAt } from "../model/json.ts";
import type { ChatCall, ChatMessage } from "./chat.ts";

export interface Completion {
	message: ChatMessage;
	/** As the endpoint states it; null where the stream ended without saying so. */
	finish: string | null;
	tokens: { prompt: number; completion: number } | null;
}

/** More calls than this in one answer are the sign of a broken endpoint. */
const MOST_CALLS = 256;

export class CompletionBuilder {
	private content = "";
	private reasoning = "";
	private readonly calls = new Map<number, ChatCall>();
	private readonly logprobs: number[] = [];
	private finish: string | null = null;
	private tokens: Completion["tokens"] = null;
	/** The endpoint's own complaint inside a stream that began well. */
	error: string | null = null;

	/** Takes one event of a stream, or a whole answer that was not streamed. */
	add(event: JsonValue): void {
		this.error ??= asString(memberAt(event, "error", "message"));
		const usage = member(event, "usage");
		const [prompt, completion] = ["prompt_tokens", "completion_tokens"].map((key) => asNumber(member(usage, key)));
		if (prompt !== null && prompt !== undefined && completion !== null && completion !== undefined)
			this.tokens = { prompt, completion };
		const choice = (asArray(member(event, "choices")) ?? []).find((entry) => (member(entry, "index") ?? 0) === 0);
		if (choice === undefined) return;
		this.addDelta(member(choice, "delta") ?? member(choice, "message"));
		for (const entry of asArray(memberAt(choice, "logprobs", "content")) ?? []) {
			const logprob = asNumber(member(entry, "logprob"));
			if (logprob !== null) this.logprobs.push(logprob);
		}
		this.finish = asString(member(choice, "finish_reason")) ?? this.finish;
	}

	private addDelta(delta: JsonValue | undefined): void {
		this.content += asString(member(delta, "content")) ?? "";
		this.reasoning += asString(member(delta, "reasoning_content")) ?? asString(member(delta, "reasoning")) ?? "";
		for (const [position, entry] of (asArray(member(delta, "tool_calls")) ?? []).entries()) {
			const index = asNumber(member(entry, "index")) ?? position;
			if (!this.calls.has(index) && this.calls.size < MOST_CALLS)
				this.calls.set(index, { id: "", type: "function", function: { name: "", arguments: "" } });
			const call = this.calls.get(index);
			if (call !== undefined) addToCall(call, entry);
		}
	}

	build(): Completion {
		const calls = [...this.calls].sort(([one], [other]) => one - other).map(([, call]) => call);
		calls.forEach((call, index) => {
			// an endpoint that names no id still wants one back
			call.id ||= `call_${index}`;
		});
		const message: ChatMessage = {
			role: "assistant",
			content: this.content === "" && calls.length > 0 ? null : this.content,
		};
		if (this.reasoning !== "") message.reasoning_content = this.reasoning;
		if (calls.length > 0) message.tool_calls = calls;
		if (this.logprobs.length > 0) message.logprobs = this.logprobs;
		return { message, finish: this.finish, tokens: this.tokens };
	}
}

function addToCall(call: ChatCall, piece: JsonValue): void {
	call.id ||= asString(member(piece, "id")) ?? "";
	call.function.name ||= asString(memberAt(piece, "function", "name")) ?? "";
	const args = memberAt(piece, "function", "arguments");
	call.function.arguments +=
		typeof args === "string" ? args : args === undefined || args === null ? "" : JSON.stringify(args);
}

export interface Sampling {
	model: string;
	/** Null leaves each to the endpoint. */
	temperature: number | null;
	topP: number | null;
	maxTokens: number | null;
	seed: number | null;
}

/** The request's body. Members that were not set are left out, so that the endpoint's own defaults hold. */
export function completionBody(
	messages: readonly ChatMessage[],
	tools: readonly JsonObject[],
	sampling: Sampling,
): JsonObject {
	const { model, temperature, topP, maxTokens, seed } = sampling;
	return {
		model,
		messages: messages as unknown as JsonValue[],
		stream: true,
		stream_options: { include_usage: true },
		logprobs: true,
		...(tools.length === 0 ? {} : { tools: [...tools] }),
		...(temperature === null ? {} : { temperature }),
		...(topP === null ? {} : { top_p: topP }),
		...(maxTokens === null ? {} : { max_tokens: maxTokens }),
		...(seed === null ? {} : { seed }),
	};
}
