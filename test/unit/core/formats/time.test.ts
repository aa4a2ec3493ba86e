// Times as logs write them all mean the same moment.
import { expect, test } from "vitest";
import { readTime } from "../../../../src/core/formats/time.ts";

const moment = Date.UTC(2026, 10, 1, 10, 0, 1, 500);

test.each([
	["2026-11-01T10:00:01.500Z"],
	["2026-11-01T11:00:01.500+01:00"],
	["2026-11-01T10:00:01.500123456Z"],
	["2026-11-01 10:00:01.500"],
	["2026-11-01T10:00:01.500"],
	[moment / 1000],
	[moment],
	[moment * 1000],
	[moment * 1e6],
	[String(moment * 1e6)],
])("%s", (value) => {
	expect(readTime(value)).toBeCloseTo(moment, -1);
});

test.each([[null], [""], ["soon"], ["12:30"], [0], [-5], [Number.NaN], ["2026-99-99T00:00:00Z"], [{}]])(
	"%s is no time",
	(value) => {
		expect(readTime(value)).toBeNull();
	},
);
