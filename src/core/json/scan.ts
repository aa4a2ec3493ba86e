// Finds where JSON values begin and end in raw bytes, without decoding them and without recursion.
// The scanner trusts its input to be JSON that was, or will be, parsed: it finds places, it does not validate.

export interface Span {
	/** First byte, 0-based within the scanned array. */
	start: number;
	/** One past the last byte. */
	end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

export function skipSpace(bytes: Uint8Array, from: number, end: number): number {
	let at = from;
	while (at < end) {
		const byte = bytes[at] as number;
		if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
		at++;
	}
	return at;
}

/** `at` is an opening quote; the answer is one past the closing quote, or `end` where there is none. */
export function skipString(bytes: Uint8Array, at: number, end: number): number {
	let next = at + 1;
	while (next < end) {
		const byte = bytes[next] as number;
		if (byte === QUOTE) return next + 1;
		next += byte === BACKSLASH ? 2 : 1;
	}
	return end;
}

/** One past the value that starts at `at` (which must not be white space); `end` where it is cut off. */
export function skipValue(bytes: Uint8Array, at: number, end: number): number {
	const first = bytes[at] as number;
	if (first === QUOTE) return skipString(bytes, at, end);
	if (first !== OPEN_ARRAY && first !== OPEN_OBJECT) return skipScalar(bytes, at, end);
	let depth = 0;
	let next = at;
	while (next < end) {
		const byte = bytes[next] as number;
		if (byte === QUOTE) {
			next = skipString(bytes, next, end);
			continue;
		}
		if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) depth++;
		else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
			depth--;
			if (depth === 0) return next + 1;
		}
		next++;
	}
	return end;
}

function skipScalar(bytes: Uint8Array, at: number, end: number): number {
	let next = at;
	while (next < end) {
		const byte = bytes[next] as number;
		if (byte === COMMA || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT || byte <= 0x20) break;
		next++;
	}
	return next;
}

/** The places of the elements of the array that starts at `span.start`; empty where it is not an array. */
export function elementSpans(bytes: Uint8Array, span: Span): Span[] {
	const spans: Span[] = [];
	if (bytes[span.start] !== OPEN_ARRAY) return spans;
	let at = skipSpace(bytes, span.start + 1, span.end);
	while (at < span.end && bytes[at] !== CLOSE_ARRAY) {
		const end = skipValue(bytes, at, span.end);
		if (end === at) break;
		spans.push({ start: at, end });
		at = skipSpace(bytes, end, span.end);
		if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1, span.end);
	}
	return spans;
}

const decoder = new TextDecoder();

/** Calls `visit(key, value place)` for each member of the object at `span.start` until it answers true. */
export function visitMembers(bytes: Uint8Array, span: Span, visit: (key: string, value: Span) => boolean): void {
	if (bytes[span.start] !== OPEN_OBJECT) return;
	let at = skipSpace(bytes, span.start + 1, span.end);
	while (at < span.end && bytes[at] === QUOTE) {
		const keyEnd = skipString(bytes, at, span.end);
		const key = decodeKey(bytes, at, keyEnd);
		at = skipSpace(bytes, keyEnd, span.end);
		if (bytes[at] !== COLON) return;
		at = skipSpace(bytes, at + 1, span.end);
		const end = skipValue(bytes, at, span.end);
		if (visit(key, { start: at, end })) return;
		at = skipSpace(bytes, end, span.end);
		if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1, span.end);
	}
}

/** The member name whose quotes stand at `start` and just before `end`. */
export function decodeKey(bytes: Uint8Array, start: number, end: number): string {
	const raw = decoder.decode(bytes.subarray(start + 1, end - 1));
	if (!raw.includes("\\")) return raw;
	try {
		return JSON.parse(`"${raw}"`) as string;
	} catch {
		return raw;
	}
}

/** The place of member `key`; the last one where a key is repeated, as `JSON.parse` takes it. */
export function memberSpan(bytes: Uint8Array, span: Span, key: string): Span | null {
	let found: Span | null = null;
	visitMembers(bytes, span, (name, value) => {
		if (name === key) found = value;
		return false;
	});
	return found;
}

/** The place that an RFC 6901 pointer names inside the value at `span`, or null where it leads nowhere. */
export function pointerSpan(bytes: Uint8Array, span: Span, pointer: string): Span | null {
	const start = skipSpace(bytes, span.start, span.end);
	let current: Span | null = { start, end: skipValue(bytes, start, span.end) };
	for (const token of pointerTokens(pointer)) {
		if (bytes[current.start] === OPEN_ARRAY) current = elementSpans(bytes, current)[Number(token)] ?? null;
		else current = memberSpan(bytes, current, token);
		if (current === null) return null;
	}
	return current;
}

/** The reference tokens of an RFC 6901 pointer, unescaped. */
export function pointerTokens(pointer: string): string[] {
	if (pointer === "") return [];
	return pointer
		.slice(1)
		.split("/")
		.map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The RFC 6901 pointer made of these reference tokens. */
export function pointerOf(...tokens: (string | number)[]): string {
	return tokens.map((token) => `/${String(token).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
