// Records are framed alike whatever the size of the window that they slide through.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ElementsEnd, type Frame, frameElements, frameLines } from "../../../../src/core/index/frames.ts";
import { SlidingWindow } from "../../../../src/core/index/window.ts";
import { createScanner } from "../../../../src/core/json/scanner.ts";

/** A window of `capacity` bytes over a file that gives `piece` bytes at a time. */
function windowOver(content: Uint8Array, capacity: number, piece: number): SlidingWindow {
	return new SlidingWindow(createScanner(capacity), (target, position) => {
		const given = content.subarray(position, position + Math.min(piece, target.length));
		target.set(given);
		return given.length;
	});
}

function linesOf(text: string, capacity = 4096, piece = 4096) {
	const content = Buffer.from(text);
	const frames = [...frameLines(windowOver(content, capacity, piece), 0, content.length)];
	return frames.map((frame) => ({ ...frame, text: content.subarray(frame.start, frame.end).toString() }));
}

function elementsOf(text: string, pointer: string, capacity = 4096, piece = 4096) {
	const content = Buffer.from(text);
	const walk = frameElements(windowOver(content, capacity, piece), pointer);
	const frames: (Frame & { text: string })[] = [];
	let next = walk.next();
	for (; next.done !== true; next = walk.next()) {
		const { start, end } = next.value;
		frames.push({ ...next.value, text: content.subarray(start, end).toString() });
	}
	const end: ElementsEnd = next.value;
	return { frames, end };
}

describe("lines", () => {
	test("end at newlines, with or without a carriage return, and the last one also at the file's end", () => {
		const lines = linesOf("one\r\ntwo\n\n  \nthree");
		expect(lines.map(({ text, line }) => [text, line])).toEqual([
			["one", 1],
			["two", 2],
			["three", 5],
		]);
	});

	test("are the same through windows of any size", () => {
		const text = fc.array(fc.constantFrom("a", "\n", "\r\n", "\r", " ", "é", "bcdefgh"), { maxLength: 60 });
		fc.assert(
			fc.property(text, fc.integer({ min: 4, max: 40 }), fc.integer({ min: 1, max: 40 }), (parts, capacity, piece) => {
				const whole = linesOf(parts.join(""));
				const small = linesOf(parts.join(""), capacity, piece);
				// what does not fit the window is found all the same, only its trimming is left to the reader
				for (const line of small) if (!line.held) line.text = line.text.replace(/\r$/, "");
				const seen = (lines: typeof whole) =>
					lines.filter(({ text }) => text.trim() !== "").map(({ text, line }) => [line, text]);
				expect(seen(small)).toEqual(seen(whole));
			}),
			{ seed: 4, numRuns: 2000 },
		);
	});

	test("that start before the end of a range belong to it, wherever they end", () => {
		const content = Buffer.from("aaa\nbbb\nccc\n");
		const read = (from: number, to: number) =>
			[...frameLines(windowOver(content, 4096, 4096), from, to)].map(({ start }) => start);
		expect([read(0, 4), read(0, 5), read(4, 12)]).toEqual([[0], [0, 4], [4, 8]]);
	});
});

describe("elements of an array", () => {
	test("are found at a pointer, with their lines, and the array's own place is told", () => {
		const text = '{"info": {"runs": [0]},\n "runs": [\n {"a": 1},\n\n[2, "]"], 3 ], "rest": 1}';
		const { frames, end } = elementsOf(text, "/runs");
		expect(frames.map(({ text: element, line, ordinal }) => [element, line, ordinal])).toEqual([
			['{"a": 1}', 3, 0],
			['[2, "]"]', 5, 1],
			["3", 5, 2],
		]);
		expect(end).toMatchObject({ array: { start: text.indexOf("[\n"), end: text.indexOf(', "rest"') }, reason: null });
	});

	test("are the same through windows of any size", () => {
		const value = fc.json({ maxDepth: 3 }).map((json) => JSON.parse(json) as unknown);
		const document = fc.tuple(
			fc.dictionary(fc.string({ maxLength: 4 }), value, { maxKeys: 3 }),
			fc.array(value, { maxLength: 6 }),
		);
		fc.assert(
			fc.property(
				document,
				fc.constantFrom(undefined, 2),
				fc.integer({ min: 24, max: 200 }),
				fc.integer({ min: 1, max: 50 }),
				([header, list], indent, capacity, piece) => {
					const text = JSON.stringify({ ...header, "wanted/list": list }, null, indent);
					const { frames, end } = elementsOf(text, "/wanted~1list", capacity, piece);
					expect(frames.map((frame) => JSON.parse(frame.text) as unknown)).toEqual(JSON.parse(JSON.stringify(list)));
					expect(frames.map((frame) => frame.line)).toEqual(
						frames.map((frame) => Buffer.from(text).subarray(0, frame.start).toString().split("\n").length),
					);
					expect(end.reason).toBe(null);
				},
			),
			{ seed: 4, numRuns: 2000 },
		);
	});

	test.each([
		["no such member", '{"a": []}', "/b", "no array at /b"],
		["no array there", '{"b": {}}', "/b", "no array at /b"],
		["a document cut off between elements", "[1, 2,", "", "ends too early"],
		["a missing comma", "[1 2]", "", "a comma or a closing bracket is missing"],
		["an empty document", "", "", "no array at the top"],
	])("%s ends the walk with a reason", (_, text, pointer, reason) => {
		expect(elementsOf(text, pointer).end.reason).toBe(reason);
	});

	test("a last element that is cut off is framed, so that it can be reported", () => {
		const { frames, end } = elementsOf('[{"a": 1}, {"b": "x', "");
		expect(frames.map(({ text }) => text)).toEqual(['{"a": 1}', '{"b": "x']);
		expect(end.reason).toBe("ends too early");
	});

	test("not valid but balanced is framed, and the next one is found", () => {
		expect(elementsOf('[{"a": NaN}, {"b": tru}, {"c": 3}]', "").frames.map(({ text }) => text)).toEqual([
			'{"a": NaN}',
			'{"b": tru}',
			'{"c": 3}',
		]);
	});
});
