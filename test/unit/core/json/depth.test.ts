// Values nested too deeply to be shown: found without a stack, and left out of what is read.
import { expect, test } from "vitest";
import { EXPORTERS } from "../../../../src/core/exports/registry.ts";
import { isDeeperThan } from "../../../../src/core/json/depth.ts";
import { readText } from "../../../support/records.ts";

function nested(depth: number): string {
	return `${"[".repeat(depth)}1${"]".repeat(depth)}`;
}

test("depth counts containers inside of containers", () => {
	expect(isDeeperThan(JSON.parse(nested(3)), 3)).toBe(false);
	expect(isDeeperThan(JSON.parse(nested(5)), 3)).toBe(true);
	expect(isDeeperThan({ a: { b: 1 }, c: 2 }, 2)).toBe(false);
	expect(isDeeperThan({ a: { b: 1 }, c: 2 }, 1)).toBe(true);
	expect(isDeeperThan(JSON.parse(nested(200_000)), 500)).toBe(true);
});

test.each([
	["an object", nested(20_000)],
	["text that is JSON", JSON.stringify(nested(20_000))],
])("arguments nested without end, logged as %s, are left out and the rest is read", (_, args) => {
	const call = `{"id":"c","type":"function","function":{"name":"f","arguments":${args}}}`;
	const messages = `[{"role":"user","content":"Go."},{"role":"assistant","content":"On.","tool_calls":[${call}],"mood":${nested(9000)}}]`;
	const read = readText(`{"messages":${messages}}\n`);
	const [rollout] = read.rollouts;
	expect(rollout?.steps[1]).toMatchObject({
		text: "On.",
		calls: [{ name: "f", arguments: null }],
		extra: { mood: null },
	});
	expect(read.problems).toEqual([
		"x.dat:1: a value nested more than 500 levels deep is left out",
		"x.dat:1: a value nested more than 500 levels deep is left out",
	]);
	for (const exporter of EXPORTERS) expect(exporter.write(rollout!)).toContain("On.");
});
