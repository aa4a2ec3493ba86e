// Links from evidence to the passage that shows it.
import type { Rollout, Step } from "../model/trajectory.ts";
import { oneLine } from "../text/line.ts";
import type { EvidenceLink, StepPart } from "./evidence.ts";

/** How much of a passage is quoted. */
const QUOTE = 160;

/** A link into the rollout that the evidence is about. */
export function linkTo(step: Step, part: StepPart, quote: string, index = 0): EvidenceLink {
	return { step: step.step, rollout: null, part, index, quote: oneLine(quote, QUOTE), place: step.origin };
}

/** A link into a sibling. */
export function linkToSibling(sibling: Rollout, step: Step, part: StepPart, quote: string, index = 0): EvidenceLink {
	return { ...linkTo(step, part, quote, index), rollout: sibling.id };
}

/** The passage of `text` around `position`, for a quote. */
export function around(text: string, position: number, before = 40): string {
	return text.slice(Math.max(0, position - before), position + QUOTE);
}
