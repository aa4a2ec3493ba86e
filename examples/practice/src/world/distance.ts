// How far a state is from success for somebody who makes no mistake and knows only what the agent knows: the yardstick of right and wrong.
import { type Action, callTool, fieldOf, orderOf, say, writeCall } from "./actions.ts";
import type { DeskOrder } from "./desk.ts";
import { itemsOf, type Memory, wrapPhase } from "./memory.ts";
import { settleCall } from "./procedure.ts";
import { callDesk, isLost, type State } from "./state.ts";
import { differingFields, type Job, type OrderState, type Task } from "./tasks.ts";
import { TOOLS } from "./tools.ts";

/**
 * Least number of agent steps to success without acting on anything unknown; Infinity when success is out of reach or the steps
 * left do not suffice. Readings that only reassure are not counted.
 */
export function distance(task: Task, state: State): number {
	if (isLost(task, state)) return Number.POSITIVE_INFINITY;
	const { desk, memory, talk } = state;
	if (desk.closed) return 0;
	let steps = 1 + openPrelude(task, memory);
	if (memory.phase !== wrapPhase(task)) steps += task.jobs.length - talk.revealed + 1;
	task.orders.forEach(({ goal }, index) => {
		const order = desk.orders[index]!;
		const job = task.jobs.findIndex((entry) => entry.order === index);
		steps += deskSteps(order, goal);
		if (job >= 0) steps += questionSteps(task, state, job) + tellSteps(task, state, job);
	});
	const left = memory.ended === "" ? memory.budget - memory.step : 0;
	return steps > left ? Number.POSITIVE_INFINITY : steps;
}

function openPrelude(task: Task, memory: Memory): number {
	if (memory.phase > 0) return 0;
	return itemsOf(task, memory).filter((_, index) => (memory.done & (1 << index)) === 0).length;
}

/** Calls that bring an order to its goal. */
function deskSteps(order: OrderState, goal: OrderState): number {
	const writes = differingFields(order, goal).length;
	let steps = writes;
	if (order.status === "packing" && writes > 0) steps += 2;
	if (order.status === "held" && goal.status !== "cancelled") steps += 1;
	if (isSetByCall(goal.status) && order.status !== goal.status) steps += 1;
	if (goal.refund !== order.refund) steps += 1;
	return steps;
}

function isSetByCall(status: OrderState["status"]): boolean {
	return status === "dispatched" || status === "cancelled" || status === "replaced";
}

/** Questions whose answers are still needed. */
function questionSteps(task: Task, { desk, memory, talk }: State, job: number): number {
	const spec = task.jobs[job]!;
	const order = desk.orders[spec.order]!;
	let steps = 0;
	task.slots.forEach((slot, index) => {
		if (slot.job !== job || slot.kind === "day" || memory.known[index] !== null) return;
		if (isDecided(spec, slot.kind, order)) return;
		steps += slot.vague && (talk.vague & (1 << index)) === 0 ? 2 : 1;
	});
	return steps;
}

/** Whether an answer comes too late to matter. */
function isDecided(job: Job, kind: string, order: DeskOrder): boolean {
	if (job.kind === "lost" || kind === "refund") return order.refund !== "none" || order.status === "replaced";
	return order.status === "dispatched" || order.status === "cancelled";
}

function tellSteps(task: Task, { memory, talk }: State, job: number): number {
	const spec = task.jobs[job]!;
	if (spec.kind !== "day" || talk.told[job] === task.orders[spec.order]!.day) return 0;
	const slot = task.slots.findIndex((entry) => entry.job === job);
	return memory.known[slot] === null ? 2 : 1;
}

/** Whether an action stakes something on what the agent does not know: a guess, an unconfirmed cancellation, an unasked closing. */
export function isUnfounded(task: Task, memory: Memory, action: Action): boolean {
	if (action.kind === "say") return false;
	if (action.tool === "close_ticket") return memory.phase !== wrapPhase(task);
	const order = orderOf(task, action.args);
	const kind = slotKindOf(task, action.tool, order);
	if (kind === null) return false;
	return task.slots.some(
		(slot, index) => slot.kind === kind && task.jobs[slot.job]!.order === order && memory.known[index] === null,
	);
}

/** Whether an action that brings success no nearer is more than lost time: it wrote something, or told the customer what is not so. */
export function isMisplaced(task: Task, { desk }: State, action: Action): boolean {
	if (action.kind === "call") {
		const writes = TOOLS.some(
			(tool) => tool.name === action.tool && tool.effect !== "read" && tool.name !== "add_note",
		);
		return writes && callDesk(task, desk, action).observation.ok;
	}
	if (action.say.topic === "tell") return task.orders[action.say.order]?.day !== action.say.day;
	if (action.say.topic !== "claim") return false;
	const { order, field } = action.say;
	return desk.orders[order]?.[field] !== task.orders[order]?.goal[field];
}

function slotKindOf(task: Task, tool: string, order: number): string | null {
	const field = fieldOf(tool);
	if (field !== null) return field;
	if (tool === "cancel_order") return "confirm";
	if (tool !== "issue_refund" && tool !== "send_replacement") return null;
	return task.jobs.find((job) => job.order === order)?.kind === "lost" ? "remedy" : "refund";
}

/** Actions that somebody who knew everything might take: every step that some part of the task still needs. */
export function usefulActions(task: Task, { desk, memory, talk }: State): Action[] {
	const actions: Action[] = [
		callTool("find_customer", { email: task.customer.email }),
		callTool("list_orders", { customer_id: task.customer.id }),
		say({ topic: "more" }),
		callTool("close_ticket", { resolution: "solved" }),
	];
	task.slots.forEach((slot, index) => {
		if (slot.kind !== "day" && slot.job < talk.revealed && memory.known[index] === null) {
			actions.push(say({ topic: "ask", slot: index }));
		}
	});
	task.orders.forEach((spec, index) => {
		const order = desk.orders[index]!;
		for (const field of differingFields(order, spec.goal))
			actions.push(writeCall(task, index, field, spec.goal[field]));
		actions.push(...statusCalls(spec.id, order, spec.goal));
	});
	task.jobs.forEach((job, index) => {
		const { id, day } = task.orders[job.order]!;
		if (job.kind !== "day" || talk.told[index] === day) return;
		actions.push(callTool("track_parcel", { order_id: id }), say({ topic: "tell", order: job.order, day }));
	});
	return actions;
}

function statusCalls(id: string, order: DeskOrder, goal: OrderState): Action[] {
	const calls: Action[] = [];
	const named = (tool: string) => calls.push(callTool(tool, { order_id: id }));
	if (order.status === "packing") named("hold_order");
	if (order.status === "held") named("release_order");
	if (goal.status === "dispatched" && order.status !== "dispatched") named("dispatch_order");
	if (goal.status === "cancelled" && order.status !== "cancelled") named("cancel_order");
	if (goal.status === "replaced" && order.status !== "replaced") named("send_replacement");
	if (goal.refund !== order.refund) calls.push(settleCall(id, goal.refund));
	return calls;
}
