// A step as a text that a person can edit: what it says, then each call as a line with the tool's name and its arguments
// as JSON below. Read back, the text is a correction.
import type { JsonValue } from "../model/json.ts";
import { fail, type Result, succeed } from "../model/problem.ts";
import type { Step } from "../model/trajectory.ts";
import type { LabelChange } from "./event.ts";

type Correction = Extract<LabelChange, { kind: "correction" }>;

const CALL = /^→ (\S.*)$/;

/** The step as it is, or as `correction` says it should be: a part that was not corrected is as it was. */
export function writeDraft(step: Step, correction: Correction | null): string {
	const text = correction?.text ?? step.text;
	const calls = correction?.calls ?? step.calls;
	const written = calls.map((call) => `→ ${call.name}\n${JSON.stringify(call.arguments, null, "\t")}`);
	return [escaped(text), ...written]
		.filter((part) => part !== "")
		.join("\n\n")
		.concat("\n");
}

/** A line of the text that looks like a call is told apart by a backslash. */
function escaped(text: string): string {
	return text.replace(/^(\\*→ )/gm, "\\$1");
}

/** What differs from the step; null where nothing does. The failure names the line. */
export function readDraft(draft: string, step: Step): Result<Correction | null, string> {
	const lines = draft.split(/\r?\n/);
	const starts = lines.flatMap((line, index) => (CALL.test(line) ? [index] : []));
	const text = lines
		.slice(0, starts[0] ?? lines.length)
		.map((line) => line.replace(/^\\(\\*→ )/, "$1"))
		.join("\n")
		.trim();
	const calls: { name: string; arguments: JsonValue }[] = [];
	for (const [number, start] of starts.entries()) {
		const read = readArguments(lines.slice(start + 1, starts[number + 1] ?? lines.length).join("\n"));
		if (!read.ok) return fail(`line ${start + 2}: ${read.error}`);
		calls.push({ name: (CALL.exec(lines[start] as string)?.[1] ?? "").trim(), arguments: read.value });
	}
	const sameText = text === step.text.trim();
	const sameCalls = JSON.stringify(calls) === JSON.stringify(step.calls.map(callOf));
	if (sameText && sameCalls) return succeed(null);
	return succeed({ kind: "correction", text: sameText ? null : text, calls: sameCalls ? null : calls });
}

function callOf({ name, arguments: given }: Step["calls"][number]): { name: string; arguments: JsonValue } {
	return { name, arguments: given };
}

function readArguments(text: string): Result<JsonValue, string> {
	if (text.trim() === "") return succeed({});
	try {
		return succeed(JSON.parse(text) as JsonValue);
	} catch (error) {
		return fail(`the arguments are no JSON: ${(error as Error).message}`);
	}
}
