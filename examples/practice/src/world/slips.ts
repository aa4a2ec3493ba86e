// Where each kind of slip can happen and what the agent then does. One function a kind.
import { type Action, callTool, say, writeCall } from "./actions.ts";
import type { SlipKind } from "./kinds.ts";
import { isOpen, itemsOf, type Memory, nextItem, wrapPhase } from "./memory.ts";
import { plannedAction, settleCall } from "./procedure.ts";
import type { Policy } from "./skill.ts";
import type { Item, Task } from "./tasks.ts";
import { ANSWERS, FIELDS } from "./words.ts";

export interface Weighted<Motive> {
	action: Action;
	motive: Motive;
	weight: number;
}

/** What a slip may do at a decision: nothing when it cannot happen there. */
type Slip = (context: Decision) => Action[];
interface Decision {
	task: Task;
	memory: Memory;
	item: Item;
	/** Id of the item's order. */
	id: string;
}

/**
 * How often a kind happens beside the others, on an ordinary decision and right after an error. Where the weights of what can happen
 * sum to less than 1, fewer slips happen.
 */
const WEIGHTS: Record<SlipKind, { usual: number; afterError: number }> = {
	wrong_value: { usual: 1, afterError: 0 },
	wrong_order: { usual: 1, afterError: 0 },
	guessed_value: { usual: 0.8, afterError: 0 },
	wrong_refund: { usual: 1, afterError: 0 },
	unasked_close: { usual: 0.5, afterError: 0 },
	unconfirmed_cancel: { usual: 1, afterError: 0 },
	forgotten_item: { usual: 0.6, afterError: 0 },
	premature_dispatch: { usual: 0.6, afterError: 0 },
	wrong_cancel: { usual: 1, afterError: 0 },
	misreported: { usual: 1, afterError: 0 },
	unmade_claim: { usual: 0.6, afterError: 0.3 },
	ignored_error: { usual: 0, afterError: 1 },
	skipped_hold: { usual: 1, afterError: 0.5 },
	ungrounded_id: { usual: 0.12, afterError: 0.25 },
	malformed_call: { usual: 0.12, afterError: 0.25 },
	unknown_tool: { usual: 0.12, afterError: 0.25 },
	stuck_loop: { usual: 0.12, afterError: 0 },
	gave_up: { usual: 0.03, afterError: 0.15 },
};

/** Everything that can go wrong at this decision, with weights. */
export function slips(task: Task, policy: Policy, memory: Memory, item: Item): Weighted<SlipKind>[] {
	const context: Decision = { task, memory, item, id: task.orders[item.order]?.id ?? "" };
	const found: Weighted<SlipKind>[] = [];
	for (const kind of policy.slips) {
		const weight = memory.alarm === "" ? WEIGHTS[kind].usual : WEIGHTS[kind].afterError;
		if (weight === 0) continue;
		const actions = SLIP_ACTIONS[kind](context);
		for (const action of actions) found.push({ action, motive: kind, weight: weight / actions.length });
	}
	return found;
}

/** The next order of the same customer, -1 when there is only one. */
function sibling(task: Task, order: number): number {
	return order >= 0 && task.orders.length > 1 ? (order + 1) % task.orders.length : -1;
}

const wrongValue: Slip = ({ task, memory, item }) => {
	if (item.kind !== "set") return [];
	const right = item.slot >= 0 ? memory.known[item.slot] : item.value;
	if (right === null) return [];
	return FIELDS[item.field!]
		.filter((value) => value !== right)
		.map((value) => writeCall(task, item.order, item.field!, value));
};

const wrongOrder: Slip = ({ task, memory, item }) => {
	const other = sibling(task, item.order);
	const value = item.slot >= 0 ? memory.known[item.slot] : item.value;
	if (item.kind !== "set" || other < 0 || value == null) return [];
	return [writeCall(task, other, item.field!, value)];
};

const guessedValue: Slip = ({ task, memory, item, id }) => {
	if (item.kind !== "ask") return [];
	const use = itemsOf(task, memory).find((entry) => entry.slot === item.slot && entry.kind !== "ask");
	const values: readonly string[] = ANSWERS[task.slots[item.slot]!.kind];
	if (use?.kind === "set") return values.map((value) => writeCall(task, item.order, use.field!, value));
	return use?.kind === "settle" ? values.map((value) => settleCall(id, value)) : [];
};

const wrongRefund: Slip = ({ task, memory, item, id }) => {
	if (item.kind !== "settle" || memory.known[item.slot] === null) return [];
	const values: readonly string[] = ANSWERS[task.slots[item.slot]!.kind];
	return values.filter((value) => value !== memory.known[item.slot]).map((value) => settleCall(id, value));
};

const unaskedClose: Slip = ({ item }) =>
	item.kind === "more" ? [callTool("close_ticket", { resolution: "solved" })] : [];

const unconfirmedCancel: Slip = ({ task, item, id }) =>
	item.kind === "ask" && task.slots[item.slot]!.kind === "confirm" ? [callTool("cancel_order", { order_id: id })] : [];

const forgottenItem: Slip = ({ task, memory, item }) => {
	const sends = itemsOf(task, memory).some((entry) => entry.kind === "dispatch");
	return item.kind === "set" && !sends ? [say({ topic: "more" })] : [];
};

const prematureDispatch: Slip = ({ task, memory, item, id }) => {
	const sends = itemsOf(task, memory).some((entry) => entry.kind === "dispatch");
	return item.kind === "set" && sends ? [callTool("dispatch_order", { order_id: id })] : [];
};

const wrongCancel: Slip = ({ task, item }) => {
	const other = sibling(task, item.order);
	return item.kind === "cancel" && other >= 0 ? [callTool("cancel_order", { order_id: task.orders[other]!.id })] : [];
};

const misreported: Slip = ({ memory, item }) => {
	if (item.kind !== "tell" || memory.known[item.slot] === null) return [];
	const days = ANSWERS.day.filter((day) => day !== memory.known[item.slot]).slice(0, 2);
	return days.map((day) => say({ topic: "tell", order: item.order, day }));
};

const unmadeClaim: Slip = ({ item }) =>
	item.kind === "set" ? [say({ topic: "claim", order: item.order, field: item.field! })] : [];

/** The agent takes the failed call for done and does what comes after it. */
const ignoredError: Slip = ({ task, memory, item }) => {
	if (memory.phase === 0 || memory.phase === wrapPhase(task) || memory.returned >= 0) return [];
	const index = itemsOf(task, memory).indexOf(item);
	const following = itemsOf(task, memory)[nextItem(task, memory, index)];
	return following === undefined ? [] : [plannedAction(task, memory, following)];
};

const skippedHold: Slip = ({ task, memory, item }) => {
	if (item.kind !== "hold") return [];
	const index = itemsOf(task, memory).findIndex((entry, at) => entry.kind === "set" && isOpen(task, memory, at));
	const change = itemsOf(task, memory)[index];
	return change === undefined ? [] : [plannedAction(task, memory, change)].filter((action) => action.kind === "call");
};

/** The planned call with something done to it; nothing where the plan is to speak. */
function spoil(context: Decision, change: (tool: string, args: Record<string, unknown>) => Action | null): Action[] {
	const planned = plannedAction(context.task, context.memory, context.item);
	const spoiled = planned.kind === "call" ? change(planned.tool, { ...planned.args }) : null;
	return spoiled === null ? [] : [spoiled];
}

const ungroundedId: Slip = (context) =>
	spoil(context, (tool, args) =>
		args.order_id === undefined ? null : callTool(tool, { ...args, order_id: `${String(args.order_id)}7` }),
	);

const malformedCall: Slip = (context) =>
	spoil(context, (tool, args) => {
		const key = Object.keys(args).at(-1)!;
		return callTool(tool, { ...args, [key]: [args[key]] });
	});

const unknownTool: Slip = (context) => spoil(context, (tool, args) => callTool(`${tool}_v2`, args));

const stuckLoop: Slip = ({ task, memory, item, id }) => {
	const inJob = memory.phase > 0 && memory.phase < wrapPhase(task);
	const reads = item.kind === "look" || item.kind === "track" || item.kind === "review" || item.order < 0;
	return inJob && !reads ? [callTool("get_order", { order_id: id })] : [];
};

const gaveUp: Slip = ({ task, memory }) =>
	memory.phase > 0 && memory.phase < wrapPhase(task) ? [callTool("close_ticket", { resolution: "unresolved" })] : [];

const SLIP_ACTIONS: Record<SlipKind, Slip> = {
	wrong_value: wrongValue,
	wrong_order: wrongOrder,
	guessed_value: guessedValue,
	wrong_refund: wrongRefund,
	unasked_close: unaskedClose,
	unconfirmed_cancel: unconfirmedCancel,
	forgotten_item: forgottenItem,
	premature_dispatch: prematureDispatch,
	wrong_cancel: wrongCancel,
	misreported,
	unmade_claim: unmadeClaim,
	ignored_error: ignoredError,
	skipped_hold: skippedHold,
	ungrounded_id: ungroundedId,
	malformed_call: malformedCall,
	unknown_tool: unknownTool,
	stuck_loop: stuckLoop,
	gave_up: gaveUp,
};
