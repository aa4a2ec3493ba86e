// Completion for the filter language: fields, operators and, after an operator, the values that the data hold with counts.
import type { RolloutSummary } from "../model/trajectory.ts";
import { type Field, ROLLOUT_FIELDS, STEP_FIELDS, type Subject } from "./fields.ts";
import { lex, type Token } from "./lexer.ts";

export interface Completion {
	/** What stands in the text afterwards, from `start` to `end`. */
	text: string;
	about: string;
	start: number;
	end: number;
}

const MOST_VALUES = 20;

/** What can stand at `cursor` (0-based); values of rollout fields are counted over `summaries`. */
export function complete(source: string, cursor: number, summaries: readonly RolloutSummary[]): Completion[] {
	const lexed = lex(source.slice(0, cursor));
	if (!lexed.ok) return [];
	const tokens = lexed.tokens.slice(0, -1);
	const last = tokens.at(-1);
	const partial = last?.kind === "word" && last.end === cursor ? last : null;
	const before = partial === null ? tokens : tokens.slice(0, -1);
	const start = partial?.start ?? cursor;
	const inStep = openQuantifier(before);
	return suggestions(before, inStep, summaries)
		.filter(({ text }) => partial === null || text.toLowerCase().startsWith(partial.value.toLowerCase()))
		.map((suggestion) => ({ ...suggestion, start, end: cursor }));
}

type Suggestion = Pick<Completion, "text" | "about">;

function suggestions(before: Token[], inStep: boolean, summaries: readonly RolloutSummary[]): Suggestion[] {
	const last = before.at(-1);
	const names: readonly { name: string; type: string; about: string }[] = inStep ? STEP_FIELDS : ROLLOUT_FIELDS;
	if (
		last === undefined ||
		last.kind === "open" ||
		last.kind === "comma" ||
		["and", "or", "not"].includes(last.value)
	) {
		const quantifiers = inStep
			? []
			: ["any(step, ", "all(step, ", "none(step, ", "count(step, "].map((text) => ({ text, about: "over the steps" }));
		return [
			...names.map(({ name, about }) => ({ text: name, about })),
			{ text: "not", about: "the opposite" },
			...quantifiers,
		];
	}
	const field = names.find(({ name }) => name === last.value);
	if (field !== undefined && last.kind === "word" && before.at(-2)?.kind !== "operator") return operatorsOf(field.type);
	const compared = before.at(-2)?.value;
	if (last.kind === "operator") return inStep ? [] : valuesOf(compared ?? "", summaries);
	return [
		{ text: "and", about: "both" },
		{ text: "or", about: "either" },
	];
}

function operatorsOf(type: string): Suggestion[] {
	const operators =
		type === "number"
			? ["=", "!=", "<", "<=", ">", ">="]
			: type === "boolean"
				? ["=", "and", "or"]
				: ["=", "!=", "~", "!~", "in ("];
	return [...operators.map((text) => ({ text, about: "" })), { text: "is missing", about: "the log does not say" }];
}

/** Values of a rollout field, the most frequent first. */
function valuesOf(name: string, summaries: readonly RolloutSummary[]): Suggestion[] {
	const field = ROLLOUT_FIELDS.find((candidate) => candidate.name === name && !candidate.needsRollout);
	if (field === undefined) return [];
	const counts = countValues(field, summaries);
	return [...counts.entries()]
		.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
		.slice(0, MOST_VALUES)
		.map(([value, count]) => ({ text: field.type === "text" ? quoted(value) : value, about: `${count} rollouts` }));
}

function countValues(field: Field<Subject>, summaries: readonly RolloutSummary[]): Map<string, number> {
	const counts = new Map<string, number>();
	for (const summary of summaries) {
		const value = field.value({ summary, rollout: null, firstError: undefined, advantage: () => null });
		if (value === null || Array.isArray(value)) continue;
		counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
	}
	return counts;
}

function quoted(value: string): string {
	return /^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
}

/** Whether the cursor stands inside `any(step, …)`. */
function openQuantifier(tokens: Token[]): boolean {
	const open: boolean[] = [];
	tokens.forEach((token, index) => {
		if (token.kind === "open") open.push(["any", "all", "none", "count"].includes(tokens[index - 1]?.value ?? ""));
		else if (token.kind === "close") open.pop();
	});
	return open.includes(true);
}
