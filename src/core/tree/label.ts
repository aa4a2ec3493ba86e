// What a node of the tree is called: the step in a few words, and what kind of thing its tool does.

import { shortArguments } from "../document/render.ts";
import type { Step } from "../model/trajectory.ts";
import { oneLine } from "../text/line.ts";

/** `find_order(email: "…")` for a step with calls, else the beginning of what was said; at most `limit` characters. */
export function stepLabel(step: Step, limit = 60): string {
	const [first] = step.calls;
	if (first === undefined)
		return oneLine(step.text === "" ? (step.observations[0]?.text ?? step.role) : step.text, limit);
	const more = step.calls.length > 1 ? ` +${step.calls.length - 1}` : "";
	return oneLine(`${first.name}(${shortArguments(first.arguments)})`, limit - more.length) + more;
}

/** The tools that a step calls, or the role of whoever speaks. */
export function stepName(step: Step): string {
	if (step.calls.length === 0) return step.role;
	return oneLine([...new Set(step.calls.map(({ name }) => name))].join(", "), 40);
}
