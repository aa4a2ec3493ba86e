// The order desk as a value: what its tools do to it. No clock, no hidden state; chance comes in as a number.
import type { OrderState, Task } from "./tasks.ts";
import { differingFields } from "./tasks.ts";
import { FIELDS, type Field, type Status } from "./words.ts";

export interface Desk {
	/** Same order as the task's. */
	orders: DeskOrder[];
	closed: boolean;
	/** Notes on the ticket; nothing depends on them. */
	notes: number;
}

export interface DeskOrder extends OrderState {
	/** Tool calls during which a wrongly sent parcel may still come back to the desk. */
	returnable: number;
}

/** What may be switched on in the world. */
export interface WorldSwitches {
	/** Chance, per tool call, that a wrongly sent parcel comes back; 0 makes every sending final. */
	rescue: number;
}
export const PLAIN_WORLD: WorldSwitches = { rescue: 0 };
/** Tool calls after a wrong sending during which a rescue can happen. */
const RETURN_CALLS = 4;

export type Arguments = Readonly<Record<string, unknown>>;
export type Observation = { ok: true; data: Readonly<Record<string, unknown>> } | { ok: false; error: string };
export interface CallResult {
	desk: Desk;
	observation: Observation;
}

export function openDesk(task: Task): Desk {
	return { orders: task.orders.map((order) => ({ ...order.start, returnable: 0 })), closed: false, notes: 0 };
}

/** A tool's effect. It gets arguments that fit its schema. */
type Effect = (context: { task: Task; desk: Desk; switches: WorldSwitches }, args: Arguments) => CallResult;

/**
 * Carries out one call whose tool exists and whose arguments fit the tool's schema.
 * A call that the desk refuses leaves the desk as it was and answers with the reason.
 */
export function carryOut(task: Task, desk: Desk, tool: ToolName, args: Arguments, switches: WorldSwitches): CallResult {
	if (desk.closed) return refuse(desk, "the ticket is closed");
	return EFFECTS[tool]({ task, desk, switches }, args);
}

function refuse(desk: Desk, error: string): CallResult {
	return { desk, observation: { ok: false, error } };
}

function answer(desk: Desk, data: Record<string, unknown>): CallResult {
	return { desk, observation: { ok: true, data } };
}

/** Does something with the order that `order_id` names, or says what is wrong with the id. */
function withOrder(act: (context: Parameters<Effect>[0], index: number, args: Arguments) => CallResult): Effect {
	return (context, args) => {
		const id = String(args.order_id);
		const index = context.task.orders.findIndex((order) => order.id === id);
		if (index >= 0) return act(context, index, args);
		const reason = /^[a-z]/.test(id) ? `order ids are written with a capital letter: ${id}` : `there is no order ${id}`;
		return refuse(context.desk, reason);
	};
}

function update(desk: Desk, index: number, fields: Partial<DeskOrder>): Desk {
	const orders = desk.orders.slice();
	orders[index] = { ...orders[index]!, ...fields };
	return { ...desk, orders };
}

/** Order as the tools show it. Orders that the carrier lost look as if they were on their way. */
function view(task: Task, desk: Desk, index: number): Record<string, unknown> {
	const spec = task.orders[index]!;
	const order = desk.orders[index]!;
	return {
		order_id: spec.id,
		item: spec.item,
		status: order.status === "lost" ? "transit" : order.status,
		address: order.address,
		size: order.size,
		shipping: order.shipping,
		coupon: order.coupon,
		refund: order.refund,
	};
}

const WHY_FIXED: Partial<Record<Status, string>> = {
	packing: "is being packed; put it on hold first",
	transit: "has left the desk",
	lost: "has left the desk",
	dispatched: "has been sent",
	cancelled: "is cancelled",
	replaced: "has been replaced",
};

function setField(field: Field, argument: string | null, fixed?: string): Effect {
	return withOrder(({ task, desk }, index, args) => {
		const { id } = task.orders[index]!;
		const why = WHY_FIXED[desk.orders[index]!.status];
		if (why !== undefined) return refuse(desk, `order ${id} ${why}`);
		const value = fixed ?? String(args[argument ?? field]);
		const next = update(desk, index, { [field]: value });
		return answer(next, { order_id: id, [field]: value, status: next.orders[index]!.status });
	});
}

const findCustomer: Effect = ({ task, desk }, args) => {
	const { id, name, email } = task.customer;
	if (args.email !== email) return refuse(desk, `no customer writes from ${String(args.email)}`);
	return answer(desk, { customer_id: id, name, orders: task.orders.length });
};

const listOrders: Effect = ({ task, desk }, args) => {
	if (args.customer_id !== task.customer.id) return refuse(desk, `there is no customer ${String(args.customer_id)}`);
	return answer(desk, { orders: task.orders.map((_, index) => view(task, desk, index)) });
};

const getOrder = withOrder(({ task, desk }, index) => answer(desk, view(task, desk, index)));

const trackParcel = withOrder(({ task, desk }, index) => {
	const { id, day } = task.orders[index]!;
	const { status } = desk.orders[index]!;
	if (status === "lost") return answer(desk, { order_id: id, carrier: "lost" });
	if (status === "transit") return answer(desk, { order_id: id, carrier: "on its way", arrives: day });
	return answer(desk, { order_id: id, carrier: status === "dispatched" ? "handed over" : "not yet handed over" });
});

const checkStock: Effect = ({ task, desk }, args) => {
	const known = task.orders.some((order) => order.item === args.item);
	if (!known) return refuse(desk, `the shop has no ${String(args.item)}`);
	return answer(desk, { item: args.item, in_stock: [...FIELDS.size] });
};

const RULES: Record<string, string> = {
	changes: "Ask for what the request leaves open. Put an order that is being packed on hold before changing it.",
	cancellations: "Cancel only what the customer confirmed, then ask where the refund goes.",
	parcels: "Lost parcels are replaced or refunded, as the customer prefers.",
};
const readPolicy: Effect = ({ desk }, args) =>
	answer(desk, { topic: args.topic, rule: RULES[String(args.topic)] ?? "no rule" });

const holdOrder = withOrder(({ task, desk }, index) => {
	const { id } = task.orders[index]!;
	const { status } = desk.orders[index]!;
	if (status !== "open" && status !== "packing") return refuse(desk, `order ${id} cannot be held: it is ${status}`);
	return answer(update(desk, index, { status: "held" }), { order_id: id, status: "held" });
});

const releaseOrder = withOrder(({ task, desk }, index) => {
	const { id, start } = task.orders[index]!;
	if (desk.orders[index]!.status !== "held") return refuse(desk, `order ${id} is not on hold`);
	const status = start.status === "packing" ? "packing" : "open";
	return answer(update(desk, index, { status }), { order_id: id, status });
});

const dispatchOrder = withOrder(({ task, desk, switches }, index) => {
	const { id, goal } = task.orders[index]!;
	const order = desk.orders[index]!;
	if (order.status === "held") return refuse(desk, `order ${id} is on hold; release it first`);
	if (order.status !== "open" && order.status !== "packing") {
		return refuse(desk, `order ${id} cannot be sent: it is ${order.status}`);
	}
	const wrong = goal.status !== "dispatched" || differingFields(order, goal).length > 0;
	const returnable = wrong && switches.rescue > 0 ? RETURN_CALLS : 0;
	return answer(update(desk, index, { status: "dispatched", returnable }), { order_id: id, status: "dispatched" });
});

const cancelOrder = withOrder(({ task, desk }, index) => {
	const { id } = task.orders[index]!;
	const { status } = desk.orders[index]!;
	if (status !== "open" && status !== "packing" && status !== "held") {
		return refuse(desk, `order ${id} cannot be cancelled: it is ${status}`);
	}
	return answer(update(desk, index, { status: "cancelled" }), { order_id: id, status: "cancelled" });
});

const issueRefund = withOrder(({ task, desk }, index, args) => {
	const { id } = task.orders[index]!;
	const order = desk.orders[index]!;
	if (order.status !== "cancelled" && order.status !== "lost")
		return refuse(desk, `order ${id} gives no right to a refund`);
	if (order.refund !== "none") return refuse(desk, `order ${id} has been refunded`);
	const refund = args.to === "card" ? "card" : "credit";
	return answer(update(desk, index, { refund }), { order_id: id, refund });
});

const sendReplacement = withOrder(({ task, desk }, index) => {
	const { id } = task.orders[index]!;
	const order = desk.orders[index]!;
	if (order.status !== "lost" || order.refund !== "none")
		return refuse(desk, `order ${id} gives no right to a replacement`);
	return answer(update(desk, index, { status: "replaced" }), { order_id: id, status: "replaced" });
});

const addNote = withOrder(({ task, desk }, index) =>
	answer({ ...desk, notes: desk.notes + 1 }, { order_id: task.orders[index]!.id, noted: true }),
);

const closeTicket: Effect = ({ desk }, args) =>
	answer({ ...desk, closed: true }, { ticket: "closed", as: args.resolution });

const EFFECTS = {
	find_customer: findCustomer,
	list_orders: listOrders,
	get_order: getOrder,
	track_parcel: trackParcel,
	check_stock: checkStock,
	read_policy: readPolicy,
	set_address: setField("address", null),
	change_size: setField("size", null),
	set_shipping: setField("shipping", null),
	apply_coupon: setField("coupon", "code"),
	remove_coupon: setField("coupon", null, "none"),
	hold_order: holdOrder,
	release_order: releaseOrder,
	add_note: addNote,
	dispatch_order: dispatchOrder,
	cancel_order: cancelOrder,
	issue_refund: issueRefund,
	send_replacement: sendReplacement,
	close_ticket: closeTicket,
} satisfies Record<string, Effect>;

export type ToolName = keyof typeof EFFECTS;

/** Whether the desk has a tool of this name. */
export function isTool(name: string): name is ToolName {
	return Object.hasOwn(EFFECTS, name);
}

/**
 * What a tool call does to parcels that were wrongly sent before it: the first of them comes back with the chance
 * `rescue`, all others have one call less to do so. Both desks are given with their probability; one entry when nothing can happen.
 */
export function driftOf(desk: Desk, switches: WorldSwitches): { probability: number; desk: Desk; returned: number }[] {
	const returnable = desk.orders.findIndex((order) => order.returnable > 0);
	if (returnable < 0 || switches.rescue <= 0) return [{ probability: 1, desk, returned: -1 }];
	const aged = {
		...desk,
		orders: desk.orders.map((order) => ({ ...order, returnable: Math.max(0, order.returnable - 1) })),
	};
	const back = update(aged, returnable, { status: "open", returnable: 0 });
	return [
		{ probability: 1 - switches.rescue, desk: aged, returned: -1 },
		{ probability: switches.rescue, desk: back, returned: returnable },
	];
}
