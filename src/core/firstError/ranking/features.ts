// What the ranking knows of each candidate: its place, its shape and the evidence for it, as named numbers.
import type { Step } from "../../model/trajectory.ts";
import { changesTheWorld } from "../effects.ts";
import type { Evidence } from "../evidence.ts";
import { type RolloutFacts, replyTo, saidIn } from "../facts.ts";

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
	const speakers = speakersOf(facts);
	const features = agentSteps.map((at) => traitsOf(facts, rollout.steps[at] as Step, speakers));
	const ordinal = new Map(agentSteps.map((step, index) => [step, index]));
	const none: Features = noneTraits(facts);
	const firstOf = new Map<string, number>();
	for (const { step, kind } of evidence) {
		if (step !== null) firstOf.set(kind, Math.min(step, firstOf.get(kind) ?? step));
	}
	for (const { step, kind, strength } of evidence) {
		const target = step === null ? none : features[ordinal.get(step) ?? -1];
		if (target === undefined) continue;
		const name = step === null || firstOf.get(kind) === step ? kind : `later ${kind}`;
		target[name] = Math.max(target[name] ?? 0, strength);
		if (rollout.outcome === "success" && step !== null) target[`success ${name}`] = target[name] as number;
	}
	return { steps: agentSteps, features, none };
}

/** The shape of a step: what kind of step errors are likelier in, whatever it says. */
function traitsOf(facts: RolloutFacts, step: Step, speakers: Speakers): Features {
	const { steps } = facts.rollout;
	const said = saidIn(step);
	const reply = replyTo(steps, step.step);
	const words = wordCount(said);
	const traits: Features = {
		"trait:words": Math.log(1 + words) / 5,
		"trait:terse": step.calls.length === 0 && words < TERSE ? 1 : 0,
		"trait:code": said.includes("```") ? 1 : 0,
		"trait:calls": step.calls.length > 0 ? 1 : 0,
		"trait:changes": step.calls.some((call) => changesTheWorld(call.name)) ? 1 : 0,
		"trait:answers": facts.answer?.step === step.step ? 1 : 0,
		"trait:last": step.step === facts.agentSteps.at(-1) ? 1 : 0,
		"trait:answered": reply !== null && step.calls.length === 0 && reply.step.role === "environment" ? 1 : 0,
	};
	if (speakers.first.size > 1) {
		traits["trait:enters"] = speakers.first.get(step.agent) === step.step ? 1 : 0;
		traits["trait:leads"] = step.agent === speakers.leading ? 1 : 0;
		traits["trait:early-act"] = 1 / (1 + (speakers.acts.get(step.step) ?? Infinity));
	}
	return traits;
}

/** A message of fewer words says next to nothing. */
const TERSE = 10;
/** A message of so many words holds something that was done or found. */
const TELLING = 40;
const COUNTED = 20_000;

function wordCount(text: string): number {
	return text.slice(0, COUNTED).match(/\S+/g)?.length ?? 0;
}

interface Speakers {
	/** First step of each speaker. */
	first: Map<string | null, number>;
	/** Who speaks most: the one that tells the others what to do. */
	leading: string | null;
	/** Steps of the others in which something was done or found, each with its ordinal among them. */
	acts: Map<number, number>;
}

function speakersOf({ rollout, agentSteps }: RolloutFacts): Speakers {
	const first = new Map<string | null, number>();
	const turns = new Map<string | null, number>();
	for (const step of agentSteps) {
		const agent = rollout.steps[step]?.agent ?? null;
		if (!first.has(agent)) first.set(agent, step);
		turns.set(agent, (turns.get(agent) ?? 0) + 1);
	}
	const leading = [...turns.entries()].reduce<[string | null, number]>(
		(best, next) => (next[1] > best[1] ? next : best),
		[null, 0],
	);
	const acting = agentSteps.filter((at) => {
		const step = rollout.steps[at] as Step;
		return step.agent !== leading[0] && wordCount(saidIn(step)) >= TELLING;
	});
	return { first, leading: leading[0], acts: new Map(acting.map((step, ordinal) => [step, ordinal])) };
}

function noneTraits({ rollout, agentSteps }: RolloutFacts): Features {
	return {
		"trait:none": 1,
		"trait:length": Math.log(1 + agentSteps.length),
		...(rollout.outcome === "unknown" ? {} : { [`trait:${rollout.outcome}`]: 1 }),
	};
}
