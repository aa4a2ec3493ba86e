// How well tool calls were spent: useful ones among all, and calls for each solved rollout.
import { callKey } from "../model/action.ts";
import type { Rollout } from "../model/trajectory.ts";
import { averaged, type Measured, type Metric, metricValue, successOf, wholeRun } from "./metric.ts";

export interface CallCounts {
	calls: number;
	/** Calls whose observation is an error. */
	errors: number;
	/** Calls that repeat an earlier one with the same arguments and got the same answer. */
	repeats: number;
}

export function countCalls(rollout: Rollout): CallCounts {
	const seen = new Set<string>();
	const counts: CallCounts = { calls: 0, errors: 0, repeats: 0 };
	for (const step of rollout.steps) {
		if (step.role !== "agent") continue;
		step.calls.forEach((call, index) => {
			const byId = step.observations.find(
				(observation) => observation.callId !== null && observation.callId === call.id,
			);
			const answer = byId ?? step.observations[index];
			const key = `${callKey(call)}\n${answer?.text ?? ""}`;
			counts.calls++;
			if (answer?.isError === true) counts.errors++;
			else if (seen.has(key)) counts.repeats++;
			seen.add(key);
		});
	}
	return counts;
}

function useful(rollout: Rollout): Measured {
	const { calls, errors, repeats } = countCalls(rollout);
	if (calls === 0) return { reason: "no calls were made" };
	return { value: (calls - errors - repeats) / calls, count: calls, detail: [`${errors} errors, ${repeats} repeats`] };
}

export const toolEfficiency: Metric = {
	id: "tool-efficiency",
	title: "Tool-call efficiency",
	formulas: [
		"useful = calls that neither failed nor repeated an earlier call and answer / calls",
		"calls per success = all calls / solved rollouts",
	],
	source: { title: "Common practice", reference: "no single paper", where: "-" },
	grade: "M",
	choice: "a repeated call with a different answer is useful: the world had changed",
	needs: "calls and observations",
	better: "higher",
	parameters: [],
	compute: (run) => {
		const attempts = run.tasks.flatMap((task) => task.attempts);
		const calls = attempts.reduce((sum, { rollout }) => sum + countCalls(rollout).calls, 0);
		const solved = attempts.filter((attempt) => successOf(attempt) === 1).length;
		const perSuccess: Measured =
			solved === 0 ? { reason: "no rollout succeeded" } : { value: calls / solved, count: solved };
		return [
			...averaged(run, "useful", ({ rollout }) => useful(rollout)),
			metricValue(wholeRun(run), "calls per success", perSuccess),
		];
	},
};
