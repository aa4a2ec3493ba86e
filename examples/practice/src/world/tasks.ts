// Tasks of the order desk: one customer, their orders, and what they want of each, some of it only told when asked.
import { FIELD_NAMES, type Field, type Refund, type SlotKind, type Status } from "./words.ts";

/** An order as it stands, or as the verifier wants it to stand. */
export interface OrderState {
	status: Status;
	address: string;
	size: string;
	shipping: string;
	coupon: string;
	refund: Refund;
}

export interface OrderSpec {
	id: string;
	item: string;
	/** The day that the carrier names. */
	day: string;
	start: OrderState;
	/** What the verifier asks for at the end. */
	goal: OrderState;
}

/** One wish. Every job of a task concerns an order of its own, and is told only when the one before it is dealt with. */
export type Job =
	| { kind: "change"; order: number; changes: Change[]; dispatch: boolean }
	| { kind: "cancel"; order: number; refund: "card" | "credit"; vague: boolean }
	| { kind: "lost"; order: number; remedy: "card" | "credit" | "replacement"; vague: boolean }
	| { kind: "day"; order: number };

export interface Change {
	field: Field;
	value: string;
	/** The request leaves the value open: it has to be asked. */
	ask: boolean;
	/** The first answer is of no use: it has to be asked twice. */
	vague: boolean;
}

/** One thing that the agent must learn. */
export interface Slot {
	job: number;
	kind: SlotKind;
	value: string;
	vague: boolean;
}

export type ItemKind =
	| "find"
	| "list"
	| "look"
	| "ask"
	| "track"
	| "hold"
	| "set"
	| "review"
	| "release"
	| "dispatch"
	| "cancel"
	| "settle"
	| "tell"
	| "more"
	| "recheck"
	| "close";

/** One line of the desk's procedure for a job. */
export interface Item {
	kind: ItemKind;
	/** Index of the order, -1 where there is none. */
	order: number;
	/** Index of the slot that is asked, read or used, -1 where there is none. */
	slot: number;
	field: Field | null;
	/** The value of a `set` whose value the request itself states. */
	value: string | null;
}

export interface Task {
	id: string;
	split: "develop" | "held-out";
	customer: { id: string; name: string; email: string };
	orders: OrderSpec[];
	jobs: Job[];
	slots: Slot[];
	/** Items by phase: 0 finds the customer, 1..jobs are the jobs, the last one wraps up. */
	phases: Item[][];
	/** Agent steps of the desk's own procedure when nothing goes wrong. */
	planSteps: number;
	/** Agent steps that are allowed. */
	budget: number;
}

export interface TaskPlan {
	id: string;
	split: "develop" | "held-out";
	customer: number;
	jobs: JobPlan[];
	/** Orders of the customer that nobody asked about. */
	bystanders?: number;
	/** Steps allowed beyond the procedure. */
	slack?: number;
}

/** A job in short: what is asked for, and in which state its order is found. */
export type JobPlan =
	| { kind: "change"; changes: Change[]; packing?: boolean; dispatch?: boolean }
	| { kind: "cancel"; refund: "card" | "credit"; vague?: boolean; packing?: boolean }
	| { kind: "lost"; remedy: "card" | "credit" | "replacement"; vague?: boolean }
	| { kind: "day"; day: string };

const ITEMS = [
	"rain jacket",
	"running shoes",
	"wool scarf",
	"backpack",
	"desk lamp",
	"tea kettle",
	"notebook set",
	"bike helmet",
	"floor mat",
	"travel mug",
	"garden gloves",
	"wall clock",
	"picnic blanket",
	"head torch",
];
const DEFAULT_SLACK = 6;

export function buildTask(plan: TaskPlan): Task {
	const jobs = plan.jobs.map(buildJob);
	const orders = plan.jobs.map((job, index) => buildOrder(plan.customer, index, job));
	for (let extra = 0; extra < (plan.bystanders ?? 0); extra++) {
		orders.push(buildOrder(plan.customer, orders.length, null));
	}
	const slots = jobs.flatMap(slotsOf);
	const phases = [
		[item("find"), item("list")],
		...jobs.map((job, index) => itemsOf(job, index, slots)),
		[item("recheck"), item("close")],
	];
	const planSteps = countSteps(phases, orders, slots);
	return {
		id: plan.id,
		split: plan.split,
		customer: {
			id: `C-${100 + plan.customer}`,
			name: `customer-${plan.customer}`,
			email: `customer-${plan.customer}@desk.example`,
		},
		orders,
		jobs,
		slots,
		phases,
		planSteps,
		budget: planSteps + (plan.slack ?? DEFAULT_SLACK),
	};
}

function buildJob(plan: JobPlan, order: number): Job {
	switch (plan.kind) {
		case "change":
			return { kind: "change", order, changes: plan.changes, dispatch: plan.dispatch ?? false };
		case "cancel":
			return { kind: "cancel", order, refund: plan.refund, vague: plan.vague ?? false };
		case "lost":
			return { kind: "lost", order, remedy: plan.remedy, vague: plan.vague ?? false };
		case "day":
			return { kind: "day", order };
	}
}

function buildOrder(customer: number, index: number, job: JobPlan | null): OrderSpec {
	const start: OrderState = {
		status: startStatus(job),
		address: "home",
		size: "M",
		shipping: "standard",
		coupon: "none",
		refund: "none",
	};
	return {
		id: `O-${100 + customer}${String(index + 1).padStart(2, "0")}`,
		item: ITEMS[index % ITEMS.length]!,
		day: job?.kind === "day" ? job.day : "Thursday",
		start,
		goal: goalOf(start, job),
	};
}

function startStatus(job: JobPlan | null): Status {
	if (job?.kind === "day") return "transit";
	if (job?.kind === "lost") return "lost";
	return job?.kind !== undefined && job.packing === true ? "packing" : "open";
}

function goalOf(start: OrderState, job: JobPlan | null): OrderState {
	const goal = { ...start };
	if (job?.kind === "change") {
		for (const change of job.changes) goal[change.field] = change.value;
		if (job.dispatch === true) goal.status = "dispatched";
	} else if (job?.kind === "cancel") {
		goal.status = "cancelled";
		goal.refund = job.refund;
	} else if (job?.kind === "lost") {
		if (job.remedy === "replacement") goal.status = "replaced";
		else goal.refund = job.remedy;
	}
	return goal;
}

function slotsOf(job: Job, index: number): Slot[] {
	switch (job.kind) {
		case "change":
			return job.changes
				.filter((change) => change.ask)
				.map((change) => ({ job: index, kind: change.field, value: change.value, vague: change.vague }));
		case "cancel":
			return [
				{ job: index, kind: "confirm", value: "yes", vague: false },
				{ job: index, kind: "refund", value: job.refund, vague: job.vague },
			];
		case "lost":
			return [{ job: index, kind: "remedy", value: job.remedy, vague: job.vague }];
		case "day":
			return [{ job: index, kind: "day", value: "", vague: false }];
	}
}

function item(kind: ItemKind, order = -1, fields: Partial<Item> = {}): Item {
	return { kind, order, slot: -1, field: null, value: null, ...fields };
}

function itemsOf(job: Job, index: number, slots: Slot[]): Item[] {
	const slot = (kind: SlotKind) => slots.findIndex((entry) => entry.job === index && entry.kind === kind);
	const { order } = job;
	switch (job.kind) {
		case "change":
			return [
				item("look", order),
				...job.changes.filter((change) => change.ask).map((change) => item("ask", order, { slot: slot(change.field) })),
				item("hold", order),
				...job.changes.map((change) =>
					item("set", order, {
						field: change.field,
						slot: change.ask ? slot(change.field) : -1,
						value: change.ask ? null : change.value,
					}),
				),
				item("review", order),
				item("release", order),
				...(job.dispatch ? [item("dispatch", order)] : []),
				item("more"),
			];
		case "cancel":
			return [
				item("look", order),
				item("ask", order, { slot: slot("confirm") }),
				item("cancel", order, { slot: slot("confirm") }),
				item("ask", order, { slot: slot("refund") }),
				item("settle", order, { slot: slot("refund") }),
				item("more"),
			];
		case "lost":
			return [
				item("track", order),
				item("ask", order, { slot: slot("remedy") }),
				item("settle", order, { slot: slot("remedy") }),
				item("more"),
			];
		case "day":
			return [item("track", order, { slot: slot("day") }), item("tell", order, { slot: slot("day") }), item("more")];
	}
}

function countSteps(phases: Item[][], orders: OrderSpec[], slots: Slot[]): number {
	let steps = 0;
	for (const step of phases.flat()) {
		const onHold = step.kind === "hold" || step.kind === "release";
		if (onHold && orders[step.order]?.start.status !== "packing") continue;
		steps += step.kind === "ask" && slots[step.slot]?.vague === true ? 2 : 1;
	}
	return steps;
}

/** Fields in which two orders differ. */
export function differingFields(left: OrderState, right: OrderState): Field[] {
	return FIELD_NAMES.filter((field) => left[field] !== right[field]);
}
