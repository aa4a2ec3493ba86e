// Every format's own small logs, whole and damaged: recognised by content, placed to the byte, never a throw.
import { describe, expect, test } from "vitest";
import { allFixtures, type Fixture } from "../../../support/fixtures.ts";
import { readText } from "../../../support/records.ts";

const fixtures = allFixtures();

describe.each(fixtures.map((entry) => [entry.name, entry] as const))("%s", (_, entry) => {
	test("is recognised under a name that says nothing, and read without a problem", () => {
		const read = readText(entry.bytes);
		expect(read.format?.id).toBe(entry.format);
		const notes = read.problems.filter((problem) => problem.includes(": note: "));
		expect(read.problems).toEqual(notes);
		if (read.format?.notTrajectory === true) return expect(read.rollouts).toEqual([]);
		expect(read.rollouts.length).toBeGreaterThan(0);
		// a log without steps says so
		expect(notes.length > 0 || read.rollouts.some((rollout) => rollout.steps.length > 0)).toBe(true);
	});

	test("gives every step the bytes that it came from", () => {
		const read = readText(entry.bytes);
		const texts = read.rollouts.flatMap((rollout) => rollout.steps).filter((step) => step.text !== "");
		for (const step of texts) {
			const { start, end, line } = step.origin;
			const raw = new TextDecoder().decode(read.bytes.subarray(start, end));
			const words = step.text.split(/[\s"\\/]+/).filter((word) => /^[a-z]{4,}$/i.test(word));
			// Inspect keeps long texts in one place of the log and refers to them
			if (!raw.includes("attachment://")) for (const word of words) expect(raw).toContain(word);
			const before = new TextDecoder().decode(read.bytes.subarray(0, start));
			expect(line).toBe(before.split("\n").length);
		}
	});

	test("is read cut off anywhere, without a throw", () => {
		const whole = readText(entry.bytes).rollouts.length;
		for (let part = 1; part < 24; part++) {
			const cut = entry.bytes.subarray(0, Math.floor((entry.bytes.length * part) / 24));
			const read = readText(cut);
			expect(read.rollouts.length).toBeLessThanOrEqual(whole);
		}
	});

	test.each<[string, (entry: Fixture) => Uint8Array]>([
		["a byte-order mark", ({ text }) => encode(`\ufeff${text}`)],
		["Windows line ends", ({ text }) => encode(text.replaceAll("\n", "\r\n"))],
	])("is read with %s", (_name, change) => {
		expect(summary(readText(change(entry)))).toEqual(summary(readText(entry.bytes)));
	});

	test.each(damages)("with %s is read without a throw", (_name, damage) => {
		const read = readText(damage(entry));
		for (const rollout of read.rollouts) {
			expect(rollout.reward === null || Number.isFinite(rollout.reward)).toBe(true);
			for (const label of rollout.labels) expect(label.step === null || label.step in rollout.steps).toBe(true);
		}
		for (const problem of read.problems) expect(problem).toMatch(/^x\.dat(![^:]+)?:\d+: \S/);
	});

	test("with every value in turn replaced by another kind of value is read without a throw", () => {
		for (const replaced of replacements(entry)) readText(encode(replaced));
	});
});

const damages: [string, (entry: Fixture) => Uint8Array][] = [
	[
		"invalid UTF-8",
		({ bytes }) => Uint8Array.from(bytes, (byte, at) => (at % 97 === 96 && byte >= 0x61 ? 0xff : byte)),
	],
	["rewards that are no numbers", ({ text }) => encode(text.replace(/"(reward|score|value)": ?[\d.]+/g, '"$1": NaN'))],
	["negative and huge indices", ({ text }) => encode(text.replace(/": ?(\d+)([,}\n])/g, '": -9007199254740993$2'))],
	["every list empty", ({ text }) => encode(text.replace(/\[[^[\]]*\]/g, "[]"))],
	["every object empty", ({ text }) => encode(text.replace(/\{[^{}]*\}/g, "{}"))],
	[
		"keys named __proto__",
		({ text }) => encode(text.replace(/"(reward|metadata|info|metrics|content)"/g, '"__proto__"')),
	],
	["lone surrogates", ({ text }) => encode(text.replace(/": ?"(\w)/g, '": "\\ud800$1'))],
	[
		"a deeply nested value",
		({ text }) => encode(text.replace(/": ?"\w+"/, `": ${"[".repeat(5000)}${"]".repeat(5000)}`)),
	],
];

function encode(text: string): Uint8Array {
	return new TextEncoder().encode(text);
}

function summary(read: ReturnType<typeof readText>): unknown {
	return read.rollouts.map(({ id, task, reward, labels, steps }) => [
		id,
		task,
		reward,
		labels,
		steps.map((step) => [step.role, step.text.replaceAll("\r", ""), step.calls.length, step.observations.length]),
	]);
}

/** The fixture with one JSON scalar after the other exchanged; at most 60 of them. */
function* replacements(entry: Fixture): Generator<string> {
	const scalars = [
		...entry.text.matchAll(/(?<=[:[,]\s*)(?:"(?:[^"\\]|\\.)*"|-?\d[\d.e+-]*|true|false|null)(?=\s*[,\]}])/g),
	];
	const every = Math.max(1, Math.ceil(scalars.length / 60));
	for (let at = 0; at < scalars.length; at += every) {
		const match = scalars[at] as RegExpExecArray;
		for (const other of ["null", "17", '"x"', "[]", "{}"]) {
			yield entry.text.slice(0, match.index) + other + entry.text.slice(match.index + match[0].length);
		}
	}
}
