// The other side of the conversation after a fork: the recording while it still fits, a script, or a simulated user.
import { canonicalJson } from "../model/action.ts";
import type { JsonValue } from "../model/json.ts";
import type { Rollout } from "../model/trajectory.ts";
import { type ChatMessage, chatMessages } from "./chat.ts";

/** Written by simulated users where there is nothing more to say (tau-bench). */
export const STOP = "###STOP###";

/**
 * The recorded reply, as long as the agent did and said what it did and said in the recording.
 * @returns undefined where the continuation has left the recording; null where the recording ends here
 */
export function recordedReply(rollout: Rollout, messages: readonly ChatMessage[]): string | null | undefined {
	const recorded = chatMessages(rollout.steps);
	const same = messages.every((message, index) => {
		const other = recorded[index];
		return other !== undefined && saidKey(other) === saidKey(message);
	});
	if (!same) return undefined;
	const next = recorded[messages.length];
	if (next === undefined) return null;
	return next.role === "user" ? (next.content ?? "") : undefined;
}

function saidKey({ role, content, tool_calls: calls }: ChatMessage): string {
	const text = role === "tool" ? "" : (content ?? "").replace(/\s+/g, " ").trim();
	const made = (calls ?? []).map(
		({ function: called }): JsonValue => [called.name, called.arguments.replace(/\s+/g, "")],
	);
	return canonicalJson([role, text, made]);
}

/** The script's next line: as many have been said as the user has spoken since the fork. */
export function scriptedReply(
	script: readonly string[],
	prefixLength: number,
	messages: readonly ChatMessage[],
): string | null {
	const said = messages.slice(prefixLength).filter(({ role }) => role === "user").length;
	return script[said] ?? null;
}

/** The conversation as the simulated user sees it: its own words as the assistant's, no tools, its instruction first. */
export function mirrored(instruction: string, messages: readonly ChatMessage[]): ChatMessage[] {
	const seen = messages.flatMap((message): ChatMessage[] => {
		if (message.role === "user") return [{ role: "assistant", content: message.content }];
		const says = message.role === "assistant" && (message.tool_calls ?? []).length === 0;
		return says ? [{ role: "user", content: message.content ?? "" }] : [];
	});
	return [{ role: "system", content: instruction }, ...seen];
}

/** What the simulated user said; null where that was the end. */
export function simulatedReply(content: string | null): string | null {
	const text = (content ?? "").trim();
	return text === "" || text.includes(STOP) ? null : text;
}
