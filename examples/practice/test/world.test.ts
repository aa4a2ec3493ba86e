// What the world is made of, and that its procedure, its distance and its hints do what they say.
import { describe, expect, test } from "vitest";
import { type Action, callTool, say, writeCall } from "../src/world/actions.ts";
import { distance, isUnfounded } from "../src/world/distance.ts";
import { ODDITIES, ODDITY_KINDS, SLIP_KINDS, SLIPS } from "../src/world/kinds.ts";
import { observationText, stateOf, taskOf, walkMessages } from "../src/world/messages.ts";
import { choicesOf } from "../src/world/policy.ts";
import { readReply, readSay } from "../src/world/reading.ts";
import { openingOf, playRollout } from "../src/world/rollout.ts";
import { callInSession, openSession, PLAIN_SESSION } from "../src/world/session.ts";
import { type Policy, policyFor } from "../src/world/skill.ts";
import { isLost, openState, outcomesOf, type State, succeeded } from "../src/world/state.ts";
import { stateKey } from "../src/world/stateKey.ts";
import { chainTask, findTask, findTaskOf, SMALL_TASKS, TASKS } from "../src/world/taskList.ts";
import type { Task } from "../src/world/tasks.ts";
import { checkCall, schemaOf, TOOLS } from "../src/world/tools.ts";
import { phrasingsOfAction, wordReply } from "../src/world/wording.ts";
import { ANSWERS, FIELDS } from "../src/world/words.ts";

const flawless = (task: Task): Policy => ({
	...policyFor(task, { skill: "strong", slips: "all" }),
	slips: [],
	oddities: [],
});

test("thirty tasks of 6 to 25 steps, a third held out; chains reach 8 to 64 steps", () => {
	expect(TASKS).toHaveLength(30);
	expect(new Set(TASKS.map((task) => task.id)).size).toBe(30);
	for (const task of TASKS) {
		expect(task.planSteps).toBeGreaterThanOrEqual(6);
		expect(task.planSteps).toBeLessThanOrEqual(25);
	}
	expect(Math.max(...TASKS.map((task) => task.planSteps))).toBeGreaterThanOrEqual(24);
	expect(TASKS.filter((task) => task.split === "held-out")).toHaveLength(10);
	for (const steps of [8, 16, 32, 64]) {
		const { planSteps } = chainTask(steps);
		expect(planSteps).toBeGreaterThanOrEqual(steps);
		expect(planSteps).toBeLessThan(steps + 8);
	}
});

test("at least twelve tools of every effect; at least twelve slips, a third silent; at least six oddities; both halves hold some", () => {
	expect(TOOLS.length).toBeGreaterThanOrEqual(12);
	for (const effect of ["read", "reversible", "irreversible"]) {
		expect(TOOLS.filter((tool) => tool.effect === effect).length).toBeGreaterThanOrEqual(4);
	}
	expect(SLIP_KINDS.length).toBeGreaterThanOrEqual(12);
	expect(SLIP_KINDS.filter((kind) => SLIPS[kind].silent).length * 3).toBeGreaterThanOrEqual(SLIP_KINDS.length);
	expect(ODDITY_KINDS.length).toBeGreaterThanOrEqual(6);
	for (const split of ["develop", "held-out"]) {
		expect(
			SLIP_KINDS.filter((kind) => SLIPS[kind].split === split && SLIPS[kind].silent).length,
		).toBeGreaterThanOrEqual(3);
		expect(ODDITY_KINDS.filter((kind) => ODDITIES[kind].split === split).length).toBeGreaterThanOrEqual(3);
	}
});

test("without slips the procedure solves every task in exactly its number of steps", () => {
	for (const task of [...TASKS, chainTask(64)]) {
		const { messages, state } = playRollout({ task, policy: flawless(task), seed: 1, switches: PLAIN_SESSION });
		expect(succeeded(task, state.desk, state.talk)).toBe(true);
		const steps = messages.filter((message) => message.role === "assistant").length;
		expect(steps).toBe(task.planSteps + 1);
	}
});

test("harmless oddities alone do no harm: success stays nearly certain, and no such step is judged wrong", () => {
	for (const task of TASKS) {
		const policy: Policy = { ...flawless(task), oddities: ODDITY_KINDS };
		for (let seed = 0; seed < 10; seed++) {
			const { messages, state } = playRollout({ task, policy, seed, switches: PLAIN_SESSION });
			expect(succeeded(task, state.desk, state.talk)).toBe(true);
			for (const { before, after } of walkMessages(task, messages).turns) {
				if (!before.desk.closed) expect(distance(task, after)).toBeLessThanOrEqual(distance(task, before));
			}
		}
	}
});

test("every slip and every oddity happens somewhere", () => {
	const met = new Set<string>();
	for (const task of TASKS) {
		const policy = policyFor(task, { skill: "weak", slips: "all" });
		for (let seed = 0; seed < 25; seed++) {
			for (const motive of playRollout({ task, policy, seed, switches: PLAIN_SESSION }).motives) met.add(motive);
		}
	}
	expect([...SLIP_KINDS, ...ODDITY_KINDS].filter((kind) => !met.has(kind))).toEqual([]);
});

test("silent slips leave no error behind; the desk accepts what they do", () => {
	for (const task of TASKS) {
		const silent = SLIP_KINDS.filter((kind) => SLIPS[kind].silent && kind !== "wrong_order" && kind !== "wrong_cancel");
		const policy: Policy = { ...policyFor(task, { skill: "weak", slips: "all" }), slips: silent, oddities: [] };
		for (let seed = 0; seed < 10; seed++) {
			const { messages, motives } = playRollout({ task, policy, seed, switches: PLAIN_SESSION });
			walkMessages(task, messages).turns.forEach(({ parts }, index) => {
				const seen = parts[0]!.seen;
				const slipped = (silent as string[]).includes(motives[index]!);
				const refused = seen?.from === "tool" && !seen.observation.ok && seen.observation.error;
				if (slipped && refused) expect(refused).toMatch(/being packed|on hold|has been refunded|gives no right/);
			});
		}
	}
});

test("what a conversation's text says leads to the same memory as what happened", () => {
	for (const task of [...TASKS, ...SMALL_TASKS]) {
		const policy = policyFor(task, { skill: "weak", slips: "all" });
		for (let seed = 0; seed < 8; seed++) {
			const { messages, state } = playRollout({
				task,
				policy,
				seed,
				switches: { rescue: 0.3, jitter: true, altered: null },
			});
			expect(taskOf(messages)).toBe(task);
			const read = stateOf(task, messages, { rescue: 0.3 });
			expect(read.memory).toEqual(state.memory);
			expect(read.desk).toEqual(state.desk);
			expect(read.talk).toEqual(state.talk);
		}
	}
});

test("a task is recognised by its ticket, and by the customer's address where the instructions are missing", () => {
	for (const task of [...TASKS, ...SMALL_TASKS, findTask("chain-32")!]) {
		expect(taskOf(openingOf(task))?.id).toBe(task.id);
		expect(taskOf(openingOf(task).slice(1))?.id).toBe(task.id);
		expect(findTaskOf(task.customer.email)?.id).toBe(task.id);
	}
	expect(taskOf([{ role: "user", content: "ticket desk-99 customer-999@desk.example" }])).toBeNull();
	expect(findTask("chain-7")).toBeNull();
	expect(findTask("__proto__")).toBeNull();
});

test("results that were edited into anything are read without harm", () => {
	const task = findTask("desk-02")!;
	const policy = flawless(task);
	const { messages } = playRollout({ task, policy, seed: 1, switches: PLAIN_SESSION });
	const hostile = [
		"",
		"null",
		"[[[[",
		'{"status":{"toString":1},"order_id":"O-10201","orders":[null,7,{"order_id":{}}],"arrives":{},"came_back":[]}',
		'{"__proto__":{"status":"held"},"constructor":1,"status":"toString"}',
		"x".repeat(100_000),
	];
	for (const content of hostile) {
		const edited = messages.map((message) => (message.role === "tool" ? { ...message, content } : message));
		const choices = choicesOf(task, policy, stateOf(task, edited).memory);
		expect(choices.length).toBeGreaterThan(0);
	}
	const odd = [...messages];
	odd[0] = { role: "system", content: "ticket desk-02, at most 9999 steps" };
	expect(stateOf(task, odd).memory.budget).toBeLessThan(1000);
});

test("all phrasings of everything that is said are understood", () => {
	for (const task of [...TASKS, ...SMALL_TASKS]) {
		for (const action of sayings(task)) {
			for (const text of phrasingsOfAction(task, action)) expect(readSay(task, text)).toEqual(action.say);
		}
		task.slots.forEach((slot, index) => {
			if (slot.kind === "day") return;
			const asked = { topic: "ask", slot: index } as const;
			for (const chance of [0, 0.4, 0.8]) {
				const reply = { kind: "value", slot: index, value: slot.value } as const;
				expect(readReply(task, asked, wordReply(task, reply, chance)!)).toEqual(reply);
				expect(readReply(task, asked, wordReply(task, { kind: "vague" }, chance)!)).toEqual({ kind: "vague" });
			}
		});
		task.jobs.forEach((_, job) => {
			for (const chance of [0, 0.9]) {
				const reply = { kind: "request", job } as const;
				expect(readReply(task, { topic: "more" }, wordReply(task, reply, chance)!)).toEqual(reply);
				expect(readReply(task, { topic: "more" }, wordReply(task, { kind: "all" }, chance)!)).toEqual({ kind: "all" });
			}
		});
	}
});

function sayings(task: Task) {
	const order = task.jobs[0]!.order;
	return [
		...task.slots.flatMap((slot, index) => (slot.kind === "day" ? [] : [say({ topic: "ask", slot: index })])),
		...ANSWERS.day.map((day) => say({ topic: "tell", order, day })),
		...(["address", "size", "shipping", "coupon"] as const).map((field) => say({ topic: "claim", order, field })),
		...(["more", "chat", "handover", "bye"] as const).map((topic) => say({ topic })),
	];
}

describe("distance", () => {
	for (const task of SMALL_TASKS.filter((entry) => entry.id !== "small-4")) {
		test(`of ${task.id} equals a breadth-first search over every call and saying`, () => {
			expect(searchSteps(task, openState(task, 12))).toBe(distance(task, openState(task, 12)));
			const policy = policyFor(task, { skill: "weak", slips: "all" });
			for (let seed = 0; seed < 6; seed++) {
				const { messages } = playRollout({ task, policy, seed, switches: PLAIN_SESSION, budget: 12 });
				for (const { after } of walkMessages(task, messages).turns.slice(1)) {
					const exact = distance(task, after);
					if (after.memory.ended === "" && exact <= 5) expect(searchSteps(task, after)).toBe(exact);
				}
			}
		});
	}
});

/** Least steps to success over everything that could be done on known information, one layer of states after the other. */
function searchSteps(task: Task, from: State): number {
	let layer = new Map([[stateKey(task, from), from]]);
	const seen = new Set<string>();
	for (let steps = 1; layer.size > 0; steps++) {
		const next = new Map<string, State>();
		for (const state of layer.values()) {
			for (const action of everything(task, state)) {
				const after = outcomesOf(task, state, action, { rescue: 0 })[0]!.state;
				if (succeeded(task, after.desk, after.talk)) return steps;
				if (isLost(task, after) || after.memory.ended !== "") continue;
				const key = stateKey(task, after).slice(1);
				if (!seen.has(key)) next.set(key, after);
				seen.add(key);
			}
		}
		layer = next;
	}
	return Number.POSITIVE_INFINITY;
}

/** Every well-formed call on known orders and every saying, save those that stake something on what is not known. */
function everything(task: Task, { memory }: State): Action[] {
	const values: Record<string, readonly string[]> = {
		email: [task.customer.email],
		customer_id: (memory.done & 1) !== 0 || memory.phase > 0 ? [task.customer.id] : [],
		order_id: memory.phase > 0 ? task.orders.map((order) => order.id) : [],
		item: [],
		text: [],
		resolution: ["solved"],
	};
	const calls = TOOLS.flatMap((tool) => {
		let argumentSets: Record<string, string>[] = [{}];
		for (const [key, parameter] of Object.entries(tool.parameters)) {
			const options = values[key] ?? parameter.values ?? [];
			argumentSets = argumentSets.flatMap((set) => options.map((value) => ({ ...set, [key]: value })));
		}
		return argumentSets.map((args) => callTool(tool.name, args));
	});
	if (memory.phase === 0) return calls;
	const asks = task.slots.map((_, index) => say({ topic: "ask", slot: index }));
	const tells = task.slots.flatMap(({ kind, job }, index) => {
		const day = memory.known[index];
		return kind === "day" && day != null ? [say({ topic: "tell", order: task.jobs[job]!.order, day })] : [];
	});
	return [...calls, ...asks, ...tells, say({ topic: "more" })].filter((action) => !isUnfounded(task, memory, action));
}

describe("the desk", () => {
	const task = findTask("desk-07")!;
	const order = task.orders[0]!.id;

	test("refuses calls that do not fit, by name and by schema, and stays as it was", () => {
		const session = openSession(task, 1);
		for (const [tool, args] of [
			["get_order_v2", {}],
			["get_order", {}],
			["get_order", { order_id: 7 }],
			["get_order", { order_id: order, other: "x" }],
			["get_order", JSON.parse('{"__proto__": "x"}')],
			["set_address", { order_id: order, address: "moon" }],
			["toString", {}],
			["__proto__", {}],
			["get_order", { order_id: "O-99999" }],
			["change_size", { order_id: order, size: "L" }],
		] as const) {
			const result = callInSession(session, tool, args as Record<string, unknown>);
			expect(result.observation.ok).toBe(false);
			expect(result.session.desk).toEqual(session.desk);
		}
		expect(checkCall("get_order", { order_id: order })).toEqual({ ok: true, tool: "get_order" });
	});

	test("keeps a session that was passed in: going back is using it again", () => {
		const before = openSession(task, 1);
		const { session: cancelled } = callInSession(before, "cancel_order", { order_id: order });
		expect(cancelled.desk.orders[0]!.status).toBe("cancelled");
		expect(before.desk.orders[0]!.status).toBe("packing");
	});

	test("with jitter the same seed gives the same times and numbers, another seed others, and the rest is equal", () => {
		const look = (seed: number) =>
			callInSession(openSession(task, seed, { ...PLAIN_SESSION, jitter: true }), "get_order", { order_id: order });
		const [first, again, other] = [look(1), look(1), look(2)].map(({ observation }) => observationText(observation));
		expect(first).toBe(again);
		expect(first).not.toBe(other);
		const plain = (text: string) => text.replace(/"at":"[^"]+","receipt":"[^"]+"/, "");
		expect(plain(first!)).toBe(plain(other!));
	});

	test("an altered tool answers otherwise, the others as before", () => {
		const session = openSession(task, 1, { ...PLAIN_SESSION, altered: "get_order" });
		const text = (tool: string, args: Record<string, string>) =>
			observationText(callInSession(session, tool, args).observation);
		expect(text("get_order", { order_id: order })).toContain('"revision":2');
		expect(text("track_parcel", { order_id: order })).not.toContain("revision");
	});

	test("every tool's schema says what the desk checks", () => {
		for (const spec of TOOLS) {
			const schema = schemaOf(spec);
			expect(schema.required).toEqual(Object.keys(spec.parameters));
			expect(schema.additionalProperties).toBe(false);
			const args = Object.fromEntries(schema.required.map((key) => [key, schema.properties[key]!.enum?.[0] ?? "x"]));
			expect(checkCall(spec.name, args).ok).toBe(true);
		}
		for (const [field, values] of Object.entries(FIELDS)) {
			for (const value of values) {
				const call = writeCall(task, 0, field as "size", value);
				expect(checkCall(call.tool, call.args).ok).toBe(true);
			}
		}
	});
});

test("temperature sharpens and flattens: 0 leaves one action, high ones come nearer to each other", () => {
	const task = TASKS[0]!;
	const memory = openState(task).memory;
	const at = (temperature: number) =>
		choicesOf(task, policyFor(task, { skill: "weak", slips: "all", temperature }), memory).map(
			(choice) => choice.probability,
		);
	expect(at(0)).toEqual([1]);
	expect(Math.max(...at(2))).toBeLessThan(Math.max(...at(1)));
	expect(Math.max(...at(0.5))).toBeGreaterThan(Math.max(...at(1)));
	for (const temperature of [0.5, 1, 2]) expect(at(temperature).reduce((sum, value) => sum + value)).toBeCloseTo(1, 12);
});
