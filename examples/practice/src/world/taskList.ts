// The thirty tasks of the practice world, five tiny ones that can be enumerated by hand, and chains of any length.
import { buildTask, type Change, type JobPlan, type Task, type TaskPlan } from "./tasks.ts";
import type { Field } from "./words.ts";

const told = (field: Field, value: string): Change => ({ field, value, ask: false, vague: false });
const asked = (field: Field, value: string): Change => ({ field, value, ask: true, vague: false });
const vague = (field: Field, value: string): Change => ({ field, value, ask: true, vague: true });

const change = (changes: Change[], fields: { packing?: boolean; dispatch?: boolean } = {}): JobPlan => ({
	kind: "change",
	changes,
	...fields,
});
const SEND = { dispatch: true };
const PACKED = { packing: true };
const PACKED_SEND = { packing: true, dispatch: true };
const cancel = (refund: "card" | "credit", fields: { vague?: boolean } = {}): JobPlan => ({
	kind: "cancel",
	refund,
	...fields,
});
const lost = (remedy: "card" | "credit" | "replacement", fields: { vague?: boolean } = {}): JobPlan => ({
	kind: "lost",
	remedy,
	...fields,
});
const day = (name: string): JobPlan => ({ kind: "day", day: name });

const PLANS: JobPlan[][] = [
	[day("Tuesday")],
	[lost("replacement")],
	[change([told("address", "work")])],
	[change([asked("address", "locker")], SEND)],
	[cancel("credit")],
	[lost("card", { vague: true })],
	[change([asked("size", "L")], PACKED_SEND)],
	[change([told("shipping", "express"), asked("address", "work")], SEND)],
	[change([vague("size", "S")], SEND)],
	[day("Friday"), change([asked("address", "work")])],
	[change([told("address", "locker"), told("shipping", "express")], PACKED)],
	[lost("credit"), day("Monday")],
	[change([asked("address", "work"), asked("size", "S")], PACKED_SEND)],
	[change([told("coupon", "SPRING10"), asked("size", "L")], SEND), day("Wednesday")],
	[cancel("card"), lost("replacement")],
	[change([vague("address", "locker")], PACKED_SEND), day("Tuesday")],
	[change([asked("size", "S")], SEND), change([told("address", "work")], SEND)],
	[day("Thursday"), cancel("credit"), lost("card")],
	[change([asked("address", "work"), told("shipping", "express"), asked("size", "L")], PACKED_SEND)],
	[lost("replacement", { vague: true }), change([asked("address", "locker")], SEND)],
	[change([told("address", "locker")]), cancel("credit")],
	[cancel("credit"), change([asked("size", "L")], PACKED_SEND)],
	[change([asked("address", "work")], SEND), cancel("card"), day("Monday")],
	[change([vague("size", "S"), told("shipping", "express")], PACKED_SEND), lost("credit")],
	[day("Wednesday"), change([asked("address", "work"), asked("size", "L")], SEND), lost("card")],
	[change([asked("address", "locker")], SEND), change([asked("size", "S")], PACKED_SEND)],
	[cancel("card"), change([told("coupon", "SPRING10"), asked("address", "work")], SEND), day("Friday")],
	[lost("credit"), change([asked("size", "L")], PACKED_SEND), day("Tuesday")],
	[change([asked("address", "work")], SEND), cancel("credit"), lost("replacement"), day("Thursday")],
	[
		change([told("shipping", "express"), asked("size", "S")], PACKED_SEND),
		change([vague("address", "locker")], SEND),
		lost("card"),
	],
];

const SMALL_PLANS: JobPlan[][] = [
	[day("Tuesday")],
	[lost("credit")],
	[change([told("address", "work")])],
	[change([asked("size", "L")], SEND)],
	[cancel("card")],
];

function plan(id: string, customer: number, jobs: JobPlan[], fields: Partial<TaskPlan> = {}): TaskPlan {
	const heldOut = customer % 3 === 0;
	return { id, split: heldOut ? "held-out" : "develop", customer, jobs, bystanders: 1, ...fields };
}

/** The thirty tasks; every third one is held out. */
export const TASKS: readonly Task[] = PLANS.map((jobs, index) =>
	buildTask(plan(`desk-${String(index + 1).padStart(2, "0")}`, index + 1, jobs)),
);

/** Tasks so tight that every conversation can be written out. */
export const SMALL_TASKS: readonly Task[] = SMALL_PLANS.map((jobs, index) =>
	buildTask(
		plan(`small-${index + 1}`, 51 + index, jobs, { bystanders: jobs.length === 1 && index > 1 ? 1 : 0, slack: -1 }),
	),
);

const CHAIN_LINKS: JobPlan[] = [
	change([asked("address", "work")], SEND),
	lost("replacement"),
	change([asked("size", "S")], PACKED_SEND),
	cancel("credit"),
	day("Monday"),
	change([told("shipping", "express"), asked("address", "locker")], SEND),
	lost("card"),
	change([asked("size", "L")], SEND),
	cancel("card"),
	day("Friday"),
	change([asked("address", "work")], PACKED_SEND),
	lost("credit"),
	change([asked("size", "L")], PACKED_SEND),
	cancel("credit"),
];

/** A task of as many jobs as bring the procedure to at least `steps` agent steps (8 to 80). */
export function chainTask(steps: number): Task {
	for (let count = 1; count <= CHAIN_LINKS.length; count++) {
		const task = buildTask(plan(`chain-${steps}`, 100 + steps, CHAIN_LINKS.slice(0, count), { slack: 8 }));
		if (task.planSteps >= steps || count === CHAIN_LINKS.length) return task;
	}
	throw new RangeError("a chain needs at least one link");
}

const CHAIN_STEPS = { least: 8, most: 80 };

/** The task with this id: `desk-01` to `desk-30`, `small-1` to `small-5`, `chain-8` to `chain-80`. */
export function findTask(id: string): Task | null {
	const known = BY_ID.get(id);
	if (known !== undefined) return known;
	const steps = Number(/^chain-(\d{1,3})$/.exec(id)?.[1]);
	if (!(steps >= CHAIN_STEPS.least && steps <= CHAIN_STEPS.most)) return null;
	const task = chainTask(steps);
	BY_ID.set(id, task);
	return task;
}

/** The task of the customer who writes from this address. */
export function findTaskOf(email: string): Task | null {
	const number = Number(/^customer-(\d{1,3})@/.exec(email)?.[1]);
	const known = [...TASKS, ...SMALL_TASKS].find((task) => task.customer.email === email);
	return known ?? findTask(`chain-${number - 100}`);
}

const BY_ID = new Map([...TASKS, ...SMALL_TASKS].map((task) => [task.id, task]));
