// Harmless oddities: what looks unusual and loses at most time. One function a kind.
import { type Action, callTool, say } from "./actions.ts";
import type { OddityKind } from "./kinds.ts";
import { isOpen, itemsOf, type Memory, wrapPhase } from "./memory.ts";
import { plannedAction } from "./procedure.ts";
import type { Policy } from "./skill.ts";
import type { Weighted } from "./slips.ts";
import type { Item, Task } from "./tasks.ts";

type Oddity = (task: Task, memory: Memory, item: Item) => Action | null;

/** Every oddity that is possible at this decision, all equally likely. */
export function oddities(task: Task, policy: Policy, memory: Memory, item: Item): Weighted<OddityKind>[] {
	const found: Weighted<OddityKind>[] = [];
	for (const kind of policy.oddities) {
		const action = ODDITY_ACTIONS[kind](task, memory, item);
		if (action !== null) found.push({ action, motive: kind, weight: 1 });
	}
	return found;
}

function inJob(task: Task, memory: Memory): boolean {
	return memory.phase > 0 && memory.phase < wrapPhase(task);
}

const penSlip: Oddity = (task, memory, item) => {
	const planned = plannedAction(task, memory, item);
	if (planned.kind !== "call" || typeof planned.args.order_id !== "string") return null;
	return callTool(planned.tool, { ...planned.args, order_id: planned.args.order_id.toLowerCase() });
};

const READS = new Set(["look", "track", "review"]);
const secondLook: Oddity = (task, memory, item) => {
	if (!inJob(task, memory) || READS.has(item.kind) || item.order < 0 || memory.spin > 0) return null;
	return callTool("get_order", { order_id: task.orders[item.order]!.id });
};

const TOPICS = { change: "changes", cancel: "cancellations", lost: "parcels", day: "parcels" };
const policyDetour: Oddity = (task, memory) =>
	inJob(task, memory) ? callTool("read_policy", { topic: TOPICS[task.jobs[memory.phase - 1]!.kind] }) : null;

const stockDetour: Oddity = (task, memory, item) =>
	inJob(task, memory) && item.order >= 0 ? callTool("check_stock", { item: task.orders[item.order]!.item }) : null;

/** A later item of the same job that does not depend on this one: another question, or a change whose value is known. */
const otherOrder: Oddity = (task, memory, item) => {
	if (item.kind !== "ask" && item.kind !== "set") return null;
	const items = itemsOf(task, memory);
	const from = items.indexOf(item);
	const other = items.findIndex(
		(entry, index) => index > from && entry.kind === item.kind && isOpen(task, memory, index),
	);
	if (from < 0 || other < 0 || needsConfirmation(task, item)) return null;
	return plannedAction(task, memory, items[other]!);
};

function needsConfirmation(task: Task, item: Item): boolean {
	return item.kind === "ask" && task.slots[item.slot]!.kind === "confirm";
}

const smallTalk: Oddity = (task, memory) => (inJob(task, memory) ? say({ topic: "chat" }) : null);

const repeatedQuestion: Oddity = (task, memory) => {
	const asked = itemsOf(task, memory).find((entry) => entry.kind === "ask" && memory.known[entry.slot] !== null);
	return asked === undefined ? null : say({ topic: "ask", slot: asked.slot });
};

const extraNote: Oddity = (task, memory, item) =>
	inJob(task, memory) && item.order >= 0
		? callTool("add_note", { order_id: task.orders[item.order]!.id, text: "Customer wrote about this order." })
		: null;

const ODDITY_ACTIONS: Record<OddityKind, Oddity> = {
	pen_slip: penSlip,
	second_look: secondLook,
	policy_detour: policyDetour,
	stock_detour: stockDetour,
	other_order: otherOrder,
	small_talk: smallTalk,
	repeated_question: repeatedQuestion,
	extra_note: extraNote,
};
