// Takes secrets, paths and names out of what is exported, by rules, and says what would be taken out before it is done.
import { RE2JS } from "re2js";
import { asArray, asString, isObject, type JsonValue, member } from "../model/json.ts";

export interface RedactionRule {
	name: string;
	/** Pieces of a text that must not stand in the export. */
	find: (text: string) => { start: number; end: number }[];
	replacement: string;
}

export interface Redacted {
	value: JsonValue;
	/** Pieces taken out by rule name. */
	found: Map<string, string[]>;
}

function builtIn(name: string, pattern: RegExp, replacement: string): RedactionRule {
	return {
		name,
		replacement,
		find: (text) =>
			[...text.matchAll(pattern)].map(({ index, 0: piece }) => ({ start: index, end: index + piece.length })),
	};
}

/** No pattern here can run for more than linear time: all repeats are of one class with nothing like it after them. */
export const REDACTION_RULES: readonly RedactionRule[] = [
	builtIn(
		"private key",
		/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]*-----END [A-Z ]{0,30}PRIVATE KEY-----/g,
		"<private key>",
	),
	builtIn(
		"API key",
		/\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,200}|\bgh[pousr]_[A-Za-z0-9]{20,255}|\bgithub_pat_\w{20,255}|\bAKIA[0-9A-Z]{16}\b|\bAIza[\w-]{30,60}|\bxox[abprs]-[\w-]{10,200}|\bhf_[A-Za-z0-9]{20,60}/g,
		"<key>",
	),
	builtIn(
		"token",
		/(?<![\w-])eyJ[\w-]{10,4000}\.[\w-]{10,4000}\.[\w-]{5,4000}|\bBearer [\w.~+/=-]{16,4000}/g,
		"<token>",
	),
	builtIn("e-mail address", /\b[\w.%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}/g, "<e-mail>"),
	builtIn("home folder", /(?:\/home\/|\/Users\/|\b[A-Za-z]:\\{1,2}Users\\{1,2})[^\s/\\"'<>:;,|]{1,100}/g, "<home>"),
];

/**
 * A person's own rules: a list of `{name, pattern, replacement}`, patterns in RE2's syntax.
 * @returns the rules, and what is wrong with the others
 */
export function ownRules(value: JsonValue): { rules: RedactionRule[]; problems: string[] } {
	const rules: RedactionRule[] = [];
	const problems: string[] = [];
	for (const [number, entry] of (asArray(value) ?? []).entries()) {
		const name = asString(member(entry, "name")) ?? `rule ${number + 1}`;
		try {
			const pattern = RE2JS.compile(asString(member(entry, "pattern")) ?? "");
			rules.push({ name, find: piecesOf(pattern), replacement: asString(member(entry, "replacement")) ?? `<${name}>` });
		} catch (error) {
			problems.push(`${name}: not a pattern: ${(error as Error).message}`);
		}
	}
	return { rules, problems };
}

function piecesOf(pattern: RE2JS): RedactionRule["find"] {
	return (text) => {
		const pieces: { start: number; end: number }[] = [];
		const matcher = pattern.matcher(text);
		while (matcher.find())
			if (matcher.end() > matcher.start()) pieces.push({ start: matcher.start(), end: matcher.end() });
		return pieces;
	};
}

/** The text without the pieces that the rules take out. */
export function redactText(text: string, rules: readonly RedactionRule[]): string {
	return clean(text, rules, new Map());
}

/** A copy of the value with every text cleaned, in keys as well as in values. Safe at any depth. */
export function redact(value: JsonValue, rules: readonly RedactionRule[]): Redacted {
	const found = new Map<string, string[]>();
	const holder: JsonValue[] = [value];
	const waiting: { from: JsonValue; put: (copy: JsonValue) => void }[] = [
		{
			from: value,
			put: (copy) => {
				holder[0] = copy;
			},
		},
	];
	for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
		const { from, put } = next;
		if (typeof from === "string") put(clean(from, rules, found));
		else if (Array.isArray(from)) {
			const copy: JsonValue[] = from.map(() => null);
			put(copy);
			for (const [index, element] of from.entries())
				waiting.push({
					from: element,
					put: (part) => {
						copy[index] = part;
					},
				});
		} else if (isObject(from)) {
			const keys = Object.keys(from).map((key) => [key, clean(key, rules, found)] as const);
			const copy = Object.fromEntries(keys.map(([, key]): [string, JsonValue] => [key, null]));
			put(copy);
			for (const [key, cleaned] of keys)
				waiting.push({
					from: from[key] as JsonValue,
					put: (part) => {
						Object.defineProperty(copy, cleaned, { value: part, writable: true, enumerable: true, configurable: true });
					},
				});
		} else put(from);
	}
	return { value: holder[0] as JsonValue, found };
}

function clean(text: string, rules: readonly RedactionRule[], found: Map<string, string[]>): string {
	let cleaned = text;
	for (const { name, find, replacement } of rules) {
		const pieces = find(cleaned);
		if (pieces.length === 0) continue;
		const parts: string[] = [];
		const taken = found.get(name) ?? [];
		found.set(name, taken);
		let at = 0;
		for (const { start, end } of pieces) {
			parts.push(cleaned.slice(at, start), replacement);
			taken.push(cleaned.slice(start, end));
			at = end;
		}
		cleaned = parts.join("") + cleaned.slice(at);
	}
	return cleaned;
}
