// The class of a call: what running it again may do to the world. Decides what needs consent, so doubt counts as harm.
import type { JsonValue } from "../model/json.ts";
import { asBoolean, asString, isObject, member } from "../model/json.ts";

/** `reversible`: a write that can be undone. `unknown` is treated as `irreversible` wherever it matters. */
export const EFFECT_CLASSES = ["read", "reversible", "irreversible", "unknown"] as const;
export type EffectClass = (typeof EFFECT_CLASSES)[number];

/** Annotations of an MCP tool (specification 2025-06-18, ToolAnnotations); null where the server states nothing. */
export interface ToolHints {
	readOnly: boolean | null;
	destructive: boolean | null;
	idempotent: boolean | null;
}

/** A line of the user's table: tools by name, `*` standing for any characters. */
export interface EffectRule {
	tool: string;
	effect: EffectClass;
}

export interface Classified {
	effect: EffectClass;
	/** Where the class comes from, for the person who is asked. */
	because: string;
}

/** The user's table decides before the server's hints: a server may be wrong about itself. The last fitting line wins. */
export function classifyTool(tool: string, hints: ToolHints | null, rules: readonly EffectRule[]): Classified {
	const rule = rules.findLast(({ tool: pattern }) => matchesName(pattern, tool));
	if (rule !== undefined) return { effect: rule.effect, because: `your table: ${rule.tool}` };
	if (hints === null) return { effect: "unknown", because: "neither the server nor your table says what it does" };
	if (hints.readOnly === true) return { effect: "read", because: "readOnlyHint" };
	if (hints.destructive === false) return { effect: "reversible", because: "destructiveHint: false" };
	if (hints.destructive === true) return { effect: "irreversible", because: "destructiveHint" };
	if (hints.readOnly === false)
		return { effect: "irreversible", because: "readOnlyHint: false, destructiveHint not given" };
	return { effect: "unknown", because: "the server states no hints" };
}

/** Whether a name fits a pattern in which `*` stands for any characters. Linear in both lengths. */
export function matchesName(pattern: string, name: string): boolean {
	const [first = "", ...rest] = pattern.split("*");
	if (rest.length === 0) return pattern === name;
	if (!name.startsWith(first)) return false;
	const last = rest.pop() as string;
	let at = first.length;
	for (const part of rest) {
		const found = name.indexOf(part, at);
		if (found === -1) return false;
		at = found + part.length;
	}
	return name.length - last.length >= at && name.endsWith(last);
}

export function readHints(annotations: JsonValue | undefined): ToolHints | null {
	if (!isObject(annotations)) return null;
	return {
		readOnly: asBoolean(member(annotations, "readOnlyHint")),
		destructive: asBoolean(member(annotations, "destructiveHint")),
		idempotent: asBoolean(member(annotations, "idempotentHint")),
	};
}

/** The user's table as settings write it: `{"get_*": "read"}`. Lines with another class are reported, not guessed. */
export function readEffectRules(setting: JsonValue | undefined): { rules: EffectRule[]; problems: string[] } {
	const rules: EffectRule[] = [];
	const problems: string[] = [];
	for (const [tool, value] of Object.entries(isObject(setting) ? setting : {})) {
		const effect = EFFECT_CLASSES.find((name) => name === asString(value));
		if (effect === undefined) problems.push(`${tool}: the class must be ${EFFECT_CLASSES.join(", ")}`);
		else rules.push({ tool, effect });
	}
	return { rules, problems };
}
