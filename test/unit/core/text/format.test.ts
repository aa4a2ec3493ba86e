// How numbers are written.
import { expect, test } from "vitest";
import { count, duration, reward, signed } from "../../../../src/core/text/format.ts";

test("advantages carry a real sign and never hide a small number behind 0.00", () => {
	expect([0.42, -0.42, 0, 0.0012, -0.0001, -0.00001].map((value) => signed(value))).toEqual([
		"+0.42",
		"−0.42",
		"0.00",
		"+0.0012",
		"−0.0001",
		"0.0000",
	]);
});

test("rewards, durations and counts read at a glance", () => {
	expect([0, 1, 0.25, null].map(reward)).toEqual(["0.0", "1.0", "0.25", "no reward"]);
	expect([850, 12_400, 151_000, 11_100_000].map(duration)).toEqual(["850 ms", "12.4 s", "2 m 31 s", "3 h 05 m"]);
	expect([950, 12_345, 4_100_000].map(count)).toEqual(["950", "12.3k", "4.1M"]);
});
