// A step as the detail pane shows it: its texts with control characters visible, and no longer than a pane can hold.
import type { Step } from "../core/model/trajectory.ts";
import { visible } from "../core/text/line.ts";
import type { Excerpt, StepDetail } from "./tree.ts";

/** Longest text of a step that is sent; the rest is read in the document. */
const EXCERPT = 20_000;

/** Everything of a step's detail that the step itself tells. */
export function describeStep(step: Step): Omit<StepDetail, "evidence"> {
	const { origin } = step;
	return {
		role: step.role,
		agent: step.agent === null ? null : visible(step.agent),
		index: origin.index === null ? null : String(origin.index),
		reasoning: excerptOf(step.reasoning),
		text: excerptOf(step.text),
		calls: step.calls.map(({ name, arguments: given }) => ({
			name: visible(name),
			arguments: excerptOf(typeof given === "string" ? given : indented(given)),
		})),
		observations: step.observations.map(({ tool, text, isError }) => ({
			tool: visible(tool ?? ""),
			isError,
			content: excerptOf(text),
		})),
		place: visible(`${origin.entry === null ? origin.file : `${origin.file}!${origin.entry}`}:${origin.line}`),
	};
}

function indented(value: unknown): string {
	try {
		return JSON.stringify(value, null, 2);
	} catch {
		return "(nested too deeply to be shown here)";
	}
}

function excerptOf(text: string): Excerpt {
	return { text: visible(text.slice(0, EXCERPT)), cut: Math.max(0, text.length - EXCERPT) };
}
