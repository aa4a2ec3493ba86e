// The same outcome spread over the steps of a rollout in several ways, as marketing attribution spreads a conversion over
// touch-points (MAL, arXiv 2508.15217; MAC, arXiv 2603.02184). Where the views disagree is a step worth reading.
import type { Source } from "../advantages/estimator.ts";
import { rankCorrelation } from "../math/moments.ts";
import type { Random } from "../math/random.ts";
import { actionKey } from "../model/action.ts";
import type { Rollout, Step } from "../model/trajectory.ts";
import { coalitionWalk, precedenceOf } from "./coalition.ts";
import { sampleShapley } from "./shapley.ts";

export interface AttributionContext {
	/** All rollouts of the task, `rollout` among them; those without a reward are left out. */
	group: readonly { rollout: Rollout; reward: number | null }[];
	random: Random;
	/** Sampled orders for Shapley values. */
	permutations: number;
	/** Steps after which time decay has halved the weight of an earlier one. */
	halfLife: number;
}

export interface Attribution {
	/** One share for each touched step; they sum to the outcome that is spread. */
	shares: number[];
	/** Standard errors of sampled shares; null where nothing is sampled. */
	errors: number[] | null;
}

export interface AttributionView {
	id: string;
	title: string;
	rule: string;
	source: Source;
	spread(rollout: Rollout, steps: readonly number[], outcome: number, context: AttributionContext): Attribution;
}

const STANDARD: Source = {
	title: "Multi-attribution learning",
	reference: "arXiv 2508.15217",
	where: "attribution labels",
};

/** Weights that sum to 1, times the outcome. */
function weighted(weights: number[], outcome: number): Attribution {
	const total = weights.reduce((sum, weight) => sum + weight, 0);
	return { shares: weights.map((weight) => (outcome * weight) / total), errors: null };
}

export const firstTouch: AttributionView = {
	id: "first-touch",
	title: "First touch",
	rule: "all to the first step",
	source: STANDARD,
	spread: (_, steps, outcome) =>
		weighted(
			steps.map((_step, index) => (index === 0 ? 1 : 0)),
			outcome,
		),
};

export const lastTouch: AttributionView = {
	id: "last-touch",
	title: "Last touch",
	rule: "all to the last step",
	source: STANDARD,
	spread: (_, steps, outcome) =>
		weighted(
			steps.map((_step, index) => (index === steps.length - 1 ? 1 : 0)),
			outcome,
		),
};

export const linear: AttributionView = {
	id: "linear",
	title: "Linear",
	rule: "the same to every step",
	source: STANDARD,
	spread: (_, steps, outcome) =>
		weighted(
			steps.map(() => 1),
			outcome,
		),
};

export const timeDecay: AttributionView = {
	id: "time-decay",
	title: "Time decay",
	rule: "weights 2^(-distance to the end / half-life), distance in steps of the agent",
	source: STANDARD,
	spread: (_, steps, outcome, { halfLife }) =>
		weighted(
			steps.map((_step, index) => 2 ** ((index - steps.length + 1) / halfLife)),
			outcome,
		),
};

export const shapley: AttributionView = {
	id: "shapley",
	title: "Shapley",
	rule: "mean gain of a step over sampled orders that respect precedence; v(S) = mean reward of the group's rollouts that did all actions of S",
	source: { title: "Data-driven attribution", reference: "arXiv 2508.15217; Shapley 1953", where: "Shapley value" },
	spread: (rollout, steps, _outcome, context) => {
		const actions = steps.map((step) => actionKey(rollout.steps[step] as Step));
		const rewarded = context.group.flatMap(({ rollout: other, reward }) =>
			reward === null ? [] : [{ actions: new Set(other.steps.map(actionKey)), reward }],
		);
		const walk = coalitionWalk(actions, rewarded);
		const before = precedenceOf(rollout, steps);
		const sampled = sampleShapley(steps.length, walk, before, context.permutations, context.random);
		return { shares: sampled.values, errors: sampled.errors };
	},
};

export const ATTRIBUTION_VIEWS: readonly AttributionView[] = [firstTouch, lastTouch, linear, timeDecay, shapley];

export interface AttributionTable {
	/** 0-based steps of the agent that shares are given to. */
	steps: number[];
	/** What is spread: the rollout's reward minus its group's mean. */
	outcome: number;
	views: { view: AttributionView; attribution: Attribution }[];
	/** Rank correlation of each pair of views over the steps; NaN where a view gives every step the same. */
	agreement: number[][];
	/** Range of the views' shares at each step: large where they disagree. */
	disagreement: number[];
}

/**
 * All views of one rollout side by side.
 * @returns null where the rollout or its group has no reward, or the agent took no step
 */
export function attributionTable(rollout: Rollout, context: AttributionContext): AttributionTable | null {
	const rewards = context.group.flatMap(({ reward }) => (reward === null ? [] : [reward]));
	const own = context.group.find((entry) => entry.rollout === rollout)?.reward ?? null;
	const steps = rollout.steps.flatMap((step, index) => (step.role === "agent" ? [index] : []));
	if (own === null || steps.length === 0) return null;
	const outcome = own - rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
	const views = ATTRIBUTION_VIEWS.map((view) => ({ view, attribution: view.spread(rollout, steps, outcome, context) }));
	const shares = views.map(({ attribution }) => attribution.shares);
	return {
		steps,
		outcome,
		views,
		agreement: shares.map((one) => shares.map((two) => rankCorrelation(one, two))),
		disagreement: steps.map((_, index) => {
			const column = shares.map((view) => view[index] as number);
			return Math.max(...column) - Math.min(...column);
		}),
	};
}
