// Decodes large JSON in which the same values stand again and again, such as the history that some logs repeat at each
// step: equal parts are decoded once and shared, so that memory grows with what is new and not with its square.
import type { JsonObject, JsonValue } from "../model/json.ts";
import { skipSpace, skipString, skipValue } from "./scan.ts";

/** Values up to so many bytes are shared as a whole; larger ones are taken apart. */
const WHOLE = 32 * 1024;
/** Shorter ones are not worth remembering. */
const WORTH_SHARING = 64;
/** Values nested deeper are decoded as they are: hostile nesting must not exhaust the stack. */
const DEEPEST = 50;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Thrown in this file only: the text is not JSON as JSON.parse takes it, and others must say what it is. */
class NotJson extends Error {}

/**
 * The value of `bytes`, equal to what JSON.parse makes of them; undefined where that refuses them. Parts may be the
 * same object in several places: nobody may change them.
 */
export function parseShared(bytes: Uint8Array): JsonValue | undefined {
	try {
		return new SharingParser(bytes).run();
	} catch (error) {
		// JSON.parse throws syntax errors, and range errors where nesting is too deep for it
		if (error instanceof NotJson || error instanceof SyntaxError || error instanceof RangeError) return undefined;
		throw error;
	}
}

interface Known {
	start: number;
	end: number;
	value: JsonValue;
}

class SharingParser {
	private readonly bytes: Uint8Array;
	private readonly decoder = new TextDecoder("utf-8", { ignoreBOM: true });
	private readonly known = new Map<number, Known[]>();

	constructor(bytes: Uint8Array) {
		this.bytes = bytes;
	}

	run(): JsonValue {
		const { bytes } = this;
		const start = skipSpace(bytes, 0, bytes.length);
		const end = skipValue(bytes, start, bytes.length);
		if (start === end || skipSpace(bytes, end, bytes.length) !== bytes.length) throw new NotJson();
		return this.value(start, end, 0);
	}

	private value(start: number, end: number, depth: number): JsonValue {
		const first = this.bytes[start];
		const isLarge = end - start > WHOLE && depth < DEEPEST;
		if (isLarge && first === OPEN_OBJECT) return this.object(start, end, depth + 1);
		if (isLarge && first === OPEN_ARRAY) return this.array(start, end, depth + 1);
		return end - start < WORTH_SHARING ? this.decode(start, end) : this.shared(start, end);
	}

	private object(start: number, end: number, depth: number): JsonObject {
		const { bytes } = this;
		const object: JsonObject = {};
		let at = skipSpace(bytes, start + 1, end);
		while (bytes[at] !== CLOSE_OBJECT) {
			if (bytes[at] !== QUOTE) throw new NotJson();
			const nameEnd = skipString(bytes, at, end);
			const name = this.decode(at, nameEnd) as string;
			at = skipSpace(bytes, nameEnd, end);
			if (bytes[at] !== COLON) throw new NotJson();
			const from = skipSpace(bytes, at + 1, end);
			const to = skipValue(bytes, from, end);
			// defineProperty, because a log may well contain the key "__proto__"
			const value = this.value(from, to, depth);
			Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
			at = this.behindComma(to, end, CLOSE_OBJECT);
		}
		this.mustEnd(at, end);
		return object;
	}

	private array(start: number, end: number, depth: number): JsonValue[] {
		const { bytes } = this;
		const array: JsonValue[] = [];
		let at = skipSpace(bytes, start + 1, end);
		while (bytes[at] !== CLOSE_ARRAY) {
			const to = skipValue(bytes, at, end);
			array.push(this.value(at, to, depth));
			at = this.behindComma(to, end, CLOSE_ARRAY);
		}
		this.mustEnd(at, end);
		return array;
	}

	/** The next member or element, or the closing bracket; nothing else may follow a value. */
	private behindComma(from: number, end: number, closing: number): number {
		const at = skipSpace(this.bytes, from, end);
		if (this.bytes[at] === closing) return at;
		const next = skipSpace(this.bytes, at + 1, end);
		if (this.bytes[at] !== COMMA || this.bytes[next] === closing || next >= end) throw new NotJson();
		return next;
	}

	private mustEnd(at: number, end: number): void {
		if (at !== end - 1) throw new NotJson();
	}

	private shared(start: number, end: number): JsonValue {
		const hash = this.hash(start, end);
		const candidates = this.known.get(hash);
		const same = candidates?.find((known) => this.isSame(known, start, end));
		if (same !== undefined) return same.value;
		const value = this.decode(start, end);
		if (candidates === undefined) this.known.set(hash, [{ start, end, value }]);
		else candidates.push({ start, end, value });
		return value;
	}

	private decode(start: number, end: number): JsonValue {
		return JSON.parse(this.decoder.decode(this.bytes.subarray(start, end))) as JsonValue;
	}

	private isSame(known: Known, start: number, end: number): boolean {
		if (known.end - known.start !== end - start) return false;
		for (let at = start, other = known.start; at < end; at++, other++) {
			if (this.bytes[at] !== this.bytes[other]) return false;
		}
		return true;
	}

	private hash(start: number, end: number): number {
		let hash = end - start;
		for (let at = start; at < end; at++) hash = Math.imul(hash ^ (this.bytes[at] as number), 0x01000193);
		return hash;
	}
}
