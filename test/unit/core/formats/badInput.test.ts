// Damage that logs really suffer, in every format that has one record a line: each is reported with its line, and
// everything else is read as if nothing had happened.
import { describe, expect, test } from "vitest";
import { allFixtures, type Fixture } from "../../../support/fixtures.ts";
import { type ReadText, readText } from "../../../support/records.ts";

const encoder = new TextEncoder();
const logs = allFixtures().filter(({ bytes, name }) => {
	const read = readText(bytes);
	return name.endsWith(".jsonl") && read.format?.notTrajectory !== true && linesOf(bytes).length > 1;
});

function linesOf(bytes: Uint8Array): string[] {
	return new TextDecoder().decode(bytes).trimEnd().split("\n");
}

/** What a person sees of a log, but for the places, which damage moves. */
function seen(read: ReadText): unknown[] {
	return read.rollouts.map(({ outcome, reward, steps }) => [
		outcome,
		reward,
		steps.map((step) => [step.role, step.text, step.calls.length, step.observations.length]),
	]);
}

/** A line put into the log after its first one, as line 2. */
function withLine(log: Fixture, line: Uint8Array): Uint8Array {
	const first = log.bytes.indexOf(0x0a) + 1;
	return new Uint8Array(
		Buffer.concat([log.bytes.subarray(0, first), line, Buffer.from("\n"), log.bytes.subarray(first)]),
	);
}

const lines: [string, Uint8Array, RegExp][] = [
	["a line that is not JSON", encoder.encode("INFO 12:00:01 starting workers"), /^x\.dat:2: not JSON: /],
	["a line that was cut off", encoder.encode('{"type":"user","message":{"role":"us'), /^x\.dat:2: not JSON: /],
	["a line of many brackets", encoder.encode("[".repeat(100_000)), /^x\.dat:2: not JSON: nested too deeply$/],
	[
		"a binary line",
		Uint8Array.from({ length: 300 }, (_, at) => (at % 11 === 10 ? 0xff : at % 7)),
		/^x\.dat:2: (not JSON: |invalid)/,
	],
	["a number", encoder.encode("42"), /^x\.dat:2: \S/],
	["an empty object", encoder.encode("{}"), /^x\.dat:2: \S/],
	["a list", encoder.encode("[1]"), /^x\.dat:2: \S/],
];

describe.each(logs.map((log) => [log.name, log] as const))("%s", (_, log) => {
	const whole = seen(readText(log.bytes));

	test.each(lines)("with %s", (_name, line, problem) => {
		const read = readText(withLine(log, line));
		expect(read.format?.id).toBe(log.format);
		expect(read.problems.join("\n")).toMatch(new RegExp(problem.source, "m"));
		expect(seen(read)).toEqual(whole);
	});

	test("with blank lines between its records", () => {
		const read = readText(linesOf(log.bytes).join("\n\n  \n"));
		expect(read.problems.join("\n")).not.toContain("not JSON");
		expect(seen(read)).toEqual(whole);
	});

	test("whose last line is half written", () => {
		const half = linesOf(log.bytes).at(-1)?.slice(0, -2) ?? "";
		const count = linesOf(log.bytes).length;
		const read = readText(`${log.text.trimEnd()}\n${half}`);
		expect(read.problems.join("\n")).toContain(`x.dat:${count + 1}: not JSON: `);
		expect(seen(read)).toEqual(whole);
	});
});

test("a line of a million brackets is refused, and the lines around it are read", () => {
	const log = logs.find(({ name }) => name === "claude-code.jsonl") as Fixture;
	const read = readText(withLine(log, encoder.encode("[".repeat(1_000_000))));
	expect(read.problems).toEqual(["x.dat:2: not JSON: nested too deeply"]);
	expect(seen(read)).toEqual(seen(readText(log.bytes)));
});

describe("a picture of 20 MB", () => {
	const picture = `data:image/png;base64,${"iVBORw0KGgo=".repeat(1_750_000)}`;

	test.each([
		["openai-chat", { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: picture } }] }] }],
		[
			"claude-code",
			{
				type: "user",
				uuid: "u",
				parentUuid: null,
				sessionId: "s",
				message: {
					role: "user",
					content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: picture } }],
				},
			},
		],
	])("in %s is found by its place, and not carried along", (format, record) => {
		const read = readText(`${JSON.stringify(record)}\n`);
		expect(read.format?.id).toBe(format);
		const [step] = read.rollouts[0]?.steps ?? [];
		expect(step?.images).toMatchObject([{ mediaType: "image/png", path: null, place: { file: "x.dat", line: 1 } }]);
		expect(JSON.stringify(read.rollouts).length).toBeLessThan(10_000);
	});
});
