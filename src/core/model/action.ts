// When two steps did the same: calls compared by name and canonical arguments, not by the agent's wording.
import type { JsonObject, JsonValue } from "./json.ts";
import type { Step, ToolCall } from "./trajectory.ts";

/** JSON with sorted keys: equal for values that differ only in the order of members. Safe at any depth. */
export function canonicalJson(value: JsonValue): string {
	let text = "";
	const waiting: (JsonValue | Verbatim)[] = [value];
	while (waiting.length > 0) {
		const next = waiting.pop() as JsonValue | Verbatim;
		if (next instanceof Verbatim) text += next.text;
		else if (next === null || typeof next !== "object") text += JSON.stringify(next);
		else for (const part of parts(next).reverse()) waiting.push(part);
	}
	return text;
}

/** Text that goes into the JSON as it is. */
class Verbatim {
	readonly text: string;

	constructor(text: string) {
		this.text = text;
	}
}

function parts(value: JsonValue[] | JsonObject): (JsonValue | Verbatim)[] {
	const comma = (index: number) => (index === 0 ? "" : ",");
	if (Array.isArray(value)) {
		const entries = value.flatMap((entry, index) => [new Verbatim(comma(index)), entry]);
		return [new Verbatim("["), ...entries, new Verbatim("]")];
	}
	const members = Object.keys(value)
		.sort()
		.flatMap((key, index) => [new Verbatim(`${comma(index)}${JSON.stringify(key)}:`), value[key] as JsonValue]);
	return [new Verbatim("{"), ...members, new Verbatim("}")];
}

export function callKey(call: ToolCall): string {
	return `${call.name}(${canonicalJson(call.arguments)})`;
}

/** What the step did to the world: its calls; for a step without calls what it said, white space folded. */
export function actionKey(step: Step): string {
	if (step.calls.length > 0) return step.calls.map(callKey).join("\n");
	return `${step.role}:${step.text.replace(/\s+/g, " ").trim()}`;
}
