// The whole state of a rollout between two agent steps, and what one step makes of it.
import type { Action, CallAction } from "./actions.ts";
import { orderOf } from "./actions.ts";
import { openTalk, replyTo, type Talk, witnessCancellation } from "./customer.ts";
import { carryOut, type Desk, driftOf, type Observation, openDesk, PLAIN_WORLD, type WorldSwitches } from "./desk.ts";
import { freshMemory, type Memory, remember, type Seen } from "./memory.ts";
import type { Task } from "./tasks.ts";
import { differingFields } from "./tasks.ts";
import { checkCall } from "./tools.ts";

/** World, the agent's memory (with the steps left) and the customer's memory: finite, and all that the future depends on. */
export interface State {
	desk: Desk;
	memory: Memory;
	talk: Talk;
}

export interface Outcome {
	probability: number;
	state: State;
	seen: Seen;
}

export function openState(task: Task, budget = task.budget): State {
	return { desk: openDesk(task), memory: freshMemory(task, budget), talk: openTalk(task) };
}

/** The answer of the desk to any call, also to calls of tools that it does not have. Drift of parcels is not included. */
export function callDesk(task: Task, desk: Desk, call: CallAction, switches: WorldSwitches = PLAIN_WORLD) {
	const checked = checkCall(call.tool, call.args);
	if (checked.ok) return carryOut(task, desk, checked.tool, call.args, switches);
	return { desk, observation: { ok: false, error: checked.error } satisfies Observation };
}

export interface DeskOutcome {
	probability: number;
	desk: Desk;
	observation: Observation;
}

/**
 * Everything that can come of a call: the desk's answer, with and without a parcel that comes back during it. A refused call changes
 * nothing, so that a conversation always shows what happened to the desk.
 */
export function deskOutcomes(task: Task, desk: Desk, call: CallAction, switches: WorldSwitches): DeskOutcome[] {
	const plain = { probability: 1, ...callDesk(task, desk, call, switches) };
	const drifts = driftOf(desk, switches);
	if (!plain.observation.ok || drifts.length === 1) return [plain];
	return drifts.map(({ probability, desk: drifted, returned }) => {
		const { desk: after, observation } = callDesk(task, drifted, call, switches);
		return {
			probability,
			desk: after,
			observation: returned < 0 ? observation : withNotice(task, observation, returned),
		};
	});
}

/** What a result says when a parcel came back during the call. */
function withNotice(task: Task, observation: Observation, returned: number): Observation {
	if (!observation.ok) return observation;
	return { ok: true, data: { ...observation.data, came_back: task.orders[returned]!.id } };
}

/** Everything that can come of an agent's action, with probabilities that sum to 1. */
export function outcomesOf(task: Task, state: State, action: Action, switches: WorldSwitches): Outcome[] {
	if (action.kind === "say") return [sayOutcome(task, state, action)];
	return deskOutcomes(task, state.desk, action, switches).map(({ probability, desk, observation }) => ({
		probability,
		...callOutcome(task, state, action, desk, observation),
	}));
}

function sayOutcome(task: Task, state: State, action: Action & { kind: "say" }): Outcome {
	const { reply, talk } = replyTo(task, state.talk, action.say);
	const seen: Seen = { from: "customer", reply };
	return {
		probability: 1,
		seen,
		state: { desk: state.desk, talk, memory: remember(task, state.memory, action, seen) },
	};
}

function callOutcome(task: Task, state: State, action: CallAction, desk: Desk, observation: Observation) {
	const seen: Seen = { from: "tool", observation };
	const cancelled = action.tool === "cancel_order" && observation.ok;
	const talk = cancelled ? witnessCancellation(task, state.talk, orderOf(task, action.args)) : state.talk;
	return { seen, state: { desk, talk, memory: remember(task, state.memory, action, seen) } };
}

/** The parts that the verifier looks at, each true when it is as the task wants it. */
export function components(task: Task, desk: Desk, talk: Talk) {
	const orders = task.orders.map(({ goal }, index) => ({ goal, order: desk.orders[index]! }));
	return {
		closed: desk.closed,
		fields: orders.every(({ goal, order }) => differingFields(goal, order).length === 0),
		statuses: orders.every(({ goal, order }) => goal.status === order.status),
		refunds: orders.every(({ goal, order }) => goal.refund === order.refund),
		consent: !talk.unconfirmed,
		told: task.jobs.every((job, index) => job.kind !== "day" || talk.told[index] === task.orders[job.order]!.day),
	};
}

export type Components = ReturnType<typeof components>;

/** Success: the ticket is closed and everything is as the task wants it. */
export function succeeded(task: Task, desk: Desk, talk: Talk): boolean {
	const { closed, fields, statuses, refunds, consent, told } = components(task, desk, talk);
	return closed && fields && statuses && refunds && consent && told;
}

/** Whether nothing that anybody could do, and no rescue, leads to success any more. */
export function isLost(task: Task, { desk, talk }: Pick<State, "desk" | "talk">): boolean {
	if (desk.closed) return !succeeded(task, desk, talk);
	if (talk.unconfirmed) return true;
	return task.orders.some(({ goal }, index) => isSpoilt(desk.orders[index]!, goal));
}

function isSpoilt(order: Desk["orders"][number], goal: Task["orders"][number]["goal"]): boolean {
	if (order.refund !== "none" && order.refund !== goal.refund) return true;
	const final = order.status === "dispatched" || order.status === "cancelled" || order.status === "replaced";
	if (!final || order.returnable > 0) return false;
	return order.status !== goal.status || differingFields(order, goal).length > 0;
}
