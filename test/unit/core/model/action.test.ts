// Calls compared by what they ask for, not by how they are written.
import { expect, test } from "vitest";
import { canonicalJson } from "../../../../src/core/model/action.ts";
import type { JsonValue } from "../../../../src/core/model/json.ts";

test("arguments that differ only in the order of members are written alike", () => {
	const one: JsonValue = { b: [1, { d: null, c: "é\n" }], a: { y: true, x: -0.5 } };
	const two: JsonValue = { a: { x: -0.5, y: true }, b: [1, { c: "é\n", d: null }] };
	expect(canonicalJson(one)).toBe('{"a":{"x":-0.5,"y":true},"b":[1,{"c":"é\\n","d":null}]}');
	expect(canonicalJson(two)).toBe(canonicalJson(one));
	expect(canonicalJson([])).toBe("[]");
});

test("a value nested deeper than the stack, or with many members, is written all the same", () => {
	const text = "[".repeat(200_000) + "]".repeat(200_000);
	expect(canonicalJson(JSON.parse(text))).toBe(text);
	expect(canonicalJson(Array.from({ length: 200_000 }, () => 0)).length).toBe(400_001);
});
