// Text of logs on one line of a list.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { oneLine } from "../../../../src/core/text/line.ts";

describe("a text on one line", () => {
	test.each([
		["plain words", 20, "plain words"],
		["exactly ten", 11, "exactly ten"],
		["one too long", 11, "one too lo…"],
		["  folded \n\t white   space ", 30, "folded white space"],
		["a bell\u0007 and a \u202eturn", 30, "a bell␇ and a ⟨U+202E⟩turn"],
		["", 5, ""],
	])("%j within %i is %j", (text, limit, expected) => {
		expect(oneLine(text, limit)).toBe(expected);
	});

	test("is never longer than allowed, and is the text itself where nothing needs care", () => {
		const words = fc.array(fc.constantFrom("a", "bc", "def", " ", "  ", "\n", "é", "\u0000"), { maxLength: 30 });
		fc.assert(
			fc.property(words, fc.integer({ min: 1, max: 20 }), (parts, limit) => {
				const text = parts.join("");
				const line = oneLine(text, limit);
				expect(line.length).toBeLessThanOrEqual(limit);
				expect(line).not.toMatch(/[\n\u0000]| {2}/);
				const folded = text
					.slice(0, limit * 4)
					.replace(/\s+/g, " ")
					.trim();
				if (/^[ -~]*$/.test(folded)) {
					expect(line).toBe(folded.length > limit ? `${folded.slice(0, limit - 1)}…` : folded);
				}
			}),
			{ seed: 4, numRuns: 2000 },
		);
	});
});
