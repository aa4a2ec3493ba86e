// What a subset of a rollout's steps was worth, as far as the other rollouts of the task can tell, and which steps must
// come before which.
import type { JsonValue } from "../model/json.ts";
import type { Rollout, Step } from "../model/trajectory.ts";

/** Values of a set of steps that grows by one step at a time. */
export interface CoalitionWalk {
	/** Empties the set and answers its value. */
	restart(): number;
	/** Adds a step (an index into the rollout's steps) and answers the value of the set. */
	join(member: number): number;
}

/**
 * v(S): mean reward of the rollouts that did every action of S, in whatever order and among whatever else. v of nothing
 * is the group's mean; v of all steps is that of the rollouts that did all of them, usually the rollout alone. Sets that
 * nobody did cannot occur, because the rollout itself did them.
 */
export function coalitionWalk(
	actions: readonly string[],
	rollouts: readonly { actions: ReadonlySet<string>; reward: number }[],
): CoalitionWalk {
	const did = actions.map((action) => Uint8Array.from(rollouts, (rollout) => (rollout.actions.has(action) ? 1 : 0)));
	const alive = new Uint8Array(rollouts.length);
	const mean = () => {
		let sum = 0;
		let count = 0;
		rollouts.forEach(({ reward }, index) => {
			if (alive[index] === 0) return;
			sum += reward;
			count++;
		});
		return sum / count;
	};
	return {
		restart() {
			alive.fill(1);
			return mean();
		},
		join(member) {
			const column = did[member];
			for (let index = 0; index < alive.length; index++) if (column?.[index] === 0) alive[index] = 0;
			return mean();
		},
	};
}

/** Shorter texts occur by chance. */
const TELLING = 4;

/**
 * For each step of `steps` the earlier ones (indices into `steps`) that it depends on: those in whose observations a
 * text that it uses as an argument appeared. A step that only speaks depends on all before it.
 */
export function precedenceOf(rollout: Rollout, steps: readonly number[]): number[][] {
	const observed = steps.map((step) => observations(rollout.steps[step] as Step));
	return steps.map((step, index) => {
		const { calls } = rollout.steps[step] as Step;
		const earlier = Array.from({ length: index }, (_, other) => other);
		if (calls.length === 0) return earlier;
		const used = calls.flatMap((call) => texts(call.arguments)).filter((text) => text.length >= TELLING);
		return earlier.filter((other) => used.some((text) => observed[other]?.includes(text)));
	});
}

function observations(step: Step): string {
	return step.observations.map((observation) => observation.text).join("\n");
}

/** Every text and number in a value, however deep. */
function texts(value: JsonValue): string[] {
	const found: string[] = [];
	const waiting: JsonValue[] = [value];
	while (waiting.length > 0) {
		const current = waiting.pop() as JsonValue;
		if (typeof current === "string" || typeof current === "number") found.push(String(current));
		else if (typeof current === "object" && current !== null) waiting.push(...Object.values(current));
	}
	return found;
}
