// A step as Markdown, to be pasted into an issue or a message.
import type { Step } from "../model/trajectory.ts";
import { visible } from "../text/line.ts";
import { stepTitle } from "./render.ts";

/** Heading, reasoning as a quotation, text, then calls and observations in fences that their own text cannot close. */
export function stepMarkdown(step: Step): string {
	const blocks = [
		`### #${step.step} ${stepTitle(step)}`,
		quotation(visible(step.reasoning)),
		visible(step.text).trim(),
		...step.calls.map((call) => fenced("json", `${JSON.stringify(call.arguments, null, 2)}`, `call \`${call.name}\``)),
		...step.observations.map(({ text, isError }) => fenced("text", visible(text), isError ? "error" : "observation")),
	];
	return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function quotation(text: string): string {
	return text.trim() === "" ? "" : text.trim().replace(/^/gm, "> ");
}

function fenced(language: string, text: string, title: string): string {
	const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
	const fence = "`".repeat(longest + 1);
	return `${title}:\n\n${fence}${language}\n${text}\n${fence}`;
}
