// Numbers of a group's rollouts in columns, as pictures beside the tree want them: parts of rewards, times of steps.
import type { Rollout, Step } from "../model/trajectory.ts";
import { visible } from "../text/line.ts";
import type { KeyedRollout } from "./merge.ts";

/** The named parts of the rewards: `values` holds them rollout by rollout, NaN where a rollout lacks one. */
export function rewardParts(group: readonly KeyedRollout[]): { names: string[]; values: Float64Array } {
	const names = [...new Set(group.flatMap(({ rollout }) => Object.keys(rollout.rewards)))].sort();
	const values = group.flatMap(({ rollout: { rewards } }) =>
		names.map((name) => (Object.hasOwn(rewards, name) ? (rewards[name] as number) : Number.NaN)),
	);
	return { names: names.map(visible), values: Float64Array.from(values) };
}

/** Columns by step, rollout by rollout; milliseconds since 1970, NaN where the log does not say. */
export interface StepTimes {
	/** [rollouts + 1] first step of each rollout. */
	start: Int32Array;
	begin: Float64Array;
	end: Float64Array;
	agents: string[];
	/** Index into `agents`: who took the step. */
	agent: Int32Array;
}

export function stepTimes(group: readonly KeyedRollout[]): StepTimes {
	const numbers = new Map<string, number>();
	const start = new Int32Array(group.length + 1);
	const begin: number[] = [];
	const end: number[] = [];
	const agent: number[] = [];
	group.forEach(({ rollout }, number) => {
		for (const step of rollout.steps) {
			const name = visible(step.agent ?? rollout.agent ?? step.role);
			if (!numbers.has(name)) numbers.set(name, numbers.size);
			const [from, to] = timeOf(rollout, step);
			begin.push(from);
			end.push(to);
			agent.push(numbers.get(name) as number);
		}
		start[number + 1] = begin.length;
	});
	return {
		start,
		begin: Float64Array.from(begin),
		end: Float64Array.from(end),
		agents: [...numbers.keys()],
		agent: Int32Array.from(agent),
	};
}

/** When a step began and ended; the logs' times are the ends of steps unless a duration says otherwise. */
function timeOf(rollout: Rollout, step: Step): [number, number] {
	if (step.time === null) return [Number.NaN, Number.NaN];
	if (step.durationMs !== null) return [step.time, step.time + step.durationMs];
	const previous = rollout.steps[step.step - 1]?.time ?? null;
	return [previous === null ? step.time : Math.min(previous, step.time), step.time];
}
