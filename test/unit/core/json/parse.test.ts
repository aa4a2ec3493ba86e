// Decoding JSON as logs write it: what is taken, what is refused, and why.
import { expect, test } from "vitest";
import { decodeJson, parseHead, parseJson } from "../../../../src/core/json/parse.ts";

test("numbers that JSON does not know are taken, and said to be there", () => {
	expect(parseJson('{"a": NaN, "b": -Infinity}')).toMatchObject({ ok: true, nonFinite: true });
	expect(parseJson('{"a": 1}')).toMatchObject({ ok: true, nonFinite: false });
});

test("what is wrong is said with its place", () => {
	expect(parseJson('{"a" 1}')).toEqual({ ok: false, reason: "a colon is missing", at: 5 });
	expect(parseJson('{"a": 1} x')).toEqual({ ok: false, reason: "text after the end of the value", at: 9 });
});

test("a cut-off text is closed where only its head is looked at", () => {
	expect(parseHead('{"a": [1, {"b": "half')).toMatchObject({
		ok: true,
		value: { a: [1, { b: "half" }] },
		truncated: true,
	});
});

test("JSON that was written as text is decoded, and anything else is none", () => {
	expect(decodeJson('{"a":[1]}')).toEqual({ a: [1] });
	expect(decodeJson("ls -la")).toBeUndefined();
});
