// Meaning of prose: how the agent and the customer understand what they read, also after a person changed it.
import type { Say } from "./actions.ts";
import type { Reply } from "./customer.ts";
import type { Task } from "./tasks.ts";
import { ANSWERS, FIELD_NAMES, type SlotKind } from "./words.ts";

/** Words that show what a question is about; the first that fits decides. */
const QUESTION_WORDS: [SlotKind, RegExp][] = [
	["remedy", /replacement|make up/i],
	["confirm", /cancel/i],
	["refund", /refund|money/i],
	["address", /address|deliver/i],
	["size", /\bsize\b/i],
	["shipping", /shipping/i],
	["coupon", /coupon/i],
];

/** What an assistant message without a call means. */
export function readSay(task: Task, text: string): Say {
	const order = task.orders.findIndex((entry) => text.includes(entry.id));
	const question = text.includes("?");
	if (question && /anything else|any other|further/i.test(text)) return { topic: "more" };
	if (question && order >= 0) return readQuestion(task, order, text);
	if (/goodbye/i.test(text)) return { topic: "bye" };
	if (/colleague takes over/i.test(text)) return { topic: "handover" };
	if (order >= 0) return readStatement(order, text);
	return /one moment/i.test(text) ? { topic: "chat" } : { topic: "other" };
}

function readQuestion(task: Task, order: number, text: string): Say {
	for (const [kind, words] of QUESTION_WORDS) {
		if (!words.test(text)) continue;
		const slot = task.slots.findIndex((entry) => entry.kind === kind && task.jobs[entry.job]!.order === order);
		if (slot >= 0) return { topic: "ask", slot };
	}
	return { topic: "other" };
}

function readStatement(order: number, text: string): Say {
	const day = ANSWERS.day.find((name) => text.includes(name));
	if (day !== undefined) return { topic: "tell", order, day };
	const field = FIELD_NAMES.find((name) => text.includes(name));
	return field !== undefined && /have changed/i.test(text) ? { topic: "claim", order, field } : { topic: "other" };
}

/** What a customer's message means as an answer to what the agent said. */
export function readReply(task: Task, said: Say, text: string): Reply {
	if (said.topic === "ask") return readAnswer(task, said.slot, text);
	if (said.topic !== "more") return { kind: "okay" };
	const job = task.jobs.findIndex((entry) => text.includes(task.orders[entry.order]!.item));
	if (job >= 0) return { kind: "request", job };
	return /that is all|nothing else|that's all|^no\b/i.test(text) ? { kind: "all" } : { kind: "okay" };
}

/** An answer counts when it names exactly one of the possible values. */
function readAnswer(task: Task, slot: number, text: string): Reply {
	const { kind } = task.slots[slot]!;
	const values: readonly string[] = ANSWERS[kind];
	const flags = kind === "size" ? "" : "i";
	const named = values.filter((value) => new RegExp(`\\b${value}\\b`, flags).test(text));
	return named.length === 1 ? { kind: "value", slot, value: named[0]! } : { kind: "vague" };
}
