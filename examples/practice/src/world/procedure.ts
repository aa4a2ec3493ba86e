// The desk's procedure: which item is due, and what doing it means for an agent that knows what it knows.
import { type Action, callTool, say, writeCall } from "./actions.ts";
import { isOpen, itemsOf, type Memory, nextItem, wrapPhase } from "./memory.ts";
import type { Item, Task } from "./tasks.ts";

/** The item that the procedure asks for now. Reviews are left out when time is short. */
export function dueItem(task: Task, memory: Memory): Item {
	if (memory.returned >= 0) return returnedItem(memory);
	const index = nextItem(task, memory);
	const item = itemsOf(task, memory)[index];
	if (item === undefined) return { kind: "close", order: -1, slot: -1, field: null, value: null };
	const optional = item.kind === "review" || item.kind === "recheck";
	if (!optional || memory.thorough || !isShort(task, memory)) return item;
	return itemsOf(task, memory)[nextItem(task, memory, index)] ?? item;
}

function returnedItem(memory: Memory): Item {
	const kind = memory.looked ? "dispatch" : "look";
	return { kind, order: memory.returned, slot: -1, field: null, value: null };
}

/** Whether the steps left suffice only for what must be done in this phase and for closing. */
function isShort(task: Task, memory: Memory): boolean {
	if (memory.hurry) return true;
	let needed = memory.phase === wrapPhase(task) ? 0 : 1;
	itemsOf(task, memory).forEach((item, index) => {
		if (item.kind !== "review" && item.kind !== "recheck" && isOpen(task, memory, index)) needed++;
	});
	return memory.budget - memory.step <= needed;
}

/** What the procedure does for an item, given what the agent knows. */
export function plannedAction(task: Task, memory: Memory, item: Item): Action {
	const id = task.orders[item.order]?.id ?? "";
	const known = item.slot >= 0 ? memory.known[item.slot]! : item.value;
	switch (item.kind) {
		case "find":
			return callTool("find_customer", { email: task.customer.email });
		case "list":
		case "recheck":
			return callTool("list_orders", { customer_id: task.customer.id });
		case "look":
		case "review":
			return callTool("get_order", { order_id: id });
		case "ask":
			return say({ topic: "ask", slot: item.slot });
		case "track":
			return callTool("track_parcel", { order_id: id });
		case "hold":
			return callTool("hold_order", { order_id: id });
		case "release":
			return callTool("release_order", { order_id: id });
		case "set":
			return known === null ? say({ topic: "ask", slot: item.slot }) : writeCall(task, item.order, item.field!, known);
		case "dispatch":
			return callTool("dispatch_order", { order_id: id });
		case "cancel":
			return known === null ? say({ topic: "ask", slot: item.slot }) : callTool("cancel_order", { order_id: id });
		case "settle":
			return known === null ? say({ topic: "ask", slot: item.slot }) : settleCall(id, known);
		case "tell":
			return known === null
				? callTool("track_parcel", { order_id: id })
				: say({ topic: "tell", order: item.order, day: known });
		case "more":
			return say({ topic: "more" });
		case "close":
			return callTool("close_ticket", { resolution: "solved" });
	}
}

/** How a customer's wish for their money or their parcel is met. */
export function settleCall(id: string, wish: string): Action {
	return wish === "replacement"
		? callTool("send_replacement", { order_id: id })
		: callTool("issue_refund", { order_id: id, to: wish });
}
