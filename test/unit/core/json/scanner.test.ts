// The scanner takes exactly the bytes that JSON.parse takes, and finds where they end.
import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assemble } from "../../../../scripts/support/assemble.ts";
import { KERNEL_BASE64 } from "../../../../src/core/json/kernelBytes.ts";
import { createScanner } from "../../../../src/core/json/scanner.ts";
import { root } from "../../../support/paths.ts";

test("the kernel that is carried is the one in kernel.wat (else: npm run kernel)", () => {
	const source = readFileSync(path.join(root, "src/core/json/kernel.wat"), "utf8");
	expect(Buffer.from(assemble(source)).toString("base64")).toBe(KERNEL_BASE64);
});

const scanner = createScanner(8192);

/** Whether the scanner takes `text` as one JSON value, wherever it stands and whatever stands around it. */
function takes(text: string, lead = 0): boolean {
	const content = Buffer.from(text);
	scanner.bytes.fill(lead % 2 === 0 ? 0x22 : 0x31);
	scanner.bytes.set(content, lead);
	const end = lead + content.length;
	const start = scanner.skipSpace(lead, end);
	const after = start === end ? 0 : scanner.skipValue(start, end);
	return after !== 0 && scanner.skipSpace(after, end) === end;
}

function parses(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}

/** Pieces of JSON put together at random, so that most texts are nearly right. */
const pieces = fc
	.array(
		fc.constantFrom(
			...'[]{},:"\\ \n\t0123456789.eE+-truefalsn\u0001/bu',
			'"a"',
			'"a":',
			"-0.5e-3",
			"null",
			"\\u00e9",
			"é",
		),
		{ maxLength: 40 },
	)
	.map((parts) => parts.join(""));

/** Valid JSON with one character changed. */
const damaged = fc
	.tuple(fc.json({ maxDepth: 6 }), fc.nat(), fc.constantFrom(...'[]{},:"\\0.e-\u0007 '))
	.map(([text, at, character]) => {
		const place = at % text.length;
		return text.slice(0, place) + character + text.slice(place + 1);
	});

const long = fc.json({ maxDepth: 4, stringUnit: "binary" }).map((text) => JSON.stringify([text, JSON.stringify(text)]));

describe("the scanner takes what JSON.parse takes, and nothing else", () => {
	test.each([
		["pieces", pieces],
		["damaged values", damaged],
		["values", fc.json({ maxDepth: 6, stringUnit: "binary" })],
		["long texts", long],
	])("%s", (_, texts) => {
		fc.assert(
			fc.property(texts, fc.nat(70), (text, lead) => {
				fc.pre(Buffer.byteLength(text) < 8000);
				expect(takes(text, lead)).toBe(parses(text));
			}),
			{ seed: 4, numRuns: 10_000 },
		);
	});

	test("texts of every length around its blocks, with escapes at every place", () => {
		const escapes = ['\\"', "\\\\", "\\n", "\\u00E9", "\\x", "\\u00g0", "\u001f", "\\"];
		for (let length = 0; length < 70; length++) {
			for (let before = 0; before <= length; before++) {
				const chosen = escapes[(length + before) % escapes.length];
				const text = `["${"x".repeat(before)}${chosen}${"y".repeat(length - before)}",1]`;
				expect([text, takes(text, 3)]).toEqual([text, parses(text)]);
			}
		}
	});

	test("numbers", () => {
		for (const text of [
			"0",
			"-0",
			"01",
			"1.",
			".5",
			"1e5",
			"1E+5",
			"1e",
			"-",
			"+1",
			"1.5e-",
			"0x1",
			"NaN",
			"Infinity",
		]) {
			expect([text, takes(text)]).toEqual([text, parses(text)]);
		}
	});

	test("except what is nested too deeply for it, which is left to others", () => {
		expect(takes(`${"[".repeat(60)}${"]".repeat(60)}`)).toBe(true);
		expect(takes(`${"[".repeat(61)}${"]".repeat(61)}`)).toBe(false);
		const deep = createScanner(1_000_000);
		deep.bytes.fill(0x5b);
		expect(deep.skipValue(0, 1_000_000)).toBe(0);
	});
});

test("newlines are counted as they are", () => {
	fc.assert(
		fc.property(fc.array(fc.constantFrom(10, 13, 65), { maxLength: 200 }), fc.nat(40), (content, lead) => {
			scanner.bytes.fill(10);
			scanner.bytes.set(content, lead);
			const expected = content.filter((byte) => byte === 10).length;
			expect(scanner.countNewlines(lead, lead + content.length)).toBe(expected);
		}),
		{ seed: 4, numRuns: 1000 },
	);
});
