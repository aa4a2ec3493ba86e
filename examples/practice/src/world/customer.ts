// The customer: a script that answers what is asked and tells one wish at a time.
import type { Say } from "./actions.ts";
import type { Task } from "./tasks.ts";

/** What the customer remembers, and what was said to them. Sets are bit masks. */
export interface Talk {
	/** Jobs told so far; the first message tells the first. */
	revealed: number;
	/** Slots to which a vague answer was given. */
	vague: number;
	/** Jobs whose cancellation was confirmed. */
	consent: number;
	/** The day that the customer was last told, by job. */
	told: readonly (string | null)[];
	/** An order was cancelled that nobody had confirmed. */
	unconfirmed: boolean;
}

export type Reply =
	| { kind: "value"; slot: number; value: string }
	| { kind: "vague" }
	| { kind: "request"; job: number }
	| { kind: "all" }
	| { kind: "okay" }
	| { kind: "puzzled" }
	/** The conversation is over; no message follows. */
	| { kind: "end" };

export function openTalk(task: Task): Talk {
	return { revealed: 1, vague: 0, consent: 0, told: task.jobs.map(() => null), unconfirmed: false };
}

export function replyTo(task: Task, talk: Talk, said: Say): { reply: Reply; talk: Talk } {
	switch (said.topic) {
		case "ask":
			return answerQuestion(task, talk, said.slot);
		case "more":
			if (talk.revealed >= task.jobs.length) return { reply: { kind: "all" }, talk };
			return { reply: { kind: "request", job: talk.revealed }, talk: { ...talk, revealed: talk.revealed + 1 } };
		case "tell":
			return { reply: { kind: "okay" }, talk: hear(task, talk, said.order, said.day) };
		case "claim":
		case "chat":
			return { reply: { kind: "okay" }, talk };
		case "handover":
		case "bye":
			return { reply: { kind: "end" }, talk };
		case "other":
			return { reply: { kind: "puzzled" }, talk };
	}
}

function answerQuestion(task: Task, talk: Talk, index: number): { reply: Reply; talk: Talk } {
	const slot = task.slots[index];
	if (slot === undefined || slot.kind === "day") return { reply: { kind: "puzzled" }, talk };
	const bit = 1 << index;
	if (slot.vague && (talk.vague & bit) === 0)
		return { reply: { kind: "vague" }, talk: { ...talk, vague: talk.vague | bit } };
	const consent = slot.kind === "confirm" ? talk.consent | (1 << slot.job) : talk.consent;
	return { reply: { kind: "value", slot: index, value: slot.value }, talk: { ...talk, consent } };
}

function hear(task: Task, talk: Talk, order: number, day: string): Talk {
	const told = talk.told.slice();
	const job = task.jobs.findIndex((entry) => entry.order === order);
	if (job >= 0) told[job] = day;
	return { ...talk, told };
}

/** The customer's side of a cancellation: it must have been confirmed before. */
export function witnessCancellation(task: Task, talk: Talk, order: number): Talk {
	const job = task.jobs.findIndex((entry) => entry.kind === "cancel" && entry.order === order);
	const confirmed = job >= 0 && (talk.consent & (1 << job)) !== 0;
	return confirmed ? talk : { ...talk, unconfirmed: true };
}
