// Pairs of a better and a worse continuation of the same beginning: corrections, people's preferences, siblings of which
// one succeeded and one failed. Every format of pairs takes them from here.
import { type AnnotatedRollout, changesOf } from "../labels/annotate.ts";
import { stepHashes } from "../labels/subject.ts";
import type { JsonObject } from "../model/json.ts";
import type { Rollout, Step } from "../model/trajectory.ts";
import { correctedMessage, messagesBetween, ownMessage } from "./messages.ts";
import { goodUntil, wholeRating } from "./verdicts.ts";

export interface Pair {
	/** The rollout that the worse side comes from. */
	of: AnnotatedRollout;
	kind: "correction" | "preference" | "siblings";
	/** Messages that both share. */
	prompt: JsonObject[];
	chosen: JsonObject[];
	rejected: JsonObject[];
	/** 0-based step at which the two part. */
	step: number;
	/** Difference of rewards where both are known, else 1; at least 0. */
	gain: number;
	/** Share of the verdicts on the two that say the same; 1 where nobody was asked. */
	confidence: number;
}

/** The corrected step against the original one. */
export function correctionPairs(group: readonly AnnotatedRollout[]): Pair[] {
	return group.flatMap((of) =>
		changesOf(of, "correction").flatMap(({ step, change }): Pair[] => {
			const original = step === null ? undefined : of.rollout.steps[step];
			if (original === undefined) return [];
			return [
				{
					of,
					kind: "correction",
					prompt: messagesBetween(of.rollout, 0, original.step),
					chosen: correctedMessage(original, change.text, change.calls),
					rejected: ownMessage(original),
					step: original.step,
					gain: 1,
					confidence: 1,
				},
			];
		}),
	);
}

/** Whole rollouts that people compared: the better one by most verdicts. As many verdicts for either side give no pair. */
export function preferencePairs(group: readonly AnnotatedRollout[]): Pair[] {
	const votes = new Map<string, { one: AnnotatedRollout; two: AnnotatedRollout; forOne: number; forTwo: number }>();
	for (const [better, worse] of comparisons(group)) {
		if (better === worse) continue;
		const [one, two] = better.hash < worse.hash ? [better, worse] : [worse, better];
		const key = JSON.stringify([one.hash, two.hash]);
		const known = votes.get(key) ?? { one, two, forOne: 0, forTwo: 0 };
		if (better === one) known.forOne++;
		else known.forTwo++;
		votes.set(key, known);
	}
	return [...votes.values()].flatMap(({ one, two, forOne, forTwo }) => {
		if (forOne === forTwo) return [];
		const [better, worse] = forOne > forTwo ? [one, two] : [two, one];
		const pair = wholePair(better, worse, "preference");
		return pair === null ? [] : [{ ...pair, confidence: Math.max(forOne, forTwo) / (forOne + forTwo) }];
	});
}

/** Every verdict of every annotator that one rollout is better than another, from comparisons and rankings; no ties. */
function comparisons(group: readonly AnnotatedRollout[]): [AnnotatedRollout, AnnotatedRollout][] {
	const byHash = new Map(group.map((of) => [of.hash, of]));
	const compared = group.flatMap((of) =>
		changesOf(of, "preference").flatMap(({ change }): [AnnotatedRollout, AnnotatedRollout][] => {
			const other = byHash.get(change.other);
			if (other === undefined || change.preferred === "tie" || change.preferred === null) return [];
			return [change.preferred === "this" ? [of, other] : [other, of]];
		}),
	);
	const ranked = group.flatMap((of) =>
		changesOf(of, "ranking").flatMap(({ change }) => {
			const places = change.order.map((tied) => tied.flatMap((hash) => byHash.get(hash) ?? []));
			return places.flatMap((better, place) =>
				places
					.slice(place + 1)
					.flatMap((worse) =>
						better.flatMap((one) => worse.map((two): [AnnotatedRollout, AnnotatedRollout] => [one, two])),
					),
			);
		}),
	);
	return [...compared, ...ranked];
}

/** For each failure, the success of its group that goes along with it longest. */
export function siblingPairs(group: readonly AnnotatedRollout[]): Pair[] {
	const successes = group.filter(({ rollout }) => wholeRating(rollout) === 1);
	const hashes = new Map(group.map((of) => [of, stepHashes(of.rollout)]));
	return group.flatMap((worse) => {
		if (wholeRating(worse.rollout) !== -1) return [];
		let better: AnnotatedRollout | null = null;
		let longest = -1;
		for (const success of successes) {
			const shared = commonSteps(hashes.get(success) as string[], hashes.get(worse) as string[]);
			if (shared > longest) {
				better = success;
				longest = shared;
			}
		}
		return better === null ? [] : (wholePair(better, worse, "siblings") ?? []);
	});
}

/** Null where both are the same, or one ends where they part. */
function wholePair(better: AnnotatedRollout, worse: AnnotatedRollout, kind: Pair["kind"]): Pair | null {
	const step = commonSteps(stepHashes(better.rollout), stepHashes(worse.rollout));
	if (step >= better.rollout.steps.length || step >= worse.rollout.steps.length) return null;
	return {
		of: worse,
		kind,
		prompt: messagesBetween(better.rollout, 0, step),
		chosen: messagesBetween(better.rollout, step),
		rejected: messagesBetween(worse.rollout, step),
		step,
		gain: gain(better.rollout, worse.rollout),
		confidence: 1,
	};
}

function gain(better: Rollout, worse: Rollout): number {
	if (better.reward === null || worse.reward === null) return 1;
	return Math.max(0, better.reward - worse.reward);
}

function commonSteps(one: readonly string[], two: readonly string[]): number {
	let length = 0;
	while (length < one.length && one[length] === two[length]) length++;
	return length;
}

/** Pairs that part at a step of the agent, cut to the messages that the agent itself wrote there. */
export function stepPairs(group: readonly AnnotatedRollout[]): Pair[] {
	return [...correctionPairs(group), ...siblingPairs(group).flatMap(firstAction)];
}

function firstAction(pair: Pair): Pair[] {
	const [chosen] = pair.chosen;
	const [rejected] = pair.rejected;
	if (chosen?.role !== "assistant" || rejected?.role !== "assistant") return [];
	return [{ ...pair, chosen: [chosen], rejected: [rejected] }];
}

export interface Recovery {
	of: AnnotatedRollout;
	prompt: JsonObject[];
	failing: Step;
	recovery: JsonObject[];
}

/** Failing steps with what a success of the group did from the same place on. */
export function recoveries(group: readonly AnnotatedRollout[]): Recovery[] {
	const successes = group.filter(({ rollout }) => wholeRating(rollout) === 1);
	return group.flatMap((of): Recovery[] => {
		const at = goodUntil(of.rollout) ?? null;
		const failing = at === null ? undefined : of.rollout.steps[at];
		if (failing === undefined) return [];
		const hashes = stepHashes(of.rollout);
		const saved = successes.find(
			({ rollout }) =>
				rollout !== of.rollout &&
				rollout.steps.length > failing.step &&
				commonSteps(stepHashes(rollout), hashes) === failing.step,
		);
		if (saved === undefined) return [];
		return [
			{
				of,
				prompt: messagesBetween(of.rollout, 0, failing.step),
				failing,
				recovery: messagesBetween(saved.rollout, failing.step),
			},
		];
	});
}
