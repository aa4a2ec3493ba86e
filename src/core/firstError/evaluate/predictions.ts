// Predictions to be measured: those of the ranking, of the simplest rules, and of judges whose verdicts a log holds.
import type { Rollout } from "../../model/trajectory.ts";
import { learnPrior, priorOver } from "../ranking/prior.ts";
import type { EvaluationItem, Mode } from "./items.ts";
import { labelledAnswer } from "./truth.ts";

/** One answer a rollout: candidate positions in order of preference, null standing for "there is none". */
export type Ranked = readonly (number | null)[];

export interface Method {
	name: string;
	kind: "ranking" | "baseline" | "judge";
	/** One entry an item; null where the method says nothing, which counts as wrong. */
	answers: readonly (Ranked | null)[];
	/** Why its numbers flatter it; null where they do not. */
	note: string | null;
}

/** The simplest rules. Where the outcome is known, each also in the form "a success has no error". */
export function baselines(items: readonly EvaluationItem[], mode: Mode): Method[] {
	const last = ({ candidates }: EvaluationItem) => candidates.steps.length - 1;
	const best = bestFixed(items, (_, k) => k);
	const bestIndex = bestFixed(items, positionOfIndex);
	const rules: { name: string; rank: (item: EvaluationItem) => Ranked; note: string | null }[] = [
		{ name: "first step", rank: () => [0], note: null },
		{ name: "last step", rank: (item) => [last(item)], note: null },
		{ name: `always step ${best.k} (best k)`, rank: () => [best.k], note: "k chosen on the same rollouts" },
		{
			name: `always index ${bestIndex.k} (best index)`,
			rank: (item) => [positionOfIndex(item, bestIndex.k)],
			note: "index chosen on the same rollouts",
		},
		{ name: "position prior (leave one task out)", rank: positionPrior(items), note: null },
	];
	const methods: Method[] = [
		{ name: "none", kind: "baseline", answers: items.map(() => [null]), note: null },
		...rules.map(({ name, rank, note }) => ({ name, kind: "baseline" as const, answers: items.map(rank), note })),
	];
	if (mode === "blind" || items.every(({ outcome }) => outcome !== "success")) return methods;
	return [
		...methods,
		...rules.map(({ name, rank, note }) => ({
			name: `failed: ${name}; solved: none`,
			kind: "baseline" as const,
			answers: items.map((item) => (item.outcome === "success" ? [null] : rank(item))),
			note,
		})),
	];
}

function positionOfIndex(item: EvaluationItem, index: number): number {
	return item.candidates.steps.findIndex((step) => String(item.rollout.steps[step]?.origin.index) === String(index));
}

const LARGEST_FIXED = 60;

/** The fixed answer that is right most often. */
function bestFixed(items: readonly EvaluationItem[], position: (item: EvaluationItem, k: number) => number) {
	let best = { k: 0, right: -1 };
	for (let k = 0; k < LARGEST_FIXED; k++) {
		const right = items.filter((item) => item.reachable && item.truth === position(item, k)).length;
		if (right > best.right) best = { k, right };
	}
	return best;
}

/** The prior of each rollout is learned from all other tasks. */
function positionPrior(items: readonly EvaluationItem[]): (item: EvaluationItem) => Ranked {
	const placed = items.map(({ truth, reachable, candidates }) =>
		truth === null || !reachable ? null : { position: truth, candidates: candidates.steps.length },
	);
	const byTask = new Map(
		[...new Set(items.map(({ task }) => task))].map((task) => [
			task,
			learnPrior(
				placed.filter((place, index) => place !== null && items[index]?.task !== task) as NonNullable<
					(typeof placed)[number]
				>[],
			),
		]),
	);
	return ({ task, candidates }) => {
		const prior = byTask.get(task);
		if (prior === undefined || candidates.steps.length === 0) return [];
		const shares = priorOver(prior, candidates.steps.length);
		return [...shares.keys()].sort((a, b) => (shares[b] as number) - (shares[a] as number));
	};
}

/**
 * Judges whose verdicts stand in files of their own, as rollouts without steps: matched by task and trial. Compared as
 * integers; a missing verdict is wrong.
 */
export function judges(items: readonly EvaluationItem[], verdicts: readonly Rollout[]): Method[] {
	const byJudge = Map.groupBy(verdicts, (rollout) => rollout.labels[0]?.annotator ?? rollout.run ?? "unnamed judge");
	return [...byJudge.entries()].flatMap(([name, own]): Method[] => {
		const byItem = new Map(own.map((rollout) => [verdictKey(rollout), rollout]));
		const answers = items.map((item) => judged(item, byItem.get(item.rollout.id)));
		if (answers.every((answer) => answer === null)) return [];
		const missing = answers.filter((answer) => answer === null).length;
		const note = missing === 0 ? null : `${missing} verdicts missing`;
		return [{ name, kind: "judge", answers, note }];
	});
}

function verdictKey(rollout: Rollout): string {
	const trial = rollout.extra.sample_index;
	return trial === undefined ? rollout.id : `${rollout.task}/${String(trial)}`;
}

/** A verdict by message index, looked up among the steps of the rollout that it is about. */
function judged(item: EvaluationItem, verdict: Rollout | undefined): Ranked | null {
	if (verdict === undefined) return null;
	const stepOf = new Map(item.rollout.steps.map((step) => [String(step.origin.index), step.step]));
	const labels = verdict.labels.map((label) => ({
		...label,
		step: label.originalIndex === null ? null : (stepOf.get(String(label.originalIndex)) ?? null),
	}));
	const answer = labelledAnswer({ ...item.rollout, labels }, "firstWrong");
	if (answer === null || answer.step === undefined) return null;
	return [answer.step === null ? null : item.candidates.steps.indexOf(answer.step)];
}
