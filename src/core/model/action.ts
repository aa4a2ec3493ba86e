// When two steps did the same: calls compared by name and canonical arguments, not by the agent's wording.
import type { JsonValue } from "./json.ts";
import type { Step, ToolCall } from "./trajectory.ts";

/** JSON with sorted keys; equal for values that differ only in the order of members. Safe for any depth that parses. */
export function canonicalJson(value: JsonValue): string {
	return JSON.stringify(value, (_, entry: JsonValue) => {
		if (entry === null || typeof entry !== "object" || Array.isArray(entry)) return entry;
		return Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
	});
}

export function callKey(call: ToolCall): string {
	return `${call.name}(${canonicalJson(call.arguments)})`;
}

/** What the step did to the world: its calls; for a step without calls what it said, white space folded. */
export function actionKey(step: Step): string {
	if (step.calls.length > 0) return step.calls.map(callKey).join("\n");
	return `${step.role}:${step.text.replace(/\s+/g, " ").trim()}`;
}
