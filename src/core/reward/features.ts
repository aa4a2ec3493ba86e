// Numbers that describe a step and what led to it, by name: the inputs of models that read no text.
import { actionKey } from "../model/action.ts";
import type { Rollout, Step } from "../model/trajectory.ts";

/** What is known when a step is described: nothing after it. */
interface At {
	step: Step;
	/** Agent steps so far, this one included. */
	agentSteps: number;
	/** Tool calls so far, this step's included. */
	calls: number;
	/** Observations marked as errors so far, this step's included. */
	errors: number;
	/** How often the same action was taken before. */
	repeats: number;
	/** UTF-16 units said and observed so far, this step's included. */
	length: number;
}

interface Feature {
	name: string;
	explanation: string;
	of(at: At): number;
}

export const FEATURES: readonly Feature[] = [
	{ name: "agent_steps", explanation: "agent steps so far", of: (at) => at.agentSteps },
	{ name: "calls", explanation: "tool calls of this step", of: ({ step }) => step.calls.length },
	{ name: "calls_so_far", explanation: "tool calls so far", of: (at) => at.calls },
	{ name: "errors", explanation: "observations of this step that are errors", of: ({ step }) => errorsOf(step) },
	{ name: "errors_so_far", explanation: "observations so far that are errors", of: (at) => at.errors },
	{ name: "log_length_so_far", explanation: "ln(1 + UTF-16 units so far)", of: (at) => Math.log1p(at.length) },
	{
		name: "log_observation_length",
		explanation: "ln(1 + UTF-16 units that this step observed)",
		of: ({ step }) => Math.log1p(observedLength(step)),
	},
	{
		name: "log_text_length",
		explanation: "ln(1 + UTF-16 units that this step said and thought)",
		of: ({ step }) => Math.log1p(saidLength(step)),
	},
	{ name: "repeats", explanation: "how often the same action was taken before", of: (at) => at.repeats },
];

export function isFeature(name: string): boolean {
	return FEATURES.some((feature) => feature.name === name);
}

export interface StepFeatures {
	step: number;
	/** In the order of the names asked for. */
	values: number[];
}

/** The named features of every agent step, each from what is known at that step. Unknown names give 0. */
export function featuresOf(rollout: Rollout, names: readonly string[]): StepFeatures[] {
	const wanted = names.map((name) => FEATURES.find((feature) => feature.name === name));
	const described: StepFeatures[] = [];
	const seen = new Map<string, number>();
	const so = { agentSteps: 0, calls: 0, errors: 0, length: 0 };
	for (const step of rollout.steps) {
		so.length += saidLength(step) + observedLength(step);
		so.errors += errorsOf(step);
		if (step.role !== "agent") continue;
		so.agentSteps++;
		so.calls += step.calls.length;
		const action = actionKey(step);
		const repeats = seen.get(action) ?? 0;
		seen.set(action, repeats + 1);
		const at: At = { step, repeats, ...so };
		described.push({ step: step.step, values: wanted.map((feature) => feature?.of(at) ?? 0) });
	}
	return described;
}

function errorsOf(step: Step): number {
	return step.observations.filter(({ isError }) => isError).length;
}

function saidLength(step: Step): number {
	return step.text.length + step.reasoning.length;
}

function observedLength(step: Step): number {
	return step.observations.reduce((sum, { text }) => sum + text.length, 0);
}
