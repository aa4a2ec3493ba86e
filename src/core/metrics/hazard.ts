// Hazard of the first error by step: of the rollouts that came so far without one, the share that makes it here.
import { wilson } from "../math/intervals.ts";
import type { Attempt, Metric, MetricContext, MetricValue, RunView } from "./metric.ts";
import { metricValue, successOf, wholeRun } from "./metric.ts";

export interface HazardPoint {
	/** 0-based step of the agent. */
	step: number;
	/** Rollouts that reached the step without an error. */
	atRisk: number;
	errors: number;
	/** Product of 1 - hazard up to and with this step: share still free of errors (Kaplan-Meier). */
	survival: number;
}

/**
 * @param times for each rollout the number of steps it went, and the step of its first error (null: none, so that it is
 *   censored at its end)
 */
export function hazardOf(times: readonly { steps: number; error: number | null }[]): HazardPoint[] {
	const longest = times.reduce((most, { steps }) => Math.max(most, steps), 0);
	const errorsAt = new Int32Array(longest + 1);
	const leavesAfter = new Int32Array(longest + 1);
	for (const { steps, error } of times) {
		if (error !== null && error < steps) errorsAt[error] = (errorsAt[error] as number) + 1;
		else leavesAfter[steps] = (leavesAfter[steps] as number) + 1;
	}
	const points: HazardPoint[] = [];
	let atRisk = times.length - (leavesAfter[0] as number);
	let survival = 1;
	for (let step = 0; step < longest && atRisk > 0; step++) {
		const errors = errorsAt[step] as number;
		survival *= 1 - errors / atRisk;
		points.push({ step, atRisk, errors, survival });
		atRisk -= errors + (leavesAfter[step + 1] as number);
	}
	return points;
}

/** Steps counted are the agent's own. */
function timeOf(attempt: Attempt, context: MetricContext): { steps: number; error: number | null } {
	const acting = attempt.rollout.steps.flatMap((step, index) => (step.role === "agent" ? [index] : []));
	const error = successOf(attempt) === 1 ? null : context.firstError(attempt);
	const ordinal = error === null ? -1 : acting.findLastIndex((index) => index <= error);
	return { steps: acting.length, error: ordinal < 0 ? null : ordinal };
}

/** Steps shown: later ones are reached by too few. */
const SHOWN = 60;

function compute(run: RunView, context: MetricContext): MetricValue[] {
	const points = hazardOf(run.tasks.flatMap((task) => task.attempts.map((attempt) => timeOf(attempt, context))));
	if (points.every(({ errors }) => errors === 0)) {
		return [metricValue(wholeRun(run), "hazard", { reason: "no first error is known" })];
	}
	return points.slice(0, SHOWN).map(({ step, atRisk, errors, survival }) => {
		const detail = [`${errors} of ${atRisk}; ${(100 * survival).toFixed(1)} % still without an error`];
		return metricValue(wholeRun(run), `hazard, step ${step}`, {
			value: errors / atRisk,
			count: atRisk,
			detail,
			...(wilson(errors, atRisk) ?? {}),
		});
	});
}

export const hazard: Metric = {
	id: "first-error-hazard",
	title: "Hazard of the first error by step",
	formulas: [
		"hazard(t) = first errors at step t / rollouts that reached t without one; rollouts without an error are censored at their end",
	],
	source: { title: "Survival analysis", reference: "Kaplan and Meier 1958", where: "discrete hazard" },
	grade: "M",
	choice:
		"first errors are labels where the log has them, else suggestions; steps of the agent are counted; solved rollouts count as free of errors",
	needs: "first errors",
	better: "lower",
	parameters: [],
	compute,
};
