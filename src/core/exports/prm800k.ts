// PRM800K: for each step of the chosen path all completions that were tried there, with ratings -1, 0, 1 or null.
import type { AnnotatedRollout } from "../labels/annotate.ts";
import type { JsonObject } from "../model/json.ts";
import type { Rollout, Step } from "../model/trajectory.ts";
import { type DatasetExporter, leftOut, record } from "./dataset.ts";
import { plainText, problemText, promptLength } from "./messages.ts";
import { stepRatings } from "./verdicts.ts";

export const prm800kSet: DatasetExporter = {
	id: "prm800k",
	title: "PRM800K",
	needs: "a rating of at least one step; branches become further completions of the step where they leave",
	records: (group) => {
		const ids = new Set(group.map(({ rollout }) => rollout.id));
		const roots = group.filter(({ rollout }) => rollout.parent === null || !ids.has(rollout.parent));
		// what parts at the very first step is no branch in the log, but stands in the same record
		const together = Map.groupBy(roots, ({ rollout: { place } }) => [place.file, place.entry, place.start].join("\n"));
		return [...together.values()].flatMap((trees) => {
			const [first] = trees as [AnnotatedRollout, ...AnnotatedRollout[]];
			const members = trees.flatMap((root) => [root, ...descendants(root, group)]);
			const rated = members.some(({ rollout }) => stepRatings(rollout).size > 0);
			return rated
				? record(first, solution(members.map(({ rollout }) => rollout)))
				: leftOut(first, "no step is rated");
		});
	},
};

function descendants(root: AnnotatedRollout, group: readonly AnnotatedRollout[]): AnnotatedRollout[] {
	const children = Map.groupBy(group, ({ rollout }) => rollout.parent);
	const found: AnnotatedRollout[] = [];
	const seen = new Set([root]);
	const waiting = [root];
	for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
		for (const child of children.get(next.rollout.id) ?? []) {
			if (seen.has(child)) continue;
			seen.add(child);
			found.push(child);
			waiting.push(child);
		}
	}
	return found;
}

interface Completion {
	key: string;
	step: Step;
	rating: number | null;
}

/** Of two as long ones, the one that the labeler wrote the end of was gone on with. */
function goesFurther(one: Rollout, two: Rollout): boolean {
	if (one.steps.length !== two.steps.length) return one.steps.length > two.steps.length;
	return one.steps.at(-1)?.agent === "labeler" && two.steps.at(-1)?.agent !== "labeler";
}

/** The chosen path is the longest of the tree; completions stand in the order of the log. */
function solution(tree: readonly Rollout[]): JsonObject {
	const chosen = tree.reduce((best, rollout) => (goesFurther(rollout, best) ? rollout : best));
	const begin = promptLength(chosen);
	const ratings = new Map<string, number>();
	for (const rollout of tree) {
		for (const [step, rating] of stepRatings(rollout)) ratings.set(keyOf(rollout.steps[step] as Step), rating);
	}
	const keys = tree.map((rollout) => rollout.steps.map(keyOf));
	const path = chosen.steps.map(keyOf);
	const onPath = keys.map((own) => commonLength(own, path));
	const steps = chosen.steps.slice(begin).map((_, offset) => {
		const at = begin + offset;
		const here = new Map<string, Completion>();
		tree.forEach((rollout, number) => {
			const step = rollout.steps[at];
			if (step === undefined || (onPath[number] as number) < at) return;
			const key = (keys[number] as string[])[at] as string;
			here.set(key, { key, step, rating: ratings.get(key) ?? null });
		});
		return stepRecord([...here.values()], path[at] as string);
	});
	const { extra } = chosen;
	return {
		...extra,
		question: { problem: problemText(chosen), ground_truth_answer: chosen.reference, ...objectAt(extra, "question") },
		label: { steps, total_time: chosen.durationMs, finish_reason: chosen.ending },
	};
}

function objectAt(extra: JsonObject, key: string): JsonObject {
	const value = extra[key];
	return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

function stepRecord(here: Completion[], chosen: string): JsonObject {
	const completions = here
		.filter(({ step }) => step.agent !== "labeler")
		.sort((a, b) => a.step.origin.start - b.step.origin.start);
	const human = here.find(({ step }) => step.agent === "labeler");
	const position = completions.findIndex(({ key }) => key === chosen);
	return {
		completions: completions.map(({ step, rating }) => ({ ...step.extra, text: plainText(step), rating })),
		human_completion: human === undefined ? null : { ...human.step.extra, text: plainText(human.step), rating: null },
		chosen_completion: position === -1 ? null : position,
	};
}

/** Copies of a shared step are the same completion; equal texts at different places of the log are not. */
function keyOf(step: Step): string {
	const { file, entry, start, pointer, index } = step.origin;
	return JSON.stringify([file, entry, start, pointer, index, step.text]);
}

function commonLength(one: readonly string[], two: readonly string[]): number {
	let length = 0;
	while (length < one.length && one[length] === two[length]) length++;
	return length;
}
