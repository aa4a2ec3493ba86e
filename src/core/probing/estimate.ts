// What a search is expected to cost, before it runs: tokens of continuations as long as the recording, at the log's own price.
import type { Rollout, Step } from "../model/trajectory.ts";

export interface ProbeEstimate {
	/** Tokens sent and received by a continuation from the dearest prefix, and from the average one. */
	dearest: number;
	average: number;
	/** Tokens of the whole budget at the average. */
	budget: number;
	/** US dollars of the whole budget at the price that the rollout itself was logged with; null where it logs none. */
	dollars: number | null;
	/** True where the log counts tokens, false where they are guessed from characters. */
	counted: boolean;
}

/** Characters of a token in English text, roughly. */
const CHARACTERS = 4;

/** [K + 1] tokens sent and received by a continuation that takes each of `forks` anew and is as long as the recording. */
export function continuationTokens(rollout: Rollout, forks: readonly number[]): number[] {
	let sent = rollout.tools.reduce((sum, tool) => sum + JSON.stringify(tool).length / CHARACTERS, 0);
	const own = new Map<number, number>();
	for (const step of rollout.steps) {
		const size = sizeOf(step);
		own.set(step.step, (step.tokens?.prompt ?? sent) + (step.tokens?.completion ?? size.said));
		sent += size.said + size.heard;
	}
	const totals: number[] = [];
	let rest = 0;
	for (let index = forks.length - 1; index >= 0; index--) {
		rest += own.get(forks[index] as number) ?? 0;
		totals[index] = Math.max(1, Math.round(rest));
	}
	return totals;
}

function sizeOf(step: Step): { said: number; heard: number } {
	const calls = step.calls.reduce((sum, call) => sum + call.name.length + JSON.stringify(call.arguments).length, 0);
	const heard = step.observations.reduce((sum, { text }) => sum + text.length, 0);
	return { said: (step.text.length + step.reasoning.length + calls) / CHARACTERS, heard: heard / CHARACTERS };
}

export function estimateProbe(rollout: Rollout, forks: readonly number[], budget: number): ProbeEstimate {
	const tokens = continuationTokens(rollout, forks);
	const average = tokens.length === 0 ? 0 : tokens.reduce((sum, count) => sum + count, 0) / tokens.length;
	const whole = (rollout.tokens?.prompt ?? 0) + (rollout.tokens?.completion ?? 0);
	const price = rollout.cost === null || whole === 0 ? null : rollout.cost / whole;
	return {
		dearest: Math.max(0, ...tokens.slice(0, 1)),
		average: Math.round(average),
		budget: Math.round(average * budget),
		dollars: price === null ? null : price * average * budget,
		counted: rollout.steps.some((step) => step.tokens !== null),
	};
}

/** One sentence: `About 40,000 tokens a continuation, 1,280,000 for the whole budget (guessed from characters).` */
export function describeEstimate({ average, budget, dollars, counted }: ProbeEstimate): string {
	const price = dollars === null ? "" : `, $ ${dollars.toFixed(2)} at the logged price`;
	const basis = counted ? "as logged" : "guessed from characters";
	const count = (tokens: number) => tokens.toLocaleString("en-US");
	return `About ${count(average)} tokens a continuation, ${count(budget)} for the whole budget${price} (${basis}).`;
}
