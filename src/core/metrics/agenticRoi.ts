// Agentic ROI (arXiv 2505.17767): what a rollout was worth against the time and money that it took. A position paper's
// formula: comparable only within one scale of quality, time and money.
import type { Parameter } from "../advantages/estimator.ts";
import { loggedNumber } from "./logged.ts";
import {
	type Attempt,
	averaged,
	type Measured,
	type Metric,
	type MetricContext,
	metricNumber,
	successOf,
} from "./metric.ts";

export interface RoiTerms {
	quality: number;
	/** Least quality that the user accepts. */
	threshold: number;
	/** Minutes without the agent, of the agent, and of the user's own time with it. */
	humanTime: number;
	agentTime: number;
	interactionTime: number;
	/** US dollars. */
	expense: number;
}

/** (quality - threshold) (human time - agent time) / (interaction time * expense); a reason where that says nothing. */
export function agenticRoi(terms: RoiTerms): Measured {
	const { quality, threshold, humanTime, agentTime, interactionTime, expense } = terms;
	// two negative factors would multiply to a gain
	if (quality <= threshold) return { reason: "not usable: the quality is not above the threshold" };
	if (interactionTime <= 0 || expense <= 0) return { reason: "undefined: no interaction time or no expense" };
	return { value: ((quality - threshold) * (humanTime - agentTime)) / (interactionTime * expense) };
}

const THRESHOLD: Parameter = { name: "threshold", default: 0.5, meaning: "least quality that the user accepts" };
const HUMAN: Parameter = {
	name: "humanMinutes",
	default: 0,
	meaning: "minutes that the task takes without the agent; 0 = only where logged",
};
const INTERACTION: Parameter = {
	name: "interactionMinutes",
	default: 0,
	meaning: "minutes of the user's own time with the agent; 0 = only where logged",
};

function measure(attempt: Attempt, context: MetricContext): Measured {
	const { rollout } = attempt;
	const setting = (parameter: Parameter) => metricNumber("agentic-roi", parameter, context) || null;
	const quality = loggedNumber(rollout, "information_quality", "quality") ?? successOf(attempt);
	const humanTime = loggedNumber(rollout, "human_minutes") ?? setting(HUMAN);
	const interactionTime = loggedNumber(rollout, "interaction_minutes") ?? setting(INTERACTION);
	const agentTime = rollout.durationMs === null ? null : rollout.durationMs / 60_000;
	const expense = rollout.cost;
	const terms = { quality, humanTime, interactionTime, agentTime, expense };
	const missing = Object.entries(terms).flatMap(([name, value]) => (value === null ? [name] : []));
	if (missing.length > 0) return { reason: `not known: ${missing.join(", ")}` };
	return agenticRoi({ ...(terms as RoiTerms), threshold: metricNumber("agentic-roi", THRESHOLD, context) });
}

export const agenticRoiMetric: Metric = {
	id: "agentic-roi",
	title: "Agentic ROI",
	formulas: [
		"ROI = (quality \u2212 threshold) (human time \u2212 agent time) / (interaction time \u00b7 expense), in 1/dollar",
	],
	source: { title: "Agentic ROI", reference: "arXiv 2505.17767 v1", where: "definition" },
	grade: "B",
	choice: "v1's formula; v2 words it as gain times savings by cost; quality is the logged one or the outcome",
	needs: "duration and cost; quality, human and interaction minutes logged or set",
	better: "higher",
	parameters: [THRESHOLD, HUMAN, INTERACTION],
	compute: (run, context) => averaged(run, "ROI", (attempt) => measure(attempt, context)),
};
