// What a rollout's steps add up to, for formats whose logs state it per step only.
import type { Rollout, Step, TokenUsage } from "../model/trajectory.ts";

/** Fills times, tokens, cost, model and agent of the rollout from its steps, where the log left them unknown. */
export function addTotals(rollout: Rollout): Rollout {
	const { steps } = rollout;
	const own = steps.filter((step) => !step.copied);
	const times = own.flatMap((step) => (step.time === null ? [] : [step.time]));
	const start = rollout.time ?? minimum(times);
	rollout.time = start;
	if (rollout.durationMs === null && start !== null && times.length > 0) {
		const end = own.reduce((latest, step) => Math.max(latest, (step.time ?? 0) + (step.durationMs ?? 0)), start);
		rollout.durationMs = end - start;
	}
	rollout.tokens ??= sumTokens(own);
	rollout.cost ??= sum(own.map((step) => step.cost));
	rollout.model ??= steps.find((step) => step.model !== null)?.model ?? null;
	rollout.agent ??= steps.find((step) => step.role === "agent" && step.agent !== null)?.agent ?? null;
	return rollout;
}

function minimum(values: number[]): number | null {
	return values.length === 0 ? null : values.reduce((least, value) => Math.min(least, value));
}

/** The sum of what is known; null where nothing is. */
function sum(values: (number | null)[]): number | null {
	let total: number | null = null;
	for (const value of values) if (value !== null) total = (total ?? 0) + value;
	return total;
}

function sumTokens(steps: Step[]): TokenUsage | null {
	const used = steps.flatMap((step) => (step.tokens === null ? [] : [step.tokens]));
	if (used.length === 0) return null;
	return {
		prompt: sum(used.map((tokens) => tokens.prompt)),
		completion: sum(used.map((tokens) => tokens.completion)),
		cached: sum(used.map((tokens) => tokens.cached)),
		reasoning: sum(used.map((tokens) => tokens.reasoning)),
	};
}
