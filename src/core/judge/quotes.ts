// Whether the words that a judge cites stand in the step that it cites them from. A finding without such words is dropped.
import type { EvidenceLink } from "../firstError/evidence.ts";
import { linkTo } from "../firstError/link.ts";
import type { Step } from "../model/trajectory.ts";

/** Shorter quotes stand everywhere. */
const SHORTEST = 4;

/** Where the words stand, white space and the kind of quotation marks aside; null where they do not. */
export function findQuote(step: Step, quote: string): EvidenceLink | null {
	const wanted = folded(quote.replace(/^["'“”…\s]+|["'“”…\s]+$/g, "").replace(/\.\.\.$/, ""));
	if (wanted.length < SHORTEST) return null;
	const holds = (text: string): boolean => folded(text).includes(wanted);
	if (holds(step.text)) return linkTo(step, "text", quote);
	if (holds(step.reasoning)) return linkTo(step, "reasoning", quote);
	const call = step.calls.findIndex(
		({ name, arguments: given }) =>
			holds(`${name}(${JSON.stringify(given)})`) || (typeof given === "string" && holds(given)),
	);
	if (call !== -1) return linkTo(step, "call", quote, call);
	const observation = step.observations.findIndex(({ text }) => holds(text));
	return observation === -1 ? null : linkTo(step, "observation", quote, observation);
}

function folded(text: string): string {
	return text
		.replace(/[“”]/g, '"')
		.replace(/[‘’]/g, "'")
		.replace(/\\?"/g, '"')
		.replace(/\s+/g, " ")
		.trim()
		.toLowerCase();
}
