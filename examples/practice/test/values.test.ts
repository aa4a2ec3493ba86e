// Exact values against conversations written out one by one, and what the graph says about prefixes and edits.
import { expect, test } from "vitest";
import { ODDITY_KINDS, SLIP_KINDS, type SlipKind } from "../src/world/kinds.ts";
import { type Message, stateOf } from "../src/world/messages.ts";
import { openingOf, playRollout } from "../src/world/rollout.ts";
import { PLAIN_SESSION } from "../src/world/session.ts";
import { type Policy, policyFor } from "../src/world/skill.ts";
import { openState } from "../src/world/state.ts";
import { findTask, SMALL_TASKS, TASKS } from "../src/world/taskList.ts";
import { buildTask, type Change, type JobPlan, type Task } from "../src/world/tasks.ts";
import { ValueGraph } from "../src/world/values.ts";
import { enumerate } from "./support/enumerate.ts";

const PLAIN = { rescue: 0 };
const ASKED: Change = { field: "address", value: "work", ask: true, vague: false };

/** An agent with every third slip and oddity, so that all conversations can be written out. */
function agentWith(task: Task, part: number): Policy {
	return {
		...policyFor(task, { skill: "weak", slips: "all" }),
		slips: SLIP_KINDS.filter((_, index) => index % 3 === part),
		oddities: ODDITY_KINDS.filter((_, index) => index % 3 === part),
	};
}

for (const task of SMALL_TASKS) {
	test(`the value of ${task.id} equals the sum over all of its conversations`, () => {
		for (const part of [0, 1, 2]) {
			const policy = agentWith(task, part);
			const { value, conversations } = enumerate(task, policy, openingOf(task));
			const graph = new ValueGraph(task, policy, PLAIN);
			expect(Math.abs(graph.value(openState(task)) - value)).toBeLessThan(1e-12);
			expect(conversations).toBeGreaterThan(100);
			expect(value).toBeGreaterThan(0);
			expect(graph.size).toBeLessThan(conversations);
		}
	});
}

/** What the tight tasks leave out: a first answer of no use, a question about an order that stays at the desk, two wishes. */
const MORE_PLANS: [string, JobPlan[], SlipKind[]][] = [
	["a vague customer", [{ kind: "lost", remedy: "credit", vague: true }], ["guessed_value", "gave_up"]],
	[
		"an order that is not sent",
		[{ kind: "change", changes: [ASKED] }],
		["wrong_value", "guessed_value", "forgotten_item"],
	],
	[
		"two wishes",
		[
			{ kind: "day", day: "Monday" },
			{ kind: "lost", remedy: "card" },
		],
		["misreported", "wrong_refund"],
	],
];

for (const [name, jobs, slips] of MORE_PLANS) {
	test(`with ${name} the value equals the sum over all conversations too`, () => {
		const task = buildTask({ id: "desk-00", split: "develop", customer: 99, jobs, bystanders: 1, slack: 0 });
		const policy: Policy = { ...policyFor(task, { skill: "weak", slips: "all" }), slips, oddities: ["small_talk"] };
		const { value } = enumerate(task, policy, openingOf(task));
		expect(Math.abs(new ValueGraph(task, policy, PLAIN).value(openState(task)) - value)).toBeLessThan(1e-12);
	});
}

test("with all slips and oddities at once the tightest task still agrees", () => {
	const task = SMALL_TASKS[0]!;
	const policy = policyFor(task, { skill: "middle", slips: "all" });
	const { value } = enumerate(task, policy, openingOf(task));
	expect(Math.abs(new ValueGraph(task, policy, PLAIN).value(openState(task)) - value)).toBeLessThan(1e-12);
});

test("where wrongly sent parcels may come back the value still equals the sum over all conversations", () => {
	const task = findTask("small-4")!;
	const policy: Policy = {
		...policyFor(task, { skill: "weak", slips: "all" }),
		slips: ["wrong_value", "premature_dispatch", "wrong_order"],
		oddities: [],
	};
	const budget = task.planSteps + 1;
	const switches = { rescue: 0.2 };
	const { value } = enumerate(task, policy, openingOf(task, budget), switches);
	expect(Math.abs(new ValueGraph(task, policy, switches).value(openState(task, budget)) - value)).toBeLessThan(1e-12);
	expect(value).toBeGreaterThan(enumerate(task, policy, openingOf(task, budget)).value);
});

test("a hint in an edited message changes the value, and the changed value is exact too", () => {
	const task = findTask("small-4")!;
	const policy = agentWith(task, 1);
	const graph = new ValueGraph(task, policy, PLAIN);
	const opening = openingOf(task);
	const plain = graph.value(stateOf(task, opening));
	const values = ["careful", "hurry", "thorough", "stop", `${task.orders[0]!.id} size L`].map((hint) => {
		const edited = withText(opening, 1, `${opening[1]!.content} [hint: ${hint}]`);
		const value = graph.value(stateOf(task, edited));
		expect(Math.abs(enumerate(task, policy, edited).value - value)).toBeLessThan(1e-12);
		return value;
	});
	const [careful, hurry, , stop, told] = values;
	expect(careful!).toBeGreaterThan(plain);
	expect(hurry!).not.toBe(plain);
	expect(stop).toBe(0);
	expect(told!).toBeGreaterThan(plain);
});

test("an edited answer is acted on: the agent writes what the edited text says", () => {
	const task = findTask("small-4")!;
	const policy: Policy = { ...policyFor(task, { skill: "strong", slips: "all" }), slips: [], oddities: [] };
	const { messages } = playRollout({ task, policy, seed: 3, switches: PLAIN_SESSION });
	const answered = messages.findIndex((message, index) => message.role === "user" && index > 1);
	const edited = withText(messages.slice(0, answered + 1), answered, "Size S, please.");
	const continued = playRollout({ task, policy, seed: 3, switches: PLAIN_SESSION, prefix: edited });
	const written = continued.messages.flatMap((message) => message.tool_calls ?? []).map((call) => call.function);
	expect(written.find((call) => call.name === "change_size")?.arguments).toContain('"S"');
});

test("chances of everything that an agent may do sum to 1, in every state along many rollouts", () => {
	for (const task of TASKS.slice(0, 12)) {
		const policy = policyFor(task, { skill: "weak", slips: "all" });
		const graph = new ValueGraph(task, policy, { rescue: 0.1 });
		for (let seed = 0; seed < 5; seed++) {
			const { messages } = playRollout({ task, policy, seed, switches: { rescue: 0.1, jitter: true, altered: null } });
			for (let length = 2; length <= messages.length; length++) {
				const choices = graph.choices(stateOf(task, messages.slice(0, length), { rescue: 0.1 }));
				const sum = choices.reduce((total, choice) => total + choice.probability, 0);
				expect(Math.abs(sum - 1)).toBeLessThan(1e-12);
			}
		}
	}
});

function withText(messages: readonly Message[], index: number, content: string): Message[] {
	return messages.map((message, at) => (at === index ? { ...message, content } : message));
}
