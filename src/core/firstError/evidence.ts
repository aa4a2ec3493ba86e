// What a piece of evidence is: a step, how strongly it points there, a sentence that a person can check, and where.
import type { Place } from "../model/trajectory.ts";
import type { EvidenceContext } from "./context.ts";
import type { RolloutFacts } from "./facts.ts";

export type StepPart = "text" | "reasoning" | "call" | "observation";

/** A passage that a person can look at to check a piece of evidence. */
export interface EvidenceLink {
	/** 0-based step; `rollout` says of which rollout. */
	step: number;
	/** Id of a sibling where the passage is not in the rollout itself; null for the rollout itself. */
	rollout: string | null;
	part: StepPart;
	/** Which of the step's calls or observations; 0 for text and reasoning. */
	index: number;
	/** The passage on one line, shortened. */
	quote: string;
	/** Bytes of the step that holds it. */
	place: Place;
}

export interface Evidence {
	/** Stable id of what was found; one source may find several kinds. */
	kind: string;
	/** 0-based step; null where it speaks for there being no error at all. */
	step: number | null;
	/** 0 to 1: how clear a case of its kind this is; not a probability. */
	strength: number;
	/** One sentence in plain words, with the facts to check. */
	text: string;
	links: EvidenceLink[];
}

/** One way of finding evidence: one file and one line in the registry. */
export interface EvidenceSource {
	id: string;
	title: string;
	/** One sentence: what is looked for, and what makes the case stronger. */
	explanation: string;
	/** The kinds that it finds, each with the words for it. */
	kinds: Readonly<Record<string, string>>;
	/** Must be linear in the length of the rollout, and never throw. */
	find(facts: RolloutFacts, context: EvidenceContext): Evidence[];
}
