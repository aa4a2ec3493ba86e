// Search-P1's path-centric reward (arXiv 2602.22576, equations 4-7): how much of its own plan a rollout carried out
// usefully, how much of a reference plan it covered, and the whole reward with outcome and format.
import { asString } from "../model/json.ts";
import type { Rollout } from "../model/trajectory.ts";
import { loggedList, loggedNumber, loggedNumbers } from "./logged.ts";
import { averaged, type Measured, type Metric, successOf } from "./metric.ts";

export interface PathCounts {
	/** The judge's score of the plan: 0.2, 0.6, 1.0 or 1.2. */
	planner: number;
	/** Steps of the plan, those carried out usefully, actions made. */
	planned: number;
	executed: number;
	actions: number;
	/** Steps of the reference plan and those covered by any action. */
	reference: number;
	covered: number;
}

export interface PathReward {
	/** S_self of equation 6: can exceed 1 with a planner score of 1.2. */
	self: number;
	/** S_ref of equation 7; 0 without a reference. */
	reference: number;
	path: number;
}

/** a / b, and 0 where nothing was planned or made. */
function share(a: number, b: number): number {
	return b === 0 ? 0 : a / b;
}

export function pathReward(counts: PathCounts): PathReward {
	const { planner, planned, executed, actions, reference, covered } = counts;
	const self = planner * share(executed, planned) * share(executed, actions);
	const onReference = share(covered, reference) * share(covered, actions);
	return { self, reference: onReference, path: Math.max(self, onReference) };
}

/** 0.3 path + 0.6 outcome + 0.1 format; a wrong answer still earns 0.8 accuracy + 0.2 reasoning. */
export function totalReward(
	path: number,
	correct: boolean,
	accuracy: number,
	reasoning: number,
	format: number,
): number {
	const outcome = correct ? 1 : 0.8 * accuracy + 0.2 * reasoning;
	return 0.3 * path + 0.6 * outcome + 0.1 * format;
}

/** The judge's JSON keys (appendix D.3). */
function countsOf(rollout: Rollout): { ok: true; numbers: PathCounts } | { ok: false; reason: string } {
	const judged = loggedNumbers(rollout, {
		planner: ["planner_score"],
		planned: ["model_plan_steps"],
		executed: ["effective_steps_self"],
	});
	if (!judged.ok) return judged;
	const calls = rollout.steps.reduce((sum, step) => sum + (step.role === "agent" ? step.calls.length : 0), 0);
	const covered = loggedNumber(rollout, "effective_steps_ref") ?? 0;
	const reference = loggedNumber(rollout, "reference_steps") ?? loggedList(rollout, "reference_plan")?.length ?? 0;
	const actions = loggedNumber(rollout, "n_actions", "search_actions") ?? calls;
	return { ok: true, numbers: { ...judged.numbers, actions, reference, covered } };
}

/** More useful steps than planned or made: the judge counted one twice. */
function complaints({ executed, planned, actions, reference }: PathCounts): string[] {
	const found: string[] = [];
	if (executed > Math.min(planned, actions))
		found.push(`the judge counted twice: ${executed} useful of ${planned} planned, ${actions} made`);
	if (reference === 0) found.push("no reference plan: the path reward is the own track alone");
	return found;
}

function uncovered(rollout: Rollout): string[] {
	const missing = loggedList(rollout, "uncovered_steps") ?? [];
	return missing.flatMap((step) => asString(step) ?? []).map((step) => `not covered: ${step}`);
}

function track(rollout: Rollout, part: keyof PathReward): Measured {
	const counts = countsOf(rollout);
	if (!counts.ok) return counts;
	const value = pathReward(counts.numbers)[part];
	return { value, detail: part === "path" ? [...complaints(counts.numbers), ...uncovered(rollout)] : [] };
}

export const pathRewardMetric: Metric = {
	id: "path-reward",
	title: "Path reward (Search-P1)",
	formulas: [
		"self = planner \u00b7 executed/planned \u00b7 executed/actions",
		"reference = covered/|reference| \u00b7 covered/actions",
		"path = max(self, reference)",
		"total = 0.3 path + 0.6 outcome + 0.1 format, outcome = 1 if correct, else 0.8 accuracy + 0.2 reasoning",
	],
	source: { title: "Search-P1", reference: "arXiv 2602.22576", where: "equations 4-7, appendix D.3" },
	grade: "A",
	choice:
		"the main text's equations; the appendix drops the efficiency factors and scores format differently; not clamped to 1",
	needs: "the judge's planner_score, model_plan_steps, effective_steps_self, effective_steps_ref; reference_plan",
	better: "higher",
	parameters: [],
	compute: (run) => [
		...averaged(run, "self", ({ rollout }) => track(rollout, "self")),
		...averaged(run, "reference", ({ rollout }) => track(rollout, "reference")),
		...averaged(run, "path", ({ rollout }) => track(rollout, "path")),
		...averaged(run, "total", (attempt) => {
			const path = track(attempt.rollout, "path");
			if (!("value" in path)) return path;
			const correct = successOf(attempt) === 1;
			const accuracy = loggedNumber(attempt.rollout, "outcome_accuracy_score") ?? 0;
			const reasoning = loggedNumber(attempt.rollout, "outcome_reasoning_score") ?? 0;
			const format = loggedNumber(attempt.rollout, "format_score", "format_reward") ?? 1;
			return { value: totalReward(path.value, correct, accuracy, reasoning, format) };
		}),
	],
};
