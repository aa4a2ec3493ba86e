// What may differ between two runs of one call without meaning anything: times, ids, order. Users add rules of their own.
import { RE2JS } from "re2js";
import { canonicalJson } from "../model/action.ts";
import { asString, isObject, type JsonValue, member } from "../model/json.ts";

export interface NormalisationRule {
	/** Named in reports, so that a person sees what was overlooked. */
	name: string;
	/** Linear-time pattern (RE2 syntax). */
	pattern: string;
	/** What stands in its place; `<id>` is numbered by first appearance, so that equal ids stay equal. */
	replacement: string;
}

const ID = "<id>";

export const BUILT_IN_RULES: readonly NormalisationRule[] = [
	{
		name: "times",
		pattern: "\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d(:\\d\\d([.,]\\d+)?)?(Z|[+-]\\d\\d:?\\d\\d)?",
		replacement: "<time>",
	},
	{ name: "times", pattern: "\\b\\d\\d:\\d\\d:\\d\\d([.,]\\d+)?\\b", replacement: "<time>" },
	{ name: "times", pattern: "\\b1[5-9]\\d{8}(\\d{3})?(\\.\\d+)?\\b", replacement: "<time>" },
	{ name: "times", pattern: "\\b\\d+(\\.\\d+)? ?(ms|milliseconds|seconds)\\b", replacement: "<time>" },
	{
		name: "ids",
		pattern: "(?i)\\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\b",
		replacement: ID,
	},
	{ name: "ids", pattern: "\\b([0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{32})\\b", replacement: ID },
];

export interface CompiledRule extends NormalisationRule {
	regex: RE2JS;
}

/** The built-in rules and the user's after them. A rule that is no pattern is reported and left out. */
export function compileRules(own: readonly NormalisationRule[] = []): { rules: CompiledRule[]; problems: string[] } {
	const rules: CompiledRule[] = [];
	const problems: string[] = [];
	for (const rule of [...BUILT_IN_RULES, ...own]) {
		try {
			rules.push({ ...rule, regex: RE2JS.compile(rule.pattern) });
		} catch (error) {
			problems.push(`${rule.name}: ${error instanceof Error ? error.message : "no pattern"}`);
		}
	}
	return { rules, problems };
}

/** Rules as settings write them: `[{"name", "pattern", "replacement"}]`. */
export function readRules(setting: JsonValue | undefined): NormalisationRule[] {
	return (Array.isArray(setting) ? setting : []).flatMap((entry) => {
		const pattern = asString(member(entry, "pattern"));
		if (pattern === null) return [];
		const name = asString(member(entry, "name")) ?? pattern;
		return [{ name, pattern, replacement: asString(member(entry, "replacement")) ?? "" }];
	});
}

/** The text after one rule. */
export function applyRule(text: string, rule: CompiledRule): string {
	const matcher = rule.regex.matcher(text);
	const seen = new Map<string, number>();
	let result = "";
	let at = 0;
	while (matcher.find()) {
		// an empty match would replace nothing and everywhere
		if (matcher.end() === matcher.start()) continue;
		const found = text.slice(matcher.start(), matcher.end());
		if (!seen.has(found)) seen.set(found, seen.size + 1);
		const replacement = rule.replacement === ID ? `<id ${seen.get(found)}>` : rule.replacement;
		result += text.slice(at, matcher.start()) + replacement;
		at = matcher.end();
	}
	return result + text.slice(at);
}

/** Nesting below this is compared in the order in which it stands. */
const DEEPEST = 40;

/** The same for two texts that differ only in the order of list entries, members or lines. */
export function withoutOrder(value: JsonValue | string, depth = 0): string {
	if (typeof value === "string" && depth === 0) return value.split("\n").sort().join("\n");
	if (depth > DEEPEST) return canonicalJson(value);
	if (Array.isArray(value))
		return `[${value
			.map((entry) => withoutOrder(entry, depth + 1))
			.sort()
			.join(",")}]`;
	if (!isObject(value)) return JSON.stringify(value);
	const members = Object.keys(value).sort();
	return `{${members.map((key) => `${JSON.stringify(key)}:${withoutOrder(value[key] as JsonValue, depth + 1)}`).join(",")}}`;
}
