// What the agent remembers: a finite digest of the conversation, folded step by step from what it did and saw.
// It is all that the policy looks at, so a changed message changes behaviour exactly as far as it changes this.
import { type Action, type CallAction, fieldOf, orderOf, type Say } from "./actions.ts";
import type { Reply } from "./customer.ts";
import type { Observation } from "./desk.ts";
import type { Hint } from "./hints.ts";
import type { Item, Task } from "./tasks.ts";
import { ANSWERS, FIELD_NAMES, type Field } from "./words.ts";

export interface Memory {
	/** Agent steps taken. */
	step: number;
	/** Agent steps allowed. */
	budget: number;
	/** Index into the task's phases. */
	phase: number;
	/** Items of the phase that the agent believes done, as bits. */
	done: number;
	/** What was learnt, by slot. */
	known: readonly (string | null)[];
	/** Status of the phase's order as last seen; "" before it was seen. */
	status: string;
	/** The last call failed; `form` marks a slip of the pen that is always put right. */
	alarm: "" | "error" | "form";
	/** Times in a row that something was read again without need, at most 2. */
	spin: number;
	/** What the last reading showed to be wrong. */
	mismatch: { order: number; field: Field } | null;
	/** An order whose parcel came back, -1 for none, and whether it has been looked at since. */
	returned: number;
	looked: boolean;
	careful: boolean;
	hurry: boolean;
	thorough: boolean;
	stop: boolean;
	ended: "" | "closed" | "over";
}

export type Seen = { from: "tool"; observation: Observation } | { from: "customer"; reply: Reply };

export function freshMemory(task: Task, budget = task.budget): Memory {
	return {
		step: 0,
		budget,
		phase: 0,
		done: 0,
		known: task.slots.map(() => null),
		status: "",
		alarm: "",
		spin: 0,
		mismatch: null,
		returned: -1,
		looked: false,
		careful: false,
		hurry: false,
		thorough: false,
		stop: false,
		ended: "",
	};
}

export function wrapPhase(task: Task): number {
	return task.phases.length - 1;
}

/** Items of the phase in hand. */
export function itemsOf(task: Task, memory: Memory): readonly Item[] {
	return task.phases[memory.phase] ?? [];
}

/** Whether an item still has to be done, as far as the agent knows. */
export function isOpen(task: Task, memory: Memory, index: number): boolean {
	if ((memory.done & (1 << index)) !== 0) return false;
	const { kind, slot } = itemsOf(task, memory)[index]!;
	if (kind === "ask") return memory.known[slot] === null;
	if (kind === "hold") return memory.status === "packing" && someSetOpen(task, memory);
	if (kind === "release") return memory.status === "held";
	return true;
}

function someSetOpen(task: Task, memory: Memory): boolean {
	return itemsOf(task, memory).some((item, index) => item.kind === "set" && (memory.done & (1 << index)) === 0);
}

/** Index of the next item that is to be done, -1 when none is left. */
export function nextItem(task: Task, memory: Memory, after = -1): number {
	const items = itemsOf(task, memory);
	for (let index = after + 1; index < items.length; index++) if (isOpen(task, memory, index)) return index;
	return -1;
}

/** The memory after one agent step and what came back. */
export function remember(task: Task, before: Memory, action: Action, seen: Seen): Memory {
	const memory: Memory = { ...before, step: before.step + 1, alarm: "", mismatch: null };
	const pending = before.alarm === "error" ? nextItem(task, before) : -1;
	if (action.kind === "say") rememberSaying(task, memory, action.say, seen.from === "customer" ? seen.reply : null);
	else if (seen.from === "tool") rememberCall(task, memory, action, seen.observation);
	const movedOn = memory.phase === before.phase && memory.done !== before.done;
	if (pending >= 0 && movedOn) memory.done |= 1 << pending;
	if (memory.phase === 0 && nextItem(task, memory) < 0) enter(memory, 1);
	return memory;
}

/** The memory after reading hints, which may stand in any message. */
export function takeHints(before: Memory, hints: readonly Hint[]): Memory {
	if (hints.length === 0) return before;
	const memory = { ...before };
	for (const hint of hints) {
		if (hint.kind !== "value") memory[hint.kind] = true;
		else learn(memory, hint.slot, hint.value);
	}
	return memory;
}

function mark(task: Task, memory: Memory, matches: (item: Item) => boolean): boolean {
	const items = itemsOf(task, memory);
	const index = items.findIndex((item, position) => (memory.done & (1 << position)) === 0 && matches(item));
	if (index < 0) return false;
	memory.done |= 1 << index;
	return true;
}

function markAll(task: Task, memory: Memory, matches: (item: Item, index: number) => boolean): void {
	itemsOf(task, memory).forEach((item, index) => {
		if (matches(item, index)) memory.done |= 1 << index;
	});
}

function learn(memory: Memory, slot: number, value: string): void {
	const known = memory.known.slice();
	known[slot] = value;
	memory.known = known;
}

function enter(memory: Memory, phase: number): void {
	memory.phase = phase;
	memory.done = 0;
	memory.status = "";
}

function rememberSaying(task: Task, memory: Memory, said: Say, reply: Reply | null): void {
	memory.spin = 0;
	if (said.topic === "claim") mark(task, memory, (item) => item.kind === "set" && item.field === said.field);
	if (said.topic === "tell") mark(task, memory, (item) => item.kind === "tell");
	if (said.topic === "handover" || said.topic === "bye") memory.ended = "over";
	if (reply?.kind === "value") learn(memory, reply.slot, reply.value);
	if (said.topic !== "more") return;
	if (reply?.kind === "request") enter(memory, reply.job + 1);
	if (reply?.kind === "all") enter(memory, wrapPhase(task));
}

function rememberCall(task: Task, memory: Memory, action: CallAction, observation: Observation): void {
	if (!observation.ok) {
		rememberRefusal(memory, observation.error);
		return;
	}
	const { data } = observation;
	if (action.tool !== "get_order" && action.tool !== "track_parcel") memory.spin = 0;
	rememberReturn(task, memory, data);
	rememberSuccess(task, memory, action, data);
}

function rememberRefusal(memory: Memory, error: string): void {
	memory.alarm = error.includes("capital letter") ? "form" : "error";
	memory.spin = 0;
	if (error.includes("being packed")) memory.status = "packing";
	if (error.includes("on hold; release")) memory.status = "held";
	if (error.includes("ticket is closed")) memory.ended = "closed";
}

/** The notice that a parcel came back can stand in any result. */
function rememberReturn(task: Task, memory: Memory, data: Readonly<Record<string, unknown>>): void {
	const order = task.orders.findIndex((entry) => entry.id === data.came_back);
	if (order < 0) return;
	memory.returned = order;
	memory.looked = false;
}

type Data = Readonly<Record<string, unknown>>;

/** Results may have been edited into anything: what is not text counts as none. */
function textOf(value: unknown): string {
	return typeof value === "string" ? value : "";
}

type Digest = (task: Task, memory: Memory, order: number, data: Data) => void;

function rememberSuccess(task: Task, memory: Memory, action: CallAction, data: Data): void {
	const order = orderOf(task, action.args);
	const field = fieldOf(action.tool);
	if (field !== null) rememberWrite(task, memory, order, field);
	else if (Object.hasOwn(DIGESTS, action.tool)) DIGESTS[action.tool]!(task, memory, order, data);
}

const rememberHold: Digest = (task, memory, order, data) => {
	if (order === currentOrder(task, memory)) memory.status = textOf(data.status);
};

const DIGESTS: Record<string, Digest> = {
	find_customer: (task, memory) => mark(task, memory, (item) => item.kind === "find"),
	list_orders: (task, memory, _, data) => rememberList(task, memory, data),
	get_order: rememberLook,
	track_parcel: rememberTrack,
	hold_order: rememberHold,
	release_order: rememberHold,
	dispatch_order: rememberDispatch,
	cancel_order: (task, memory) => markUpTo(task, memory, "cancel"),
	issue_refund: (task, memory) => markUpTo(task, memory, "settle"),
	send_replacement: (task, memory) => markUpTo(task, memory, "settle"),
	close_ticket: (_, memory) => {
		memory.ended = "closed";
	},
};

/** The order that the phase is about, -1 outside jobs. */
export function currentOrder(task: Task, memory: Memory): number {
	return itemsOf(task, memory)[0]?.order ?? -1;
}

/** The agent takes a write for the one that was next in its procedure, even where it went to another order. */
function rememberWrite(task: Task, memory: Memory, order: number, field: Field): void {
	const repaired = memory.returned >= 0 && order === memory.returned && order !== currentOrder(task, memory);
	if (repaired) {
		memory.looked = false;
		return;
	}
	const items = itemsOf(task, memory);
	const index = items.findIndex(
		(item, position) => item.kind === "set" && item.field === field && isUndone(memory, position),
	);
	if (index < 0) return;
	memory.done |= 1 << index;
	const { slot } = items[index]!;
	if (slot >= 0) markAll(task, memory, (item) => item.kind === "ask" && item.slot === slot);
}

function isUndone(memory: Memory, index: number): boolean {
	return (memory.done & (1 << index)) === 0;
}

function rememberDispatch(task: Task, memory: Memory, order: number): void {
	if (order === memory.returned) {
		memory.returned = -1;
		memory.looked = false;
		if (order !== currentOrder(task, memory)) return;
	}
	markUpTo(task, memory, "dispatch");
	if (order === currentOrder(task, memory)) memory.status = "dispatched";
}

/** What cannot be taken back settles everything that stood before it. */
function markUpTo(task: Task, memory: Memory, kind: Item["kind"]): void {
	const last = itemsOf(task, memory).findIndex((item) => item.kind === kind);
	markAll(task, memory, (_, index) => index <= last);
}

function rememberList(task: Task, memory: Memory, data: Data): void {
	mark(task, memory, (item) => item.kind === "list" || item.kind === "recheck");
	const rows = Array.isArray(data.orders) ? data.orders : [];
	for (const row of rows) {
		if (memory.mismatch !== null || typeof row !== "object" || row === null) continue;
		memory.mismatch = mismatchIn(task, memory, row as Data);
	}
}

function rememberLook(task: Task, memory: Memory, order: number, data: Data): void {
	if (order >= 0 && order === memory.returned) memory.looked = true;
	else if (order === currentOrder(task, memory) && markLook(task, memory)) memory.spin = 0;
	else memory.spin = Math.min(2, memory.spin + 1);
	if (order === currentOrder(task, memory)) memory.status = textOf(data.status);
	memory.mismatch = mismatchIn(task, memory, data);
}

function markLook(task: Task, memory: Memory): boolean {
	if (mark(task, memory, (item) => item.kind === "look")) return true;
	return !someSetOpen(task, memory) && mark(task, memory, (item) => item.kind === "review");
}

function rememberTrack(task: Task, memory: Memory, order: number, data: Data): void {
	const items = itemsOf(task, memory);
	const index = items.findIndex((item) => item.kind === "track");
	const needed = index >= 0 && isUndone(memory, index) && order === items[index]!.order;
	memory.spin = needed ? 0 : Math.min(2, memory.spin + 1);
	if (!needed) return;
	memory.done |= 1 << index;
	const { slot } = items[index]!;
	const days: readonly string[] = ANSWERS.day;
	if (slot >= 0 && days.includes(textOf(data.arrives))) learn(memory, slot, textOf(data.arrives));
}

const CHANGEABLE = new Set(["open", "held"]);

/** The first field of an order, as shown, that is not what the agent believes it should be by now. */
function mismatchIn(task: Task, memory: Memory, shown: Data): Memory["mismatch"] {
	const order = task.orders.findIndex((entry) => entry.id === shown.order_id);
	if (order < 0 || !CHANGEABLE.has(textOf(shown.status))) return null;
	for (const field of FIELD_NAMES) {
		const expected = expectedValue(task, memory, order, field);
		if (expected !== null && typeof shown[field] === "string" && shown[field] !== expected) return { order, field };
	}
	return null;
}

/** The value that a field should have by now; null when it is still to be set, or when the agent never learnt it. */
export function expectedValue(task: Task, memory: Memory, order: number, field: Field): string | null {
	const job = task.jobs.findIndex((entry) => entry.order === order);
	const index = job < 0 ? -1 : task.phases[job + 1]!.findIndex((item) => item.kind === "set" && item.field === field);
	const start = task.orders[order]!.start[field];
	if (index < 0 || memory.phase < job + 1) return start;
	if (memory.phase === job + 1 && isUndone(memory, index)) return null;
	const item = task.phases[job + 1]![index]!;
	return item.slot >= 0 ? memory.known[item.slot]! : item.value;
}
