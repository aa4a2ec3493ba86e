// A short text that two states share exactly when their futures are the same by construction.
import type { State } from "./state.ts";
import type { OrderState, Task } from "./tasks.ts";
import { differingFields } from "./tasks.ts";
import { ANSWERS, FIELDS, REFUNDS, STATUSES } from "./words.ts";

const ALARMS = ["", "error", "form"];
const SETTLED = 0xfff0;

/**
 * The key of a state that has not ended. Left out are the notes (nothing reads them) and, for orders that are finally as the
 * task wants them, what the agent learnt about them (it can no longer act on it).
 */
export function stateKey(task: Task, { desk, memory, talk }: State): string {
	const { mismatch } = memory;
	const flags =
		(memory.careful ? 1 : 0) |
		(memory.hurry ? 2 : 0) |
		(memory.thorough ? 4 : 0) |
		(memory.stop ? 8 : 0) |
		(memory.looked ? 16 : 0);
	let key = String.fromCharCode(
		memory.budget - memory.step,
		memory.phase,
		memory.done,
		STATUSES.indexOf(memory.status as (typeof STATUSES)[number]) + 1,
		ALARMS.indexOf(memory.alarm) * 4 + memory.spin,
		mismatch === null ? 0 : (mismatch.order + 1) * 4 + Object.keys(FIELDS).indexOf(mismatch.field),
		memory.returned + 1,
		flags,
		talk.revealed,
		talk.vague & 0xffff,
		talk.vague >>> 16,
		talk.consent,
	);
	const settled = task.orders.map(({ goal }, index) => isSettled(desk.orders[index]!, goal));
	desk.orders.forEach((order, index) => {
		key += String.fromCharCode(settled[index]! ? SETTLED : orderCode(order) * 8 + order.returnable);
	});
	task.slots.forEach((slot, index) => {
		const values: readonly string[] = ANSWERS[slot.kind];
		const known = settled[task.jobs[slot.job]!.order]! ? null : memory.known[index]!;
		key += String.fromCharCode(known === null ? 0 : values.indexOf(known) + 1);
	});
	talk.told.forEach((day) => {
		key += String.fromCharCode(day === null ? 0 : (ANSWERS.day as readonly string[]).indexOf(day) + 1);
	});
	return key;
}

function orderCode(order: OrderState): number {
	let code: number = STATUSES.indexOf(order.status);
	code = code * 3 + FIELDS.address.indexOf(order.address as "home");
	code = code * 3 + FIELDS.size.indexOf(order.size as "M");
	code = code * 2 + FIELDS.shipping.indexOf(order.shipping as "standard");
	code = code * 2 + FIELDS.coupon.indexOf(order.coupon as "none");
	return code * 3 + REFUNDS.indexOf(order.refund);
}

/** An order that is finally as the task wants it: nothing can change it and nothing more is wanted of it. */
function isSettled(order: OrderState, goal: OrderState): boolean {
	const final = order.status === "dispatched" || order.status === "replaced" || order.refund !== "none";
	return (
		final && order.status === goal.status && order.refund === goal.refund && differingFields(order, goal).length === 0
	);
}
