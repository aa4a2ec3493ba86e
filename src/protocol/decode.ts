// Decoders: from `unknown` to a known type, once, at a boundary. A message's schema is its decoder; its type follows.
import { fail, type Result, succeed } from "../core/model/problem.ts";

/** Answers the value with its type, or throws a Mismatch that names the place inside the message. */
export type Decoder<Value> = (value: unknown, at: string) => Value;

export type Decoded<D> = D extends Decoder<infer Value> ? Value : never;

/** Thrown inside this file only: a decoder may be deep inside another when it finds that the message does not fit. */
class Mismatch extends Error {}

/** Decodes without throwing. The error names the first place that does not fit and what was expected there. */
export function decode<Value>(decoder: Decoder<Value>, value: unknown): Result<Value, string> {
	try {
		return succeed(decoder(value, ""));
	} catch (error) {
		if (error instanceof Mismatch) return fail(error.message);
		throw error;
	}
}

function expected(what: string, at: string): never {
	throw new Mismatch(`expected ${what}${at === "" ? "" : ` at ${at}`}`);
}

export const text: Decoder<string> = (value, at) => (typeof value === "string" ? value : expected("text", at));

export const flag: Decoder<boolean> = (value, at) =>
	typeof value === "boolean" ? value : expected("true or false", at);

/** Any number, NaN and infinities too: they stand for "not known" in numbers that were computed. */
export const number: Decoder<number> = (value, at) => (typeof value === "number" ? value : expected("a number", at));

export const integer: Decoder<number> = (value, at) =>
	Number.isSafeInteger(value) ? (value as number) : expected("an integer", at);

export const nothing: Decoder<null> = (value, at) =>
	value === null || value === undefined ? null : expected("nothing", at);

export function nullable<Value>(inner: Decoder<Value>): Decoder<Value | null> {
	return (value, at) => (value === null ? null : inner(value, at));
}

export function oneOf<const Choice extends string>(...choices: readonly Choice[]): Decoder<Choice> {
	return (value, at) => choices.find((choice) => choice === value) ?? expected(choices.join(" or "), at);
}

export function list<Value>(inner: Decoder<Value>): Decoder<Value[]> {
	return (value, at) =>
		Array.isArray(value) ? value.map((entry, index) => inner(entry, `${at}/${index}`)) : expected("a list", at);
}

/** An object with exactly the members that are read; others in the message are ignored, so that either end may be newer. */
export function record<Members extends Record<string, Decoder<unknown>>>(
	members: Members,
): Decoder<{ [Name in keyof Members]: Decoded<Members[Name]> }> {
	return (value, at) => {
		if (typeof value !== "object" || value === null) return expected("an object", at);
		const entries = Object.entries(members).map(([name, member]) => {
			const given = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
			return [name, member(given, `${at}/${name}`)];
		});
		return Object.fromEntries(entries) as { [Name in keyof Members]: Decoded<Members[Name]> };
	};
}

interface ViewConstructor<View> {
	readonly BYTES_PER_ELEMENT: number;
	new (buffer: ArrayBuffer): View;
}

function column<View>(kind: ViewConstructor<View>, what: string): Decoder<View> {
	return (value, at) => {
		if (!(value instanceof ArrayBuffer) || value.byteLength % kind.BYTES_PER_ELEMENT !== 0) return expected(what, at);
		return new kind(value);
	};
}

export const bytes: Decoder<Uint8Array> = column(Uint8Array, "an ArrayBuffer");
export const int32s: Decoder<Int32Array> = column(Int32Array, "an ArrayBuffer of 32-bit integers");
export const float32s: Decoder<Float32Array> = column(Float32Array, "an ArrayBuffer of 32-bit floats");
export const float64s: Decoder<Float64Array> = column(Float64Array, "an ArrayBuffer of 64-bit floats");

/**
 * A message as it is posted: every typed array becomes an ArrayBuffer of exactly its own elements, because the
 * channel would copy the whole buffer that a view looks into.
 */
export function toWire(message: unknown): unknown {
	if (ArrayBuffer.isView(message)) {
		return message.buffer.slice(message.byteOffset, message.byteOffset + message.byteLength);
	}
	if (Array.isArray(message)) return message.every(isPlain) ? message : message.map(toWire);
	if (typeof message !== "object" || message === null || message instanceof ArrayBuffer) return message;
	return Object.fromEntries(Object.entries(message).map(([name, value]) => [name, toWire(value)]));
}

function isPlain(value: unknown): boolean {
	return typeof value !== "object" || value === null;
}
