// What a compaction lost: facts that stood before it, are not in its summary, and were used again afterwards.
// A fact is an identifier that a person could check: a number of three digits or more, an id, a path, an address.
import type { Rollout, Step } from "../model/trajectory.ts";

export interface DroppedFact {
	fact: string;
	/** 0-based step at which it was last seen before the compaction. */
	seen: number;
	/** 0-based step after the compaction whose calls or words use it first. */
	used: number;
	/** True where an observation brought it back before it was used: then the agent had to look it up again. */
	lookedUpAgain: boolean;
}

export interface Compaction {
	/** 0-based step that holds the summary. */
	step: number;
	summary: string;
	dropped: DroppedFact[];
}

const WORD = /[\p{L}\p{N}_~/][\p{L}\p{N}_.@:/~-]*/gu;
const LONGEST_TEXT = 100_000;

/** One entry for each compaction in the log: a step that is no agent's and carries a summary of the history. */
export function compactions(rollout: Rollout): Compaction[] {
	return rollout.steps.flatMap((step) =>
		step.summary === null || step.role === "agent"
			? []
			: [{ step: step.step, summary: step.summary, dropped: droppedFacts(rollout, step) }],
	);
}

function droppedFacts(rollout: Rollout, compaction: Step): DroppedFact[] {
	const kept = factsIn(compaction.summary ?? "");
	const seen = new Map<string, number>();
	for (const step of rollout.steps.slice(0, compaction.step))
		for (const fact of factsIn(everything(step))) seen.set(fact, step.step);
	const found = new Map<string, DroppedFact>();
	const brought = new Set<string>();
	for (const step of rollout.steps.slice(compaction.step + 1)) {
		for (const fact of factsIn(acted(step))) {
			const before = seen.get(fact);
			if (before === undefined || kept.has(fact) || found.has(fact)) continue;
			found.set(fact, { fact, seen: before, used: step.step, lookedUpAgain: brought.has(fact) });
		}
		for (const fact of factsIn(observed(step))) brought.add(fact);
	}
	return [...found.values()];
}

/** Identifiers of a text; plain words and short numbers are not facts. */
export function factsIn(text: string): Set<string> {
	const facts = new Set<string>();
	for (const [match] of text.slice(0, LONGEST_TEXT).matchAll(WORD)) {
		const fact = match.replace(/[.:/-]+$/, "");
		if (fact.length >= 3 && /[\p{N}/@]|\p{L}\.\p{L}/u.test(fact)) facts.add(fact);
	}
	return facts;
}

function acted(step: Step): string {
	if (step.role !== "agent") return "";
	return [step.text, ...step.calls.map((call) => JSON.stringify(call.arguments))].join("\n");
}

function observed(step: Step): string {
	const texts = step.observations.map((observation) => observation.text);
	return step.role === "agent" ? texts.join("\n") : [step.text, ...texts].join("\n");
}

function everything(step: Step): string {
	return `${acted(step)}\n${observed(step)}`;
}
