// The five targets, on conversations written by hand whose faults are known.
import { expect, test } from "vitest";
import { type Action, callTool, say, writeCall } from "../src/world/actions.ts";
import { stateOf } from "../src/world/messages.ts";
import { type Policy, policyFor } from "../src/world/skill.ts";
import { succeeded } from "../src/world/state.ts";
import { findTask } from "../src/world/taskList.ts";
import type { Task } from "../src/world/tasks.ts";
import { type Truth, truthOf, walkSteps } from "../src/world/truth.ts";
import { ValueGraph } from "../src/world/values.ts";
import { playScript } from "./support/script.ts";

/** One order whose size is to be asked and changed and which is then sent. */
const task = findTask("small-4")!;
const order = task.orders[0]!.id;
const SLACK = 4;
const BUDGET = task.planSteps + SLACK;

const FIND = callTool("find_customer", { email: task.customer.email });
const LIST = callTool("list_orders", { customer_id: task.customer.id });
const LOOK = callTool("get_order", { order_id: order });
const ASK = say({ topic: "ask", slot: 0 });
const RIGHT = writeCall(task, 0, "size", "L");
const WRONG = writeCall(task, 0, "size", "S");
const SEND = callTool("dispatch_order", { order_id: order });
const MORE = say({ topic: "more" });
const CLOSE = callTool("close_ticket", { resolution: "solved" });
const BYE = say({ topic: "bye" });

function judge(actions: Action[], changes: Partial<Policy> = {}, of: Task = task): Truth {
	const messages = playScript(of, actions, of.planSteps + SLACK);
	const policy: Policy = { ...policyFor(of, { skill: "strong", slips: "all" }), ...changes };
	const graph = new ValueGraph(of, policy, { rescue: 0 });
	const state = stateOf(of, messages);
	return truthOf(graph, walkSteps(graph, messages), messages.length, succeeded(of, state.desk, state.talk));
}

test("a rollout that does everything right has no wrong step and ends with value 1", () => {
	const { success, values, steps, targets } = judge([FIND, LIST, LOOK, ASK, RIGHT, LOOK, SEND, MORE, LIST, CLOSE, BYE]);
	expect(success).toBe(true);
	expect(values.at(-1)).toBe(1);
	expect(steps.every((step) => step.verdict >= 0)).toBe(true);
	expect(Object.values(targets)).toEqual([null, null, null, null, null]);
	for (let index = 1; index < 7; index++) expect(steps[index]!.after).toBeGreaterThan(steps[index - 1]!.after - 0.05);
});

test("a wrong value is the first wrong step, sending it makes it irrecoverable", () => {
	const { targets, steps, values } = judge([FIND, LIST, LOOK, ASK, WRONG, LOOK, SEND, MORE, LIST, CLOSE, BYE]);
	expect(targets.firstWrong).toEqual({ step: 4, message: 10 });
	expect(targets.irrecoverable).toEqual({ step: 6, message: 14 });
	expect(targets.lowValue).toEqual(targets.irrecoverable);
	expect(targets.largestDrop).toEqual(targets.irrecoverable);
	expect(targets.decisive).toEqual(targets.irrecoverable);
	expect(steps[4]!.motive).toBe("wrong_value");
	expect(steps[4]!.after).toBeGreaterThan(0.5);
	expect(steps[6]!.before).toBe(steps[5]!.after);
	expect(values[14]).toBe(0);
	expect(values[13]).toBe(steps[5]!.after);
});

test("where the agent would hardly notice a wrong value, writing it already decides", () => {
	const { targets } = judge([FIND, LIST, LOOK, ASK, WRONG, SEND, MORE, LIST, CLOSE, BYE], { notice: 0.3 });
	expect(targets.firstWrong?.step).toBe(4);
	expect(targets.decisive?.step).toBe(4);
	expect(targets.irrecoverable?.step).toBe(5);
});

test("a guess that happens to be right is wrong without hindsight, although the rollout succeeds", () => {
	const { success, targets, steps } = judge([FIND, LIST, LOOK, RIGHT, SEND, MORE, LIST, CLOSE, BYE]);
	expect(success).toBe(true);
	expect(targets.firstWrong?.step).toBe(3);
	expect(targets.irrecoverable).toBeNull();
	expect(steps[3]!.after).toBeGreaterThan(steps[3]!.before);
});

test("a mended mistake is wrong but costs nothing in the end", () => {
	const { success, targets } = judge([FIND, LIST, LOOK, ASK, WRONG, RIGHT, SEND, MORE, CLOSE, BYE]);
	expect(success).toBe(true);
	expect(targets.firstWrong?.step).toBe(4);
});

test("readings without need are neither right nor wrong until there is no time left for them", () => {
	const loop = [FIND, LIST, ...Array.from({ length: 12 }, () => LOOK)];
	const { targets, steps } = judge(loop);
	expect(steps[3]!.verdict).toBe(0);
	const last = BUDGET - 5;
	expect(targets.firstWrong).toEqual({ step: last, message: 2 + 2 * last });
	expect(steps[last]!.after).toBeLessThan(0.05);
	expect(targets.lowValue!.step).toBeLessThanOrEqual(last);
	// A lucky guess saves a question, so the value is not quite 0 at once.
	expect(targets.irrecoverable!.step).toBeGreaterThanOrEqual(last);
});

test("closing without asking for further wishes is wrong even when there were none", () => {
	const { success, targets } = judge([FIND, LIST, LOOK, ASK, RIGHT, SEND, CLOSE, BYE]);
	expect(success).toBe(true);
	expect(targets.firstWrong?.step).toBe(6);
});

test("cancelling before it was confirmed cannot be mended", () => {
	const cancelTask = findTask("small-5")!;
	const id = cancelTask.orders[0]!.id;
	const { targets } = judge(
		[
			callTool("find_customer", { email: cancelTask.customer.email }),
			callTool("list_orders", { customer_id: cancelTask.customer.id }),
			callTool("cancel_order", { order_id: id }),
			say({ topic: "ask", slot: 0 }),
			say({ topic: "ask", slot: 1 }),
			callTool("issue_refund", { order_id: id, to: "card" }),
			MORE,
			CLOSE,
			BYE,
		],
		{},
		cancelTask,
	);
	expect(targets).toMatchObject({ firstWrong: { step: 2 }, irrecoverable: { step: 2 } });
});

test("where even the best action leaves the value below one half, no step decides", () => {
	const long = findTask("desk-29")!;
	const actions = [
		callTool("find_customer", { email: long.customer.email }),
		callTool("list_orders", { customer_id: long.customer.id }),
		callTool("close_ticket", { resolution: "unresolved" }),
		BYE,
	];
	const { targets, steps } = judge(actions, policyFor(long, { skill: "weak", slips: "all" }), long);
	expect(steps[2]!.before).toBeLessThan(0.5);
	expect(targets.decisive).toBeNull();
	expect(targets.irrecoverable?.step).toBe(2);
});
