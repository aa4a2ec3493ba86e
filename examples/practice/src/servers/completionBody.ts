// Writes completions in the shapes of the chat-completions protocol: whole, or as a stream of pieces.
import type { Message } from "../world/messages.ts";
import type { CompletionRequest } from "./completionRequest.ts";
import type { Completion } from "./models.ts";

interface TokenLogprob {
	token: string;
	logprob: number;
	bytes: number[];
	top_logprobs: Omit<TokenLogprob, "top_logprobs">[];
}

export interface Choice {
	index: number;
	message: Message;
	finish: "stop" | "tool_calls" | "length";
	/** Words of the text, with the blanks before them. */
	tokens: string[];
	logprobs: { content: TokenLogprob[]; refusal: null } | null;
}

/** A completion cut to the tokens allowed. The action counts as one token; a cut answer makes no call. */
export function toChoice(index: number, completion: Completion, request: CompletionRequest): Choice {
	const { message } = completion;
	const words = tokenize(message.content ?? "");
	const limit = request.maxTokens ?? Number.POSITIVE_INFINITY;
	const cut = words.length + 1 > limit;
	const tokens = cut ? words.slice(0, limit - 1) : words;
	const whole = message.tool_calls === undefined ? "stop" : "tool_calls";
	return {
		index,
		message: cut ? { role: "assistant", content: tokens.join("") } : message,
		finish: cut ? "length" : whole,
		tokens,
		logprobs: request.logprobs
			? { content: tokenLogprobs(completion, tokens, request.topLogprobs), refusal: null }
			: null,
	};
}

export function tokenize(text: string): string[] {
	return text.match(/\s*\S+/g) ?? [];
}

/**
 * The first entry is not part of the text: it stands for the action, with the actions that might have been taken instead as its
 * `top_logprobs`. The first word carries the choice of the wording; every other word is certain. So the sum over all entries is
 * the log-probability of the message.
 */
function tokenLogprobs(completion: Completion, tokens: string[], top: number): TokenLogprob[] {
	const alternatives = completion.alternatives.slice(0, top).map(({ name, logprob }) => entry(name, logprob));
	const action = { ...entry(completion.name, completion.actionLogprob), top_logprobs: alternatives };
	const words = tokens.map((token, index) => {
		const logprob = index === 0 ? completion.wordingLogprob : 0;
		return { ...entry(token, logprob), top_logprobs: top > 0 ? [entry(token, logprob)] : [] };
	});
	return [action, ...words];
}

function entry(token: string, logprob: number): Omit<TokenLogprob, "top_logprobs"> {
	// -0 would be written as 0 anyway; adding 0 keeps it from being seen before.
	return { token, logprob: logprob + 0, bytes: [...Buffer.from(token)] };
}

export interface Envelope {
	id: string;
	/** Unix seconds. */
	created: number;
	model: string;
}

export function wholeBody(envelope: Envelope, choices: Choice[], promptTokens: number) {
	return {
		...envelope,
		object: "chat.completion",
		system_fingerprint: "practice",
		choices: choices.map(({ index, message, finish, logprobs }) => ({
			index,
			message: { ...message, refusal: null },
			logprobs,
			finish_reason: finish,
		})),
		usage: usageOf(choices, promptTokens),
	};
}

function usageOf(choices: Choice[], promptTokens: number) {
	const completion = choices.reduce((sum, choice) => sum + choice.tokens.length + 1, 0);
	return { prompt_tokens: promptTokens, completion_tokens: completion, total_tokens: promptTokens + completion };
}

/** The events of a stream, without framing: role, text by words, calls in pieces, the end of every choice, usage if wanted. */
export function* streamBodies(envelope: Envelope, choices: Choice[], promptTokens: number, includeUsage: boolean) {
	const head = { ...envelope, object: "chat.completion.chunk", system_fingerprint: "practice" };
	const usage = includeUsage ? { usage: null } : {};
	for (const choice of choices) {
		for (const { delta, logprobs = null, finish = null } of pieces(choice)) {
			yield { ...head, choices: [{ index: choice.index, delta, logprobs, finish_reason: finish }], ...usage };
		}
	}
	if (includeUsage) yield { ...head, choices: [], usage: usageOf(choices, promptTokens) };
}

interface Piece {
	delta: Record<string, unknown>;
	logprobs?: Choice["logprobs"];
	finish?: Choice["finish"];
}

const ARGUMENT_PIECE = 24;

function* pieces({ message, tokens, logprobs, finish }: Choice): Generator<Piece> {
	const part = (from: number, to: number) =>
		logprobs === null ? null : { content: logprobs.content.slice(from, to), refusal: null };
	yield { delta: { role: "assistant", content: "" }, logprobs: part(0, 1) };
	for (const [index, token] of tokens.entries())
		yield { delta: { content: token }, logprobs: part(index + 1, index + 2) };
	for (const [index, call] of (message.tool_calls ?? []).entries()) {
		const { name, arguments: args } = call.function;
		yield { delta: { tool_calls: [{ index, id: call.id, type: "function", function: { name, arguments: "" } }] } };
		for (let at = 0; at < args.length; at += ARGUMENT_PIECE) {
			yield { delta: { tool_calls: [{ index, function: { arguments: args.slice(at, at + ARGUMENT_PIECE) } }] } };
		}
	}
	yield { delta: {}, finish };
}
