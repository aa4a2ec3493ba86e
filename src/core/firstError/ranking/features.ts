// What the ranking knows of each candidate: its place, its shape and the evidence for it, as named numbers.
import type { Step } from "../../model/trajectory.ts";
import { changesTheWorld } from "../effects.ts";
import type { Evidence } from "../evidence.ts";
import type { RolloutFacts } from "../facts.ts";

export type Features = Record<string, number>;

export interface Candidates {
	/** 0-based steps that can be the first error: those of the agent. */
	steps: readonly number[];
	/** One entry a candidate. */
	features: readonly Features[];
	/** For the answer that there is none. */
	none: Features;
}

export function candidatesOf(facts: RolloutFacts, evidence: readonly Evidence[]): Candidates {
	const { rollout, agentSteps } = facts;
	const features = agentSteps.map((at) => traitsOf(facts, rollout.steps[at] as Step));
	const ordinal = new Map(agentSteps.map((step, index) => [step, index]));
	const none: Features = noneTraits(facts);
	for (const { step, kind, strength } of evidence) {
		const target = step === null ? none : features[ordinal.get(step) ?? -1];
		if (target !== undefined) target[kind] = Math.max(target[kind] ?? 0, strength);
	}
	return { steps: agentSteps, features, none };
}

/** The shape of a step: what kind of step errors are likelier in, whatever it says. */
function traitsOf(facts: RolloutFacts, step: Step): Features {
	const traits: Features = {};
	const last = facts.agentSteps.at(-1);
	if (step.calls.length > 0) traits["trait:calls"] = 1;
	if (step.calls.some((call) => changesTheWorld(call.name))) traits["trait:changes"] = 1;
	if (facts.answer?.step === step.step) traits["trait:answers"] = 1;
	if (step.step === last) traits["trait:last"] = 1;
	return traits;
}

function noneTraits({ rollout, agentSteps }: RolloutFacts): Features {
	return {
		"trait:none": 1,
		"trait:length": Math.log(1 + agentSteps.length),
		...(rollout.outcome === "unknown" ? {} : { [`trait:${rollout.outcome}`]: 1 }),
	};
}
