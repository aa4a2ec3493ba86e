// How far the trainer's policy has moved from the one that sampled: log-ratios of a step's tokens, what each clipping
// rule would do to them, and estimates of the divergence. A = advantage, rho = trainer / sampler probability of a token.
import type { Rollout, Step, TokenDetail } from "../model/trajectory.ts";
import { maskOf } from "./batchOf.ts";
import type { Source } from "./estimator.ts";

export interface ClipRule {
	id: string;
	title: string;
	/** Lowest and highest ratio that passes unchanged; 0 and Infinity where a side is open. */
	low: number;
	high: number;
	/** Highest ratio that passes where the advantage is negative, for rules that clip that side too. */
	ceiling?: number;
	/** `token`: each token's own ratio; `sequence`: the geometric mean over the response's tokens. */
	level: "token" | "sequence";
	/** `gradient`: only the side that the advantage's sign forbids stops the gradient; `weight`: the ratio itself is cut. */
	cuts: "gradient" | "weight";
	source: Source;
}

/** The published defaults; bounds are meant to be replaced by the user's own. */
export const CLIP_RULES: readonly ClipRule[] = [
	{
		id: "ppo",
		title: "PPO",
		low: 0.8,
		high: 1.2,
		level: "token",
		cuts: "gradient",
		source: { title: "PPO", reference: "arXiv 1707.06347", where: "equation 7" },
	},
	{
		id: "clip-higher",
		title: "Clip-higher (DAPO)",
		low: 0.8,
		high: 1.28,
		level: "token",
		cuts: "gradient",
		source: { title: "DAPO", reference: "arXiv 2503.14476", where: "section 3.1" },
	},
	{
		id: "dual-clip",
		title: "PPO with dual clip",
		low: 0.8,
		high: 1.2,
		ceiling: 3,
		level: "token",
		cuts: "gradient",
		source: { title: "Dual-clip PPO", reference: "arXiv 1912.09729; verl", where: "c = 3" },
	},
	{
		id: "gspo",
		title: "GSPO",
		low: 1 - 3e-4,
		high: 1 + 4e-4,
		level: "sequence",
		cuts: "gradient",
		source: { title: "GSPO", reference: "arXiv 2507.18071", where: "equations 5 and 7" },
	},
	{
		id: "cispo",
		title: "CISPO",
		low: 0,
		high: 1.28,
		level: "token",
		cuts: "weight",
		source: { title: "MiniMax-M1", reference: "arXiv 2506.13585", where: "section 3.1" },
	},
	{
		id: "tis",
		title: "Truncated importance sampling",
		low: 0,
		high: 2,
		level: "token",
		cuts: "weight",
		source: { title: "Truncated importance sampling", reference: "Ionides 2008", where: "cap C = 2" },
	},
];

export function clipRuleById(id: string): ClipRule | null {
	return CLIP_RULES.find((rule) => rule.id === id) ?? null;
}

/** The rule with the user's bounds. */
export function withBounds(rule: ClipRule, low: number, high: number): ClipRule {
	return { ...rule, low, high };
}

export interface OffPolicy {
	/** Tokens that are trained on and have both log-probabilities. */
	tokens: number;
	/** Mean of log(trainer / sampler). */
	meanLogRatio: number;
	/** The log-ratio that is farthest from 0, with its sign. */
	maxLogRatio: number;
	/** Estimates of KL(sampler || trainer) from the sampled tokens: k1 is the mean of -log rho, k3 of rho - 1 - log rho. */
	k1: number;
	k3: number;
	/** Share of tokens that each rule cuts, by the rule's id; null for a gradient rule without an advantage. */
	clipped: Map<string, number | null>;
}

/** log(trainer / sampler) of the step's trained tokens; null where not both are logged. */
export function logRatiosOf(detail: TokenDetail | null): number[] | null {
	if (detail === null || detail.logprobs === null || detail.trainerLogprobs === null) return null;
	const { logprobs, trainerLogprobs } = detail;
	const mask = maskOf(detail, logprobs.length);
	const ratios: number[] = [];
	for (let token = 0; token < Math.min(logprobs.length, trainerLogprobs.length); token++) {
		if (mask !== null && (mask[token] ?? 0) <= 0) continue;
		const ratio = (trainerLogprobs[token] as number) - (logprobs[token] as number);
		if (Number.isFinite(ratio)) ratios.push(ratio);
	}
	return ratios.length === 0 ? null : ratios;
}

/** True where the rule takes the token's gradient away, or cuts its weight. */
export function isCut(rule: ClipRule, ratio: number, advantage: number): boolean {
	if (rule.cuts === "weight") return ratio < rule.low || ratio > rule.high;
	if (advantage > 0) return ratio > rule.high;
	return advantage < 0 && (ratio < rule.low || ratio > (rule.ceiling ?? Number.POSITIVE_INFINITY));
}

/**
 * The view of one step.
 * @param advantage of the step, which decides the side that a gradient rule clips; null where there is none
 * @param sequenceLogRatio mean log-ratio over the whole response, for rules on sequences
 */
export function offPolicyOf(
	step: Step,
	advantage: number | null,
	sequenceLogRatio: number,
	rules: readonly ClipRule[] = CLIP_RULES,
): OffPolicy | null {
	const ratios = logRatiosOf(step.tokenDetail);
	if (ratios === null) return null;
	let sum = 0;
	let farthest = 0;
	let k3 = 0;
	for (const ratio of ratios) {
		sum += ratio;
		if (Math.abs(ratio) > Math.abs(farthest)) farthest = ratio;
		k3 += Math.expm1(ratio) - ratio;
	}
	const clipped = new Map(
		rules.map((rule) => [rule.id, clippedShare(rule, ratios, sequenceLogRatio, advantage)] as const),
	);
	const tokens = ratios.length;
	return { tokens, meanLogRatio: sum / tokens, maxLogRatio: farthest, k1: -sum / tokens, k3: k3 / tokens, clipped };
}

function clippedShare(rule: ClipRule, ratios: number[], sequence: number, advantage: number | null): number | null {
	if (rule.cuts === "gradient" && advantage === null) return null;
	if (rule.level === "sequence") return isCut(rule, Math.exp(sequence), advantage ?? 0) ? 1 : 0;
	const cut = ratios.filter((ratio) => isCut(rule, Math.exp(ratio), advantage ?? 0));
	return cut.length / ratios.length;
}

/** The view of every step of a rollout; null entries for steps without both log-probabilities. */
export function offPolicyOfRollout(
	rollout: Rollout,
	advantageOf: (step: number) => number | null,
	rules: readonly ClipRule[] = CLIP_RULES,
): (OffPolicy | null)[] {
	const all = rollout.steps.flatMap((step) => logRatiosOf(step.tokenDetail) ?? []);
	let sum = 0;
	for (const ratio of all) sum += ratio;
	return rollout.steps.map((step, index) => offPolicyOf(step, advantageOf(index), sum / all.length, rules));
}

/** k3 estimate of KL from the ratio reference / policy: q - ln q - 1 (Schulman's note on approximating KL). */
export function k3(ratio: number): number {
	return ratio - Math.log(ratio) - 1;
}

export interface Uncertainty {
	/** Mean entropy of the sampling distribution over the step's tokens, in nats. */
	entropy: number | null;
	/** Mean of -log probability of the tokens that were sampled, in nats. */
	surprisal: number | null;
}

/** What the tokens of a step say about how sure the policy was. */
export function uncertaintyOf(step: Step): Uncertainty {
	const detail = step.tokenDetail;
	return {
		entropy: meanWhere(detail, detail?.entropies ?? null),
		surprisal: negated(meanWhere(detail, detail?.logprobs ?? null)),
	};
}

function meanWhere(detail: TokenDetail | null, column: readonly number[] | null): number | null {
	const mask = detail === null ? null : maskOf(detail, column?.length ?? 0);
	let sum = 0;
	let count = 0;
	(column ?? []).forEach((value, token) => {
		if (mask !== null && (mask[token] as number) <= 0) return;
		sum += value;
		count++;
	});
	return count === 0 ? null : sum / count;
}

function negated(value: number | null): number | null {
	return value === null ? null : -value;
}
