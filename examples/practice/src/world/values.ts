// Exact success probabilities: the graph of states that the policy can reach, with a value at every node.
import type { Action } from "./actions.ts";
import type { WorldSwitches } from "./desk.ts";
import type { Choice } from "./policy.ts";
import { choicesOf } from "./policy.ts";
import type { Policy } from "./skill.ts";
import { isLost, outcomesOf, type State, succeeded } from "./state.ts";
import { stateKey } from "./stateKey.ts";
import type { Task } from "./tasks.ts";

/** A state with its value and, for simulation, where one step leads: probabilities and nodes side by side. */
export interface ValueNode {
	value: number;
	probabilities: number[];
	next: ValueNode[];
}

const LOST: ValueNode = { value: 0, probabilities: [], next: [] };
const WON: ValueNode = { value: 1, probabilities: [], next: [] };

/**
 * Values of one task under one policy in one world. States are expanded when they are first asked for and kept, so the
 * first question about a task costs the whole graph below it and the others next to nothing.
 * The depth of the recursion is the number of steps left.
 */
export class ValueGraph {
	readonly task: Task;
	readonly policy: Policy;
	readonly switches: WorldSwitches;
	private readonly nodes = new Map<string, ValueNode>();

	constructor(task: Task, policy: Policy, switches: WorldSwitches) {
		this.task = task;
		this.policy = policy;
		this.switches = switches;
	}

	/** States that were needed so far. */
	get size(): number {
		return this.nodes.size;
	}

	/** Probability that a rollout which stands in `state`, between two agent steps, ends in success. */
	value(state: State): number {
		return this.node(state).value;
	}

	/** The same when the agent takes `action` now and goes on by its policy. */
	actionValue(state: State, action: Action): number {
		let value = 0;
		for (const outcome of outcomesOf(this.task, state, action, this.switches)) {
			value += outcome.probability * this.value(outcome.state);
		}
		return value;
	}

	choices(state: State): Choice[] {
		return choicesOf(this.task, this.policy, state.memory);
	}

	node(state: State): ValueNode {
		const ended = this.ending(state);
		if (ended !== null) return ended;
		const key = stateKey(this.task, state);
		const known = this.nodes.get(key);
		if (known !== undefined) return known;
		const node = this.expand(state);
		this.nodes.set(key, node);
		return node;
	}

	private ending({ desk, memory, talk }: State): ValueNode | null {
		if (desk.closed) return succeeded(this.task, desk, talk) ? WON : LOST;
		if (memory.ended !== "" || memory.step >= memory.budget) return LOST;
		return isLost(this.task, { desk, talk }) || isLeftUndone(this.task, { desk, memory, talk }) ? LOST : null;
	}

	private expand(state: State): ValueNode {
		const node: ValueNode = { value: 0, probabilities: [], next: [] };
		for (const choice of this.choices(state)) {
			for (const outcome of outcomesOf(this.task, state, choice.action, this.switches)) {
				const next = this.node(outcome.state);
				const probability = choice.probability * outcome.probability;
				node.probabilities.push(probability);
				node.next.push(next);
				node.value += probability * next.value;
			}
		}
		return node;
	}
}

/**
 * Whether an earlier job was left with something undone that is not seen to again. The procedure never goes back to a job, except
 * for a parcel that came back, and reviews mend fields only; so such a state is lost for this policy. Leaving this out changes no
 * value: it keeps the graph of a long task from growing with every combination of half-done jobs.
 */
function isLeftUndone(task: Task, { desk, memory, talk }: State): boolean {
	return task.jobs.some((job, index) => {
		if (memory.phase <= index + 1 || memory.returned === job.order) return false;
		const order = desk.orders[job.order]!;
		const { goal, day } = task.orders[job.order]!;
		if (job.kind === "day") return talk.told[index] !== day;
		return order.returnable === 0 && (order.status !== goal.status || order.refund !== goal.refund);
	});
}
