// What an agent can do in one step: call one tool, or say one thing to the customer.
import type { Arguments } from "./desk.ts";
import type { Task } from "./tasks.ts";
import type { Field } from "./words.ts";

export type Action = CallAction | SayAction;

export interface CallAction {
	kind: "call";
	tool: string;
	args: Arguments;
}

export interface SayAction {
	kind: "say";
	say: Say;
}

/**
 * `more` asks for further wishes; `claim` says that something was done; `handover` gives the ticket away and `bye` follows
 * a closed ticket, both end the rollout; `other` is text that nobody understands.
 */
export type Say =
	| { topic: "ask"; slot: number }
	| { topic: "more" }
	| { topic: "tell"; order: number; day: string }
	| { topic: "claim"; order: number; field: Field }
	| { topic: "chat" }
	| { topic: "handover" }
	| { topic: "bye" }
	| { topic: "other" };

export function callTool(tool: string, args: Arguments): CallAction {
	return { kind: "call", tool, args };
}

export function say(what: Say): SayAction {
	return { kind: "say", say: what };
}

/** Two actions are the same when this is the same. */
export function actionKey(action: Action): string {
	return action.kind === "call" ? `${action.tool}${JSON.stringify(action.args)}` : JSON.stringify(action.say);
}

/** The call that gives a field of an order a value. */
export function writeCall(task: Task, order: number, field: Field, value: string): CallAction {
	const { id } = task.orders[order]!;
	switch (field) {
		case "address":
			return callTool("set_address", { order_id: id, address: value });
		case "size":
			return callTool("change_size", { order_id: id, size: value });
		case "shipping":
			return callTool("set_shipping", { order_id: id, shipping: value });
		case "coupon":
			return value === "none"
				? callTool("remove_coupon", { order_id: id })
				: callTool("apply_coupon", { order_id: id, code: value });
	}
}

const WRITTEN_FIELD: Record<string, Field> = {
	set_address: "address",
	change_size: "size",
	set_shipping: "shipping",
	apply_coupon: "coupon",
	remove_coupon: "coupon",
};

/** The field that a tool writes, or null. */
export function fieldOf(tool: string): Field | null {
	return Object.hasOwn(WRITTEN_FIELD, tool) ? WRITTEN_FIELD[tool]! : null;
}

/** The index of the order that a call names, -1 where it names none of the task's. */
export function orderOf(task: Task, args: Arguments): number {
	return task.orders.findIndex((order) => order.id === args.order_id);
}
