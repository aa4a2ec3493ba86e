// Typed hints: short marks that a person may write into any message and that change how the agent goes on.
import type { Task } from "./tasks.ts";
import { ANSWERS } from "./words.ts";

/** `careful` makes slips rarer, `hurry` more frequent and skips reviews, `thorough` notices everything, `stop` hands over. */
export type Hint = { kind: "careful" | "hurry" | "thorough" | "stop" } | { kind: "value"; slot: number; value: string };

const MARK = /\[hint: ([^\]\n]{1,80})\]/g;
const PLAIN = new Set(["careful", "hurry", "thorough", "stop"]);

/** Hints in a text: `[hint: careful]`, `[hint: hurry]`, `[hint: thorough]`, `[hint: stop]`, `[hint: O-10701 address work]`. */
export function readHints(task: Task, text: string): Hint[] {
	if (!text.includes("[hint:")) return [];
	const hints: Hint[] = [];
	for (const [, body] of text.matchAll(MARK)) {
		const hint = readHint(task, body!.trim());
		if (hint !== null) hints.push(hint);
	}
	return hints;
}

function readHint(task: Task, body: string): Hint | null {
	if (PLAIN.has(body)) return { kind: body as "careful" | "hurry" | "thorough" | "stop" };
	const [order, kind, value] = body.split(/\s+/);
	const slot = task.slots.findIndex(
		(entry) => entry.kind === kind && task.orders[task.jobs[entry.job]!.order]!.id === order,
	);
	const fits =
		slot >= 0 && value !== undefined && (ANSWERS[task.slots[slot]!.kind] as readonly string[]).includes(value);
	return fits ? { kind: "value", slot, value } : null;
}
