// The values that the order desk knows: fields of an order, answers of a customer, days.

/** Fields of an order that may be changed, with every value they can take. */
export const FIELDS = {
	address: ["home", "work", "locker"],
	size: ["S", "M", "L"],
	shipping: ["standard", "express"],
	coupon: ["none", "SPRING10"],
} as const;
export type Field = keyof typeof FIELDS;
export const FIELD_NAMES: readonly Field[] = ["address", "size", "shipping", "coupon"];

/** What may be asked of a customer about one order, with every answer. `day` is read from the carrier, not asked. */
export const ANSWERS = {
	address: FIELDS.address,
	size: FIELDS.size,
	shipping: FIELDS.shipping,
	coupon: FIELDS.coupon,
	confirm: ["yes"],
	refund: ["card", "credit"],
	remedy: ["card", "credit", "replacement"],
	day: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
} as const;
export type SlotKind = keyof typeof ANSWERS;

/**
 * `open` may be changed and sent; `packing` must be put on hold before a change; `held` must be released before it is sent;
 * `transit` and `lost` left the desk earlier (only the carrier knows which); the last three are final.
 */
export const STATUSES = ["open", "packing", "held", "transit", "lost", "dispatched", "cancelled", "replaced"] as const;
export type Status = (typeof STATUSES)[number];

export type Refund = "none" | "card" | "credit";
export const REFUNDS: readonly Refund[] = ["none", "card", "credit"];
