// Large JSON that repeats itself is decoded as JSON.parse decodes it, with the repeated parts in memory once.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseShared } from "../../../../src/core/json/parseShared.ts";
import type { JsonObject } from "../../../../src/core/model/json.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** A log that repeats at each step all messages before it. */
function repeating(steps: number) {
	const message = (step: number) => ({ role: "user", content: `message ${step} é `.repeat(40) });
	return {
		trajectory: Array.from({ length: steps }, (_, step) => ({
			action: `step ${step}`,
			query: Array.from({ length: step }, (_, before) => message(before)),
		})),
		info: { status: "done" },
	};
}

describe("JSON with repeated parts", () => {
	test("is decoded as JSON.parse decodes it", () => {
		const document = repeating(200);
		for (const indent of [undefined, 2]) {
			expect(parseShared(encode(JSON.stringify(document, null, indent)))).toEqual(document);
		}
	});

	test("holds each repeated part once", () => {
		const parsed = parseShared(encode(JSON.stringify(repeating(200)))) as ReturnType<typeof repeating>;
		const [before, last] = [parsed.trajectory[198], parsed.trajectory[199]];
		expect(last?.query[100]).toBe(before?.query[100]);
		const distinct = new Set(parsed.trajectory.slice(100).flatMap((step) => step.query));
		expect(distinct.size).toBeLessThan(250);
	});

	test("may be any JSON, and what JSON.parse refuses is refused", () => {
		// parts must be large to be taken apart
		const filler = { filler: "x".repeat(40_000) };
		const value = fc.json({ maxDepth: 5 }).map((json) => JSON.parse(json) as unknown);
		const text = fc
			.tuple(
				value,
				fc.constantFrom(undefined, 1),
				fc.nat(),
				fc.constantFrom("", ",", "]", "}", ":", '"', "\\", "x", " "),
			)
			.map(([inner, indent, at, inserted]) => {
				const whole = JSON.stringify([filler, { a: inner, b: [inner, filler] }, inner], null, indent);
				// mostly somewhere in the value, not in the filler
				const place = 40_020 + (at % (whole.length - 40_020));
				return whole.slice(0, place) + inserted + whole.slice(place);
			});
		fc.assert(
			fc.property(text, (json) => {
				let expected: unknown;
				try {
					expected = JSON.parse(json);
				} catch {
					expected = undefined;
				}
				expect(parseShared(encode(json))).toEqual(expected);
			}),
			{ seed: 4, numRuns: 400 },
		);
	});

	test("with members called __proto__, repeated names or a million brackets does no harm", () => {
		const large = "y".repeat(40_000);
		const proto = parseShared(encode(`{"__proto__": {"polluted": 1}, "a": 1, "b": "${large}", "a": 2}`)) as JsonObject;
		expect(Object.hasOwn(proto, "__proto__")).toBe(true);
		expect(({} as JsonObject).polluted).toBeUndefined();
		expect(proto.a).toBe(2);
		expect(parseShared(encode("[".repeat(1_000_000)))).toBeUndefined();
		expect(() => parseShared(encode(`${"[".repeat(100_000)}${"]".repeat(100_000)}`))).not.toThrow();
	});
});
