// Places of containers and of parts of texts: what they name in the file is what they are asked for.
import { describe, expect, test } from "vitest";
import { RecordPlaces, TextPlaces } from "../../../../src/core/json/places.ts";
import type { JsonRecord } from "../../../../src/core/json/record.ts";
import { pointerSpan } from "../../../../src/core/json/scan.ts";
import { type JsonValue, memberAt } from "../../../../src/core/model/json.ts";

function recordOf(
	text: string,
	before = "",
): { record: JsonRecord; slice: (place: { start: number; end: number }) => string } {
	const bytes = new TextEncoder().encode(text);
	const start = new TextEncoder().encode(before).length;
	const place = {
		file: "f",
		entry: null,
		start,
		end: start + bytes.length,
		line: 1 + before.split("\n").length - 1,
		pointer: "",
	};
	const whole = new TextEncoder().encode(before + text);
	return {
		record: { value: JSON.parse(text) as JsonValue, place, bytes, ordinal: 0 },
		slice: (part) => new TextDecoder().decode(whole.subarray(part.start, part.end)),
	};
}

describe("places of containers", () => {
	const value = { a: [{ t: 'é{]\\"', c: [] }, 5, [null, { x: 1 }]], 'b"k': { children: [{ y: 2 }] } };

	test.each([0, 2])("every object and array is found by itself, indented by %i", (indent) => {
		const { record, slice } = recordOf(JSON.stringify(value, null, indent), "first line\n");
		const places = new RecordPlaces(record, true);
		for (const path of [["a"], ["a", 0], ["a", 0, "c"], ["a", 2], ["a", 2, 1], ['b"k'], ['b"k', "children", 0]]) {
			const inner = memberAt(record.value, ...path) as JsonValue;
			expect(JSON.parse(slice(places.of(inner, "/p")))).toEqual(inner);
		}
		const first = memberAt(record.value, "a", 0) as JsonValue;
		const line = slice({ start: 0, end: places.of(first, "").start }).split("\n").length;
		expect(places.of(first, "").line).toBe(line);
	});

	test("a node stands up to where its children begin", () => {
		const { record, slice } = recordOf('{"text":"root","children":[{"text":"leaf"}]}');
		const children = memberAt(record.value, "children");
		expect(slice(new RecordPlaces(record, true).before(record.value, children, ""))).toBe('{"text":"root","children":');
	});

	test("of a repeated key the last one counts, as in its value", () => {
		const { record, slice } = recordOf('{"a":{"v":1},"a":{"v":2}}');
		expect(slice(new RecordPlaces(record, true).of(memberAt(record.value, "a") as JsonValue, "/a"))).toBe('{"v":2}');
	});

	test("a hundred thousand levels need no stack", () => {
		const depth = 100_000;
		const bytes = new TextEncoder().encode("[".repeat(depth) + "]".repeat(depth));
		let value: JsonValue = [];
		for (let level = 1; level < depth; level++) value = [value];
		const place = { file: "f", entry: null, start: 0, end: bytes.length, line: 1, pointer: "" };
		expect(new RecordPlaces({ value, place, bytes, ordinal: 0 }, true).of(value, "").end).toBe(bytes.length);
	});
});

describe("places of parts of a text", () => {
	const text = 'a "quoted" line\nsecond: é, 漢, 😀, \u0001 end';

	test("units of the text lead to its bytes in the file, whatever is escaped", () => {
		for (const json of [JSON.stringify({ t: text }), `{"t":"${escapeAll(text)}"}`]) {
			const { record, slice } = recordOf(json);
			const places = new TextPlaces(
				record,
				"/t",
				pointerSpan(record.bytes, { start: 0, end: record.bytes.length }, "/t"),
			);
			for (const part of ["quoted", "line\nsecond", "é, 漢", "😀, \u0001 end"]) {
				const from = text.indexOf(part);
				expect(JSON.parse(`"${slice(places.at(from, from + part.length))}"`)).toBe(part);
			}
			expect(JSON.parse(`"${slice(places.at(0, 1))}"`)).toBe("a");
		}
	});

	test("a file of plain text is its own text", () => {
		const bytes = new TextEncoder().encode(text);
		const place = { file: "f", entry: null, start: 0, end: bytes.length, line: 1, pointer: "" };
		const places = new TextPlaces({ value: text, place, bytes, ordinal: 0 }, "", { start: 0, end: bytes.length });
		const from = text.indexOf("漢");
		const at = places.at(from, from + 5);
		expect(new TextDecoder().decode(bytes.subarray(at.start, at.end))).toBe("漢, 😀");
		expect(at.line).toBe(2);
	});
});

function escapeAll(value: string): string {
	return [...Array(value.length).keys()]
		.map((at) => `\\u${value.charCodeAt(at).toString(16).padStart(4, "0")}`)
		.join("");
}
