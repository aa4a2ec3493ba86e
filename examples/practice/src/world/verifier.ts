// The verifier: final state against the task, with switchable mistakes of its own.
import { PURPOSE, uniform } from "./random.ts";
import { components, type State, succeeded } from "./state.ts";
import type { Task } from "./tasks.ts";

export interface VerifierSwitches {
	/** Chance that a failure is given reward 1. */
	falsePositive: number;
	/** Chance that a success is given reward 0. */
	falseNegative: number;
}
export const EXACT_VERIFIER: VerifierSwitches = { falsePositive: 0, falseNegative: 0 };

export interface Verdict {
	/** 0 or 1, with the verifier's mistakes. */
	reward: number;
	/** Each part of the task as 0 or 1, never mistaken. */
	components: Record<string, number>;
	/** The truth. */
	success: boolean;
}

/** Judges a final state. Mistakes depend on `seed` only, so the same rollout is judged the same way again. */
export function verify(
	task: Task,
	{ desk, talk }: Pick<State, "desk" | "talk">,
	switches: VerifierSwitches,
	seed: number,
): Verdict {
	const success = succeeded(task, desk, talk);
	const rate = success ? switches.falseNegative : switches.falsePositive;
	const mistaken = rate > 0 && uniform(seed, 0, PURPOSE.verifier) < rate;
	const parts = Object.entries(components(task, desk, talk)).map(([name, good]) => [name, Number(good)]);
	return { reward: Number(success !== mistaken), components: Object.fromEntries(parts), success };
}

/** Probability of reward 1 where the probability of success is `value`. */
export function rewardChance(value: number, { falsePositive, falseNegative }: VerifierSwitches): number {
	return value * (1 - falseNegative) + (1 - value) * falsePositive;
}
