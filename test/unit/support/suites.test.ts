// The counts in the last line of `npm test`: whatever goes wrong counts as a failure.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { countCheck, countVitest } from "../../../scripts/support/suites.ts";
import { root } from "../../support/paths.ts";

let folder = "";
let report = "";

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "suites-"));
	report = join(folder, "report.json");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function writeReport(...files: { status: string; message?: string; tests: Record<string, string> }[]): void {
	const testResults = files.map(({ status, message = "", tests }) => ({
		name: join(root, "test/unit/a.test.ts"),
		status,
		message,
		assertionResults: Object.entries(tests).map(([fullName, outcome]) => ({ fullName, status: outcome })),
	}));
	writeFileSync(report, JSON.stringify({ testResults }));
}

test("passed, failed and skipped tests are told apart and named", async () => {
	writeReport({
		status: "failed",
		tests: { one: "passed", two: "failed", "three (needs logs)": "skipped", four: "todo" },
	});
	const counts = await countVitest(report, 1);
	expect(counts.passed).toBe(1);
	expect(counts.failures).toEqual(["test/unit/a.test.ts: two"]);
	expect(counts.skips).toEqual(["test/unit/a.test.ts: three (needs logs)", "test/unit/a.test.ts: four"]);
});

test("a file that does not load is a failure", async () => {
	writeReport({ status: "failed", message: "cannot find module", tests: {} });
	expect((await countVitest(report, 1)).failures).toEqual(["test/unit/a.test.ts: cannot find module"]);
});

test("an error outside of every test is a failure", async () => {
	writeReport({ status: "passed", tests: { one: "passed" } });
	expect((await countVitest(report, 1)).failures).toHaveLength(1);
});

test("a run that leaves no report is a failure", async () => {
	expect((await countVitest(join(folder, "none.json"), 137)).failures).toEqual(["vitest ended with code 137"]);
});

test("a check counts once", () => {
	expect(countCheck("lint", 0)).toEqual({ passed: 1, failures: [], skips: [] });
	expect(countCheck("lint", 1).failures).toEqual(["lint ended with code 1"]);
});
