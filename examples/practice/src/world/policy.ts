// The agent: a stochastic policy over its memory, every probability of which is known.
import { type Action, actionKey, callTool, say, writeCall } from "./actions.ts";
import type { Motive } from "./kinds.ts";
import { currentOrder, expectedValue, type Memory } from "./memory.ts";
import { oddities } from "./oddities.ts";
import { dueItem, plannedAction } from "./procedure.ts";
import type { Policy } from "./skill.ts";
import { slips } from "./slips.ts";
import type { Item, Task } from "./tasks.ts";

/** One thing that the agent may do next. Actions are distinct within a decision. */
export interface Choice {
	action: Action;
	probability: number;
	/** Why, with each motive's share of the probability; shares sum to 1. */
	motives: { motive: Motive; share: number }[];
}

/** Everything that the agent may do next; probabilities sum to 1. */
export function choicesOf(task: Task, policy: Policy, memory: Memory): Choice[] {
	return atTemperature(merge(weigh(task, policy, memory)), policy.temperature);
}

interface Option {
	action: Action;
	motive: Motive;
	probability: number;
}

const CAREFUL_FACTOR = 0.25;
const HURRY_FACTOR = 2;
const MOST_SLIPS = 0.6;

function weigh(task: Task, policy: Policy, memory: Memory): Option[] {
	const last = lastWord(memory);
	if (last !== null) return [{ action: last, motive: "plan", probability: 1 }];
	const fix = memory.mismatch === null ? null : fixOf(task, memory);
	if (fix === null) return decide(task, policy, memory);
	const notice = memory.thorough ? 1 : policy.notice;
	const others = notice < 1 ? decide(task, policy, memory) : [];
	const rest = others.map((option) => ({ ...option, probability: option.probability * (1 - notice) }));
	return [{ action: fix, motive: "repair", probability: notice }, ...rest];
}

/** What ends the rollout: nothing to decide any more. */
function lastWord(memory: Memory): Action | null {
	if (memory.ended !== "") return say({ topic: "bye" });
	return memory.stop || memory.step >= memory.budget ? say({ topic: "handover" }) : null;
}

function fixOf(task: Task, memory: Memory): Action | null {
	const { order, field } = memory.mismatch!;
	const value = expectedValue(task, memory, order, field);
	return value === null ? null : writeCall(task, order, field, value);
}

function decide(task: Task, policy: Policy, memory: Memory): Option[] {
	const item = dueItem(task, memory);
	const planned = plannedAction(task, memory, item);
	if (memory.alarm !== "") return afterError(task, policy, memory, item, planned);
	const slipRate = Math.min(MOST_SLIPS, policy.slipRate * haste(memory));
	const wrong = shareUpTo(slips(task, policy, memory, item), slipRate);
	const odd = share(oddities(task, policy, memory, item), policy.oddityRate);
	const rest = 1 - total(wrong) - total(odd);
	return loopOn(task, policy, memory, [{ action: planned, motive: "plan", probability: rest }, ...wrong, ...odd]);
}

/** A loop of needless reading, once entered, holds on half of the time. */
function loopOn(task: Task, policy: Policy, memory: Memory, options: Option[]): Option[] {
	const id = task.orders[currentOrder(task, memory)]?.id;
	if (memory.spin === 0 || id === undefined || !policy.slips.includes("stuck_loop")) return options;
	const again: Option = { action: callTool("get_order", { order_id: id }), motive: "stuck_loop", probability: 0.5 };
	return [again, ...options.map((option) => ({ ...option, probability: option.probability / 2 }))];
}

function haste(memory: Memory): number {
	return (memory.careful ? CAREFUL_FACTOR : 1) * (memory.hurry ? HURRY_FACTOR : 1);
}

/** After a failed call the agent tries again; what it does when it does not is a slip of its own. */
function afterError(task: Task, policy: Policy, memory: Memory, item: Item, planned: Action): Option[] {
	const reckless = memory.alarm === "error" && !memory.thorough;
	const wrong = reckless ? shareUpTo(slips(task, policy, memory, item), 1 - policy.notice) : [];
	return [{ action: planned, motive: "repair", probability: 1 - total(wrong) }, ...wrong];
}

/** Spreads `rate` over weighted options; nothing where there are none. */
function share(options: { action: Action; motive: Motive; weight: number }[], rate: number): Option[] {
	const sum = options.reduce((weight, option) => weight + option.weight, 0);
	if (sum <= 0 || rate <= 0) return [];
	return options.map(({ action, motive, weight }) => ({ action, motive, probability: (rate * weight) / sum }));
}

/** The same with less than `rate` where only unlikely options are open: their weights sum to less than 1. */
function shareUpTo(options: { action: Action; motive: Motive; weight: number }[], rate: number): Option[] {
	const sum = options.reduce((weight, option) => weight + option.weight, 0);
	return share(options, rate * Math.min(1, sum));
}

function total(options: Option[]): number {
	return options.reduce((sum, option) => sum + option.probability, 0);
}

function merge(options: Option[]): Choice[] {
	const byAction = new Map<string, { action: Action; parts: Option[] }>();
	for (const option of options) {
		if (option.probability <= 0) continue;
		const key = actionKey(option.action);
		const entry = byAction.get(key);
		if (entry === undefined) byAction.set(key, { action: option.action, parts: [option] });
		else entry.parts.push(option);
	}
	return [...byAction.values()].map(({ action, parts }) => {
		const probability = total(parts);
		return {
			action,
			probability,
			motives: parts.map((part) => ({ motive: part.motive, share: part.probability / probability })),
		};
	});
}

function atTemperature(choices: Choice[], temperature: number): Choice[] {
	if (temperature === 1) return choices;
	const best = Math.max(...choices.map((choice) => choice.probability));
	if (temperature <= 0) return [{ ...choices.find((choice) => choice.probability === best)!, probability: 1 }];
	const weights = choices.map((choice) => (choice.probability / best) ** (1 / temperature));
	const sum = weights.reduce((left, right) => left + right, 0);
	return choices.map((choice, index) => ({ ...choice, probability: weights[index]! / sum }));
}
