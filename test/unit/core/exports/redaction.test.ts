// What must not leave the machine is taken out by rules, and a task never stands in two parts of a split.
import { describe, expect, test } from "vitest";
import { ownRules, REDACTION_RULES, redact } from "../../../../src/core/exports/redaction.ts";
import { parseSplits, splitOf } from "../../../../src/core/exports/splits.ts";
import type { JsonValue } from "../../../../src/core/model/json.ts";

describe("redaction", () => {
	test.each([
		["an API key", `key ${"sk"}-${"abcdefghij0123456789"} end`, "key <key> end"],
		["a bearer token", `Authorization: Bearer ${"a1".repeat(12)}`, "Authorization: <token>"],
		["an address", "mail customer-7@example.org now", "mail <e-mail> now"],
		["a home folder", "in /home/customer/x and C:\\Users\\customer\\y", "in <home>/x and <home>\\y"],
	])("takes out %s", (_, text, clean) => {
		expect(redact(text, REDACTION_RULES).value).toBe(clean);
	});

	test("reaches keys and values at any depth, keeps the rest, and says what it took", () => {
		const value: JsonValue = JSON.parse('{"__proto__":{"a@b.de":[1,null,true,"a@b.de"]},"x":"plain"}');
		const { value: clean, found } = redact(value, REDACTION_RULES);
		expect(JSON.stringify(clean)).toBe('{"__proto__":{"<e-mail>":[1,null,true,"<e-mail>"]},"x":"plain"}');
		expect(found).toEqual(new Map([["e-mail address", ["a@b.de", "a@b.de"]]]));
		let deep: JsonValue = "a@b.de";
		for (let depth = 0; depth < 100_000; depth++) deep = [deep];
		expect(redact(deep, REDACTION_RULES).found.size).toBe(1);
	});

	test("takes own rules, and says which of them are none", () => {
		const { rules, problems } = ownRules([
			{ name: "project", pattern: "(?i)project [a-z]+", replacement: "<project>" },
			{ name: "broken", pattern: "(" },
		]);
		expect(redact("about Project Blue", rules).value).toBe("about <project>");
		expect(problems).toMatchObject([expect.stringContaining("broken: not a pattern")]);
	});
});

describe("splits", () => {
	const parts = parseSplits("train=8, test=2")!;

	test("keep a task in one part, near the shares asked for, the same for the same seed", () => {
		const tasks = Array.from({ length: 2000 }, (_, index) => `task-${index}`);
		const placed = tasks.map((task) => splitOf(task, parts, "1"));
		const share = placed.filter((name) => name === "train").length / tasks.length;
		expect(share).toBeGreaterThan(0.76);
		expect(share).toBeLessThan(0.84);
		expect(tasks.map((task) => splitOf(task, parts, "1"))).toEqual(placed);
		expect(tasks.map((task) => splitOf(task, parts, "2"))).not.toEqual(placed);
	});

	test.each(["", "train", "train=x", "a=1,a=2", "a=0"])("'%s' is no split", (text) => {
		expect(parseSplits(text)).toBeNull();
	});
});
