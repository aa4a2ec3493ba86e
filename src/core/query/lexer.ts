// Words of the filter language, each with its place, so that errors and completion can point at a character.

export type TokenKind = "word" | "number" | "text" | "pattern" | "operator" | "open" | "close" | "comma" | "end";

export interface Token {
	kind: TokenKind;
	/** Decoded value: text without quotes, pattern without slashes. */
	value: string;
	/** 0-based first character and one past the last. */
	start: number;
	end: number;
}

export interface QueryError {
	reason: string;
	/** 0-based character that the error points at. */
	at: number;
}

export type Lexed = { ok: true; tokens: Token[] } | { ok: false; error: QueryError };

const WORD = /[\p{L}_][\p{L}\p{N}_.-]*/uy;
const NUMBER = /[-\u2212]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const OPERATOR = /!=|<=|>=|!~|=|<|>|~/y;
const SPACE = /\s*/y;

/** Splits a filter into tokens; the last is always `end`. */
export function lex(source: string): Lexed {
	const tokens: Token[] = [];
	let at = 0;
	for (;;) {
		SPACE.lastIndex = at;
		SPACE.test(source);
		at = SPACE.lastIndex;
		if (at >= source.length) {
			tokens.push({ kind: "end", value: "", start: source.length, end: source.length });
			return { ok: true, tokens };
		}
		const token = readToken(source, at, tokens.at(-1));
		if ("reason" in token) return { ok: false, error: token };
		tokens.push(token);
		at = token.end;
	}
}

function readToken(source: string, at: number, before: Token | undefined): Token | QueryError {
	const character = source[at] as string;
	if (character === "(") return { kind: "open", value: "(", start: at, end: at + 1 };
	if (character === ")") return { kind: "close", value: ")", start: at, end: at + 1 };
	if (character === ",") return { kind: "comma", value: ",", start: at, end: at + 1 };
	if (character === '"' || character === "'") return readQuoted(source, at, character, "text");
	if (character === "/" && before?.kind === "operator") return readQuoted(source, at, "/", "pattern");
	return (
		match(source, at, NUMBER, "number") ??
		match(source, at, OPERATOR, "operator") ??
		match(source, at, WORD, "word") ?? { reason: `unexpected ${JSON.stringify(character)}`, at }
	);
}

function match(source: string, at: number, pattern: RegExp, kind: TokenKind): Token | null {
	pattern.lastIndex = at;
	const found = pattern.exec(source);
	return found === null ? null : { kind, value: found[0].replace("\u2212", "-"), start: at, end: pattern.lastIndex };
}

/** A backslash keeps the quote itself inside; in patterns every other escape is the pattern's own. */
function readQuoted(source: string, start: number, quote: string, kind: "text" | "pattern"): Token | QueryError {
	let value = "";
	for (let at = start + 1; at < source.length; at++) {
		const character = source[at] as string;
		if (character === quote) return { kind, value, start, end: at + 1 };
		if (character === "\\" && at + 1 < source.length) {
			at++;
			const escaped = source[at] as string;
			value += escaped === quote || (kind === "text" && escaped === "\\") ? escaped : `\\${escaped}`;
		} else value += character;
	}
	return { reason: `no closing ${quote}`, at: start };
}
