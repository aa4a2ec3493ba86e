// Success with minus success without an action among the rollouts of a task: plain, and weighted by how likely the action
// was at the point where it could be taken. An association in the log, never a cause: the agent chose.
import { differenceOfShares, type Interval, quantile } from "../math/intervals.ts";
import { type Random, randomIndex } from "../math/random.ts";
import type { Rollout, Step } from "../model/trajectory.ts";

export interface ActionEffect {
	/** Name of the tool. */
	action: string;
	withAction: number;
	withoutAction: number;
	/** Success rate with minus without, over all rollouts with a known outcome; null where one side is empty. */
	difference: number | null;
	interval: Interval | null;
	/** The same, weighted by inverse propensity, over the rollouts with a choice; null without overlap. */
	weighted: number | null;
	weightedInterval: Interval | null;
	/** Rollouts that came to a point where some took the action and some did not. */
	overlap: number;
	/** Why there is no weighted number; null where there is one. */
	reason: string | null;
}

/** A rollout at the first point where the action was a live choice. */
interface Choice {
	prefix: string;
	took: boolean;
	success: number;
}

/** What a propensity is conditioned on: the tool before, and roughly how far the rollout is. */
export type PrefixFeatures = (before: readonly Step[]) => string;

export const previousToolAndStage: PrefixFeatures = (before) => {
	const made = before.length;
	const stage = made === 0 ? "start" : made < 3 ? "1-2" : made < 6 ? "3-5" : "6+";
	return `${before.at(-1)?.calls.at(-1)?.name ?? "nothing"} ${stage}`;
};

/** Fewest rollouts with and without the action, at points with a choice, for a weighted number. */
const LEAST = 2;

/** The effect of each tool of the group, those with the most rollouts with a choice first. */
export function actionEffects(
	group: readonly Rollout[],
	random: Random,
	features: PrefixFeatures = previousToolAndStage,
): ActionEffect[] {
	const known = group.filter((rollout) => rollout.outcome !== "unknown");
	const actions = new Set(known.flatMap((rollout) => rollout.steps.flatMap((step) => toolsOf(step))));
	return [...actions]
		.map((action) => effectOf(action, known, random, features))
		.sort((a, b) => b.overlap - a.overlap || (a.action < b.action ? -1 : 1));
}

function toolsOf(step: Step): string[] {
	return step.role === "agent" ? step.calls.map((call) => call.name) : [];
}

function effectOf(action: string, group: readonly Rollout[], random: Random, features: PrefixFeatures): ActionEffect {
	const took = group.filter((rollout) => rollout.steps.some((step) => toolsOf(step).includes(action)));
	const withAction = took.length;
	const withoutAction = group.length - withAction;
	const successes = successCount(took);
	const otherSuccesses = successCount(group) - successes;
	const choices = choicesOf(action, group, features);
	const takers = choices.filter((choice) => choice.took).length;
	const enough = takers >= LEAST && choices.length - takers >= LEAST;
	const weighted = enough ? weightedDifference(choices) : Number.NaN;
	const overlaps = !Number.isNaN(weighted);
	return {
		action,
		withAction,
		withoutAction,
		difference:
			withAction === 0 || withoutAction === 0 ? null : successes / withAction - otherSuccesses / withoutAction,
		interval: differenceOfShares(successes, withAction, otherSuccesses, withoutAction),
		weighted: overlaps ? weighted : null,
		weightedInterval: overlaps ? bootstrap(choices, random) : null,
		overlap: choices.length,
		reason: overlaps ? null : "no overlap: nowhere did some take it and some not, often enough",
	};
}

function successCount(rollouts: readonly Rollout[]): number {
	return rollouts.filter((rollout) => rollout.outcome === "success").length;
}

/** The first point of each rollout whose features some rollouts met with the action and some without. */
function choicesOf(action: string, group: readonly Rollout[], features: PrefixFeatures): Choice[] {
	const decisions = group.map((rollout) => decisionsOf(rollout, features));
	const taken = new Map<string, { took: boolean; passed: boolean }>();
	for (const { prefix, tools } of decisions.flat()) {
		const entry = taken.get(prefix) ?? { took: false, passed: false };
		if (tools.includes(action)) entry.took = true;
		else entry.passed = true;
		taken.set(prefix, entry);
	}
	return decisions.flatMap((own, index) => {
		const live = own.find(({ prefix }) => taken.get(prefix)?.took && taken.get(prefix)?.passed);
		if (live === undefined) return [];
		const success = group[index]?.outcome === "success" ? 1 : 0;
		return [{ prefix: live.prefix, took: live.tools.includes(action), success }];
	});
}

function decisionsOf(rollout: Rollout, features: PrefixFeatures): { prefix: string; tools: string[] }[] {
	const acted = rollout.steps.filter((step) => step.role === "agent");
	return acted.map((step, index) => ({
		prefix: features(acted.slice(Math.max(0, index - 6), index)),
		tools: toolsOf(step),
	}));
}

/**
 * Hajek's estimator with propensities counted within equal features; points where all or none of the first choices took
 * the action are without overlap and left out. NaN where nothing is left.
 */
function weightedDifference(choices: readonly Choice[]): number {
	const counts = new Map<string, { took: number; all: number }>();
	for (const { prefix, took } of choices) {
		const entry = counts.get(prefix) ?? { took: 0, all: 0 };
		entry.all++;
		if (took) entry.took++;
		counts.set(prefix, entry);
	}
	let withSum = 0;
	let withWeight = 0;
	let withoutSum = 0;
	let withoutWeight = 0;
	for (const { prefix, took, success } of choices) {
		const { took: takers, all } = counts.get(prefix) as { took: number; all: number };
		if (takers === 0 || takers === all) continue;
		const weight = took ? all / takers : all / (all - takers);
		if (took) {
			withSum += weight * success;
			withWeight += weight;
		} else {
			withoutSum += weight * success;
			withoutWeight += weight;
		}
	}
	return withSum / withWeight - withoutSum / withoutWeight;
}

function bootstrap(choices: readonly Choice[], random: Random, draws = 1000): Interval | null {
	const results: number[] = [];
	for (let draw = 0; draw < draws; draw++) {
		const sample = choices.map(() => choices[randomIndex(random, choices.length)] as Choice);
		const result = weightedDifference(sample);
		if (!Number.isNaN(result)) results.push(result);
	}
	if (results.length < draws / 2) return null;
	results.sort((a, b) => a - b);
	return { low: quantile(results, 0.025), high: quantile(results, 0.975) };
}
