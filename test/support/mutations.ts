// Ways in which logs are damaged, by accident or on purpose: each takes bytes and answers other bytes.
import { type Random, randomIndex } from "../../src/core/math/random.ts";

export type Mutation = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What stands in place of a value: every other kind of value, and values of their kind that break arithmetic. */
const VALUES = [
	"null",
	"true",
	"17",
	"-1",
	'""',
	'"x"',
	"[]",
	"{}",
	"[[]]",
	'{"a":{}}',
	"NaN",
	"-Infinity",
	"1e999",
	"9007199254740993",
	"123456789012345678901234567890",
	'"\\ud800"',
	'"\\u0000"',
	'{"__proto__":{"polluted":1},"constructor":null,"length":-1}',
];
const SCALAR = /(?<=[:[,]\s*)(?:"(?:[^"\\]|\\.)*"|-?\d[\d.e+-]*|true|false|null)(?=\s*[,\]}])/g;

/** All mutations by name. */
export const MUTATIONS: Record<string, Mutation> = {
	truncate: (bytes, random) => bytes.subarray(0, randomIndex(random, bytes.length)),
	"cut the beginning": (bytes, random) => bytes.subarray(randomIndex(random, bytes.length)),
	"flip bytes": (bytes, random) => {
		const changed = bytes.slice();
		for (let left = 1 + randomIndex(random, 8); left > 0; left--) {
			changed[randomIndex(random, changed.length)] = randomIndex(random, 256);
		}
		return changed;
	},
	"delete a piece": (bytes, random) => {
		const [start, end] = range(bytes, random);
		return joined(bytes.subarray(0, start), bytes.subarray(end));
	},
	"repeat a piece": (bytes, random) => {
		const [start, end] = range(bytes, random);
		return joined(bytes.subarray(0, end), bytes.subarray(start));
	},
	"splice in a piece of another log": (bytes, random, other) => {
		const at = randomIndex(random, bytes.length);
		const [start, end] = range(other, random);
		return joined(bytes.subarray(0, at), other.subarray(start, end), bytes.subarray(at));
	},
	"exchange lines": (bytes, random) => {
		const lines = decoder.decode(bytes).split("\n");
		const [a, b] = [randomIndex(random, lines.length), randomIndex(random, lines.length)];
		[lines[a], lines[b]] = [lines[b] as string, lines[a] as string];
		return encoder.encode(lines.join("\n"));
	},
	"exchange values": (bytes, random) =>
		replaceScalar(bytes, random, VALUES[randomIndex(random, VALUES.length)] as string),
	"make one id another": (bytes, random) => {
		const strings = [...decoder.decode(bytes).matchAll(/"[\w-]{1,40}"/g)];
		const chosen = strings[randomIndex(random, strings.length)]?.[0];
		return chosen === undefined ? bytes : replaceScalar(bytes, random, chosen);
	},
	"nest deeply": (bytes, random) => {
		const depth = 10 ** (1 + randomIndex(random, 4));
		const [open, close] = random() < 0.5 ? ["[", "]"] : ['{"a":', "}"];
		return replaceScalar(bytes, random, `${open.repeat(depth)}0${random() < 0.5 ? close.repeat(depth) : ""}`);
	},
	"grow a number": (bytes, random) =>
		replaceScalar(bytes, random, `${random() < 0.5 ? "-" : ""}${"9".repeat(randomIndex(random, 400))}`),
	"repeat a key": (bytes, random) => {
		const text = decoder.decode(bytes);
		const keys = [...text.matchAll(/"[\w.]{1,40}"\s*:/g)];
		const key = keys[randomIndex(random, keys.length)];
		if (key === undefined) return bytes;
		const value = VALUES[randomIndex(random, VALUES.length)];
		return encoder.encode(`${text.slice(0, key.index)}${key[0]}${value},${text.slice(key.index)}`);
	},
};

function range(bytes: Uint8Array, random: Random): [number, number] {
	const start = randomIndex(random, bytes.length);
	return [start, Math.min(bytes.length, start + 1 + randomIndex(random, 400))];
}

function joined(...pieces: Uint8Array[]): Uint8Array {
	return new Uint8Array(Buffer.concat(pieces));
}

function replaceScalar(bytes: Uint8Array, random: Random, value: string): Uint8Array {
	const text = decoder.decode(bytes);
	const scalars = [...text.matchAll(SCALAR)];
	const chosen = scalars[randomIndex(random, scalars.length)];
	if (chosen === undefined) return bytes;
	return encoder.encode(text.slice(0, chosen.index) + value + text.slice(chosen.index + chosen[0].length));
}
