// The filter language: parses an expression over rollouts and compiles it to a function. Logic has three values:
// a condition on something that the log does not say is neither true nor false, and such rollouts are counted apart.
//
//   outcome = fail and steps > 20 and any(step, tool = "bash" and observation ~ /denied/)
//   not (reward >= 1 or truncated)      count(step, error) > 2      task in (7, 12)      model is missing
import { RE2JS } from "re2js";
import {
	type Field,
	type FieldValue,
	OUTCOME_WORDS,
	ROLLOUT_FIELDS,
	rewardComponent,
	STEP_FIELDS,
	type StepSubject,
	type Subject,
} from "./fields.ts";
import { lex, type QueryError, type Token } from "./lexer.ts";

/** True, false, or null: cannot be judged. */
export type Verdict = boolean | null;

export interface Query {
	source: string;
	/** True where rollouts must be loaded in full to be judged. */
	needsRollout: boolean;
	/** Names of the fields that it asks about. */
	fields: ReadonlySet<string>;
	judge(subject: Subject): Verdict;
}

export type Compiled = { ok: true; query: Query } | { ok: false; error: QueryError };

type Condition<Of> = (of: Of) => Verdict;
type Quantifier = "any" | "all" | "none" | "count";

const QUANTIFIERS: readonly string[] = ["any", "all", "none", "count"];
/** Parentheses and `not` deeper than this are refused instead of exhausting the stack. */
const DEEPEST = 200;

export function compileQuery(source: string): Compiled {
	const lexed = lex(source);
	if (!lexed.ok) return lexed;
	const parser = new Parser(lexed.tokens);
	try {
		const judge = parser.whole();
		return { ok: true, query: { source, needsRollout: parser.needsRollout, fields: parser.fields, judge } };
	} catch (error) {
		if (error instanceof Refusal) return { ok: false, error: { reason: error.message, at: error.at } };
		throw error;
	}
}

/** A condition on single steps, as inside `any(step, …)`: for breakpoints. */
export function compileStepCondition(
	source: string,
): { ok: true; judge: (of: StepSubject) => Verdict } | { ok: false; error: QueryError } {
	const lexed = lex(source);
	if (!lexed.ok) return lexed;
	try {
		return { ok: true, judge: new Parser(lexed.tokens).wholeStep() };
	} catch (error) {
		if (error instanceof Refusal) return { ok: false, error: { reason: error.message, at: error.at } };
		throw error;
	}
}

/** Thrown inside this file only, to leave the parser from any depth of calls. */
class Refusal extends Error {
	readonly at: number;
	constructor(reason: string, at: number) {
		super(reason);
		this.at = at;
	}
}

interface Scope<Of> {
	fields: readonly Field<Of>[];
	/** Fields that are not in the list, such as `rewards.NAME`. */
	other(name: string): Field<Of> | null;
	/** `any(step, …)` and its relatives; null where they cannot be nested. */
	quantified: ((parser: Parser, quantifier: Quantifier, at: Token) => Condition<Of>) | null;
}

const STEP_SCOPE: Scope<StepSubject> = { fields: STEP_FIELDS, other: () => null, quantified: null };

const ROLLOUT_SCOPE: Scope<Subject> = {
	fields: ROLLOUT_FIELDS,
	other: (name) => (name.startsWith("rewards.") ? rewardComponent(name.slice("rewards.".length)) : null),
	quantified: (parser, quantifier, at) => parser.quantified(quantifier, at),
};

class Parser {
	needsRollout = false;
	readonly fields = new Set<string>();
	private readonly tokens: Token[];
	private next = 0;
	private depth = 0;

	constructor(tokens: Token[]) {
		this.tokens = tokens;
	}

	whole(): Condition<Subject> {
		return this.all(ROLLOUT_SCOPE);
	}

	wholeStep(): Condition<StepSubject> {
		return this.all(STEP_SCOPE);
	}

	private all<Of>(scope: Scope<Of>): Condition<Of> {
		if (this.peek().kind === "end") return () => true;
		const condition = this.either(scope);
		if (this.peek().kind !== "end") throw new Refusal("expected and, or, or the end", this.peek().start);
		return condition;
	}

	/** `any(step, condition)`; `count(step, condition) > 2`. */
	quantified(quantifier: Quantifier, at: Token): Condition<Subject> {
		this.take("open", `expected ( after ${quantifier}`);
		const what = this.take("word", "expected step");
		if (what.value !== "step") throw new Refusal("expected step", what.start);
		this.take("comma", "expected a comma");
		const condition = this.either(STEP_SCOPE);
		this.take("close", "expected )");
		this.needsRollout = true;
		if (quantifier !== "count") return quantify(quantifier, condition);
		const operator = this.take("operator", "expected a comparison after count(…)");
		const number = this.take("number", "expected a number");
		if (operator.value === "~" || operator.value === "!~") throw new Refusal("a count is a number", at.start);
		return countSteps(condition, compareNumbers(operator.value, Number(number.value)));
	}

	private either<Of>(scope: Scope<Of>): Condition<Of> {
		const parts = [this.both(scope)];
		while (this.isWord("or")) parts.push(this.both(scope));
		return parts.length === 1 ? (parts[0] as Condition<Of>) : or(parts);
	}

	private both<Of>(scope: Scope<Of>): Condition<Of> {
		const parts = [this.negated(scope)];
		while (this.isWord("and")) parts.push(this.negated(scope));
		return parts.length === 1 ? (parts[0] as Condition<Of>) : and(parts);
	}

	private negated<Of>(scope: Scope<Of>): Condition<Of> {
		if (++this.depth > DEEPEST) throw new Refusal("nested too deeply", this.peek().start);
		try {
			if (!this.isWord("not")) return this.simple(scope);
			const inner = this.negated(scope);
			return (of) => opposite(inner(of));
		} finally {
			this.depth--;
		}
	}

	private simple<Of>(scope: Scope<Of>): Condition<Of> {
		if (this.peek().kind === "open") {
			this.next++;
			const inner = this.either(scope);
			this.take("close", "expected )");
			return inner;
		}
		const word = this.take("word", "expected a field, a parenthesis or not");
		if (QUANTIFIERS.includes(word.value) && this.peek().kind === "open") {
			if (scope.quantified === null) throw new Refusal(`${word.value}(…) cannot stand inside another`, word.start);
			return scope.quantified(this, word.value as Quantifier, word);
		}
		return this.comparison(scope, word);
	}

	private comparison<Of>(scope: Scope<Of>, word: Token): Condition<Of> {
		const field = scope.fields.find((candidate) => candidate.name === word.value) ?? scope.other(word.value);
		if (field === null) throw new Refusal(`no field ${word.value}${nearest(word.value, scope.fields)}`, word.start);
		this.fields.add(field.name);
		if (field.needsRollout) this.needsRollout = true;
		if (this.isWord("is")) return this.missing(field);
		if (this.isWord("in")) return this.oneOf(field);
		const operator = this.peek();
		if (operator.kind !== "operator") {
			if (field.type !== "boolean") throw new Refusal(`expected a comparison after ${field.name}`, operator.start);
			return (of) => asVerdict(field.value(of));
		}
		this.next++;
		return compare(field, operator, this.literal());
	}

	private missing<Of>(field: Field<Of>): Condition<Of> {
		const negated = this.isWord("not");
		const word = this.take("word", "expected missing");
		if (word.value !== "missing") throw new Refusal("expected missing", word.start);
		return (of) => (field.value(of) === null) !== negated;
	}

	private oneOf<Of>(field: Field<Of>): Condition<Of> {
		this.take("open", "expected ( after in");
		const conditions: Condition<Of>[] = [];
		do {
			const value = this.literal();
			conditions.push(compare(field, { kind: "operator", value: "=", start: value.start, end: value.start }, value));
		} while (this.takeIf("comma"));
		this.take("close", "expected ) or a comma");
		return or(conditions);
	}

	private literal(): Token {
		const token = this.peek();
		if (!["word", "number", "text", "pattern"].includes(token.kind)) throw new Refusal("expected a value", token.start);
		this.next++;
		return token;
	}

	private peek(): Token {
		return this.tokens[this.next] as Token;
	}

	private isWord(word: string): boolean {
		const token = this.peek();
		if (token.kind !== "word" || token.value.toLowerCase() !== word) return false;
		this.next++;
		return true;
	}

	private takeIf(kind: Token["kind"]): boolean {
		if (this.peek().kind !== kind) return false;
		this.next++;
		return true;
	}

	private take(kind: Token["kind"], otherwise: string): Token {
		const token = this.peek();
		if (token.kind !== kind) throw new Refusal(otherwise, token.start);
		this.next++;
		return token;
	}
}

function opposite(verdict: Verdict): Verdict {
	return verdict === null ? null : !verdict;
}

/** False decides, then unknown. */
function and<Of>(parts: Condition<Of>[]): Condition<Of> {
	return (of) => {
		let verdict: Verdict = true;
		for (const part of parts) {
			const one = part(of);
			if (one === false) return false;
			if (one === null) verdict = null;
		}
		return verdict;
	};
}

/** True decides, then unknown. */
function or<Of>(parts: Condition<Of>[]): Condition<Of> {
	return (of) => {
		let verdict: Verdict = false;
		for (const part of parts) {
			const one = part(of);
			if (one === true) return true;
			if (one === null) verdict = null;
		}
		return verdict;
	};
}

/** A step on which the condition cannot be judged leaves `any` open unless another step decides. */
function quantify(quantifier: "any" | "all" | "none", condition: Condition<StepSubject>): Condition<Subject> {
	const wanted = quantifier !== "all";
	return (subject) => {
		if (subject.rollout === null) return null;
		let open = false;
		for (const step of subject.rollout.steps) {
			const verdict = condition({ step, subject });
			if (verdict === wanted) return quantifier === "any";
			if (verdict === null && step.role === "agent") open = true;
		}
		return open ? null : quantifier !== "any";
	};
}

function countSteps(condition: Condition<StepSubject>, test: (count: number) => boolean): Condition<Subject> {
	return (subject) => {
		if (subject.rollout === null) return null;
		let count = 0;
		for (const step of subject.rollout.steps) if (condition({ step, subject }) === true) count++;
		return test(count);
	};
}

function compare<Of>(field: Field<Of>, operator: Token, literal: Token): Condition<Of> {
	if (operator.value === "~" || operator.value === "!~") return matches(field, operator, literal);
	if (literal.kind === "pattern") throw new Refusal("a pattern is compared with ~", operator.start);
	if (field.type === "number") return numberIs(field, operator, literal);
	if (field.type === "boolean") return booleanIs(field, operator, literal);
	return textIs(field, operator, literal);
}

function numberIs<Of>(field: Field<Of>, operator: Token, literal: Token): Condition<Of> {
	if (literal.kind !== "number") throw new Refusal(`${field.name} is a number`, literal.start);
	const test = compareNumbers(operator.value, Number(literal.value));
	return (of) => {
		const value = field.value(of);
		return typeof value === "number" ? test(value) : null;
	};
}

function compareNumbers(operator: string, right: number): (left: number) => boolean {
	switch (operator) {
		case "=":
			return (left) => left === right;
		case "!=":
			return (left) => left !== right;
		case "<":
			return (left) => left < right;
		case "<=":
			return (left) => left <= right;
		case ">":
			return (left) => left > right;
		default:
			return (left) => left >= right;
	}
}

function booleanIs<Of>(field: Field<Of>, operator: Token, literal: Token): Condition<Of> {
	if (literal.value !== "true" && literal.value !== "false")
		throw new Refusal(`${field.name} is true or false`, literal.start);
	if (operator.value !== "=" && operator.value !== "!=")
		throw new Refusal(`${field.name} can only be compared with = and !=`, operator.start);
	const wanted = (literal.value === "true") === (operator.value === "=");
	return (of) => {
		const verdict = asVerdict(field.value(of));
		return verdict === null ? null : verdict === wanted;
	};
}

function asVerdict(value: FieldValue): Verdict {
	return typeof value === "boolean" ? value : null;
}

function textIs<Of>(field: Field<Of>, operator: Token, literal: Token): Condition<Of> {
	if (operator.value !== "=" && operator.value !== "!=")
		throw new Refusal(`${field.name} is text: use = != ~ or !~`, operator.start);
	const wanted = field.name === "outcome" ? outcomeWord(literal) : literal.value;
	const equal = operator.value === "=";
	return anyText(field, equal, (text) => text === wanted);
}

function outcomeWord(literal: Token): string {
	const outcome = OUTCOME_WORDS[literal.value.toLowerCase()];
	if (outcome === undefined) throw new Refusal("outcome is success, failure or unknown", literal.start);
	return outcome;
}

/** Patterns run on a linear-time engine: no expression can hang the editor. */
function matches<Of>(field: Field<Of>, operator: Token, literal: Token): Condition<Of> {
	if (field.type !== "text") throw new Refusal(`${field.name} is not text`, operator.start);
	const source = literal.kind === "pattern" ? literal.value : RE2JS.quote(literal.value);
	try {
		const pattern = RE2JS.compile(source, RE2JS.CASE_INSENSITIVE);
		return anyText(field, operator.value === "~", (text) => pattern.matcher(text).find());
	} catch (error) {
		throw new Refusal(`not a pattern: ${error instanceof Error ? error.message : String(error)}`, literal.start);
	}
}

/** Of several values one must pass; for a negated operator none may. */
function anyText<Of>(field: Field<Of>, positive: boolean, test: (text: string) => boolean): Condition<Of> {
	return (of) => {
		const value = field.value(of);
		if (value === null) return null;
		const found = Array.isArray(value) ? value.some(test) : test(String(value));
		return found === positive;
	};
}

/** "; did you mean steps?" where a known name is close. */
function nearest<Of>(name: string, fields: readonly Field<Of>[]): string {
	const lower = name.toLowerCase();
	const close = fields.find(
		(field) => field.name.toLowerCase().startsWith(lower.slice(0, 3)) || field.name.toLowerCase() === lower,
	);
	return close === undefined ? "" : `; did you mean ${close.name}?`;
}
