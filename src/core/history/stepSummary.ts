// One line that says what a step did: taken from the step itself, no model, always the same.
import { shortArguments } from "../document/render.ts";
import { isFailure } from "../firstError/failure.ts";
import type { Step } from "../model/trajectory.ts";
import { oneLine } from "../text/line.ts";

/** At most `limit` characters. The agent's own summary where the log holds one. */
export function stepSummary(step: Step, limit = 100): string {
	if (step.summary !== null && step.role === "agent") return oneLine(step.summary, limit);
	const [call] = step.calls;
	if (call === undefined) return oneLine(firstSentence(step.text === "" ? observed(step) : step.text), limit);
	const more = step.calls.length > 1 ? ` and ${step.calls.length - 1} more` : "";
	const action = `${oneLine(call.name, 40)}(${oneLine(shortArguments(call.arguments), 60)})${more}`;
	const answer = observed(step);
	return oneLine(answer === "" ? action : `${action} → ${answer}`, limit);
}

function observed(step: Step): string {
	const failed = step.observations.find(isFailure);
	const text = (failed ?? step.observations[0])?.text ?? "";
	return failed === undefined ? firstSentence(text) : `error: ${firstSentence(text)}`;
}

/** Up to the first full stop, question or exclamation mark that ends a sentence, or the first line. */
function firstSentence(text: string): string {
	const line = text.trimStart().split("\n", 1)[0] ?? "";
	return /^.{12,}?[.!?](?=\s|$)/.exec(line)?.[0] ?? line;
}
