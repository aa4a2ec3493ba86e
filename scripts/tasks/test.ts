// npm test: everything that checks the project. Each suite prints its time; the last line has the counts of all.
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launchChromium } from "../../test/support/chromium.ts";
import { root } from "../../test/support/paths.ts";
import { npmCommand, stopOnSignal } from "../../test/support/processes.ts";
import { vscodeFolder } from "../../test/support/vscodeDownload.ts";
import { type Counts, countCheck, countVitest, runProgram, stopRunningProgram } from "../support/suites.ts";

interface Suite {
	readonly title: string;
	readonly run: () => Promise<Counts>;
}

const limitSeconds = 300;
/** Whatever a suite leaves behind when it is stopped lies in here and is removed at the end. */
const temporary = await mkdtemp(join(tmpdir(), "trajectory-test-"));
// Tests about missing permissions read in here as another user, who must be able to reach what lies in it.
await chmod(temporary, 0o755);
const colours = process.stdout.isTTY ? {} : { NO_COLOR: "1" };
const options = { limitSeconds, environment: { TMPDIR: temporary, TEMP: temporary, ...colours } };

const suites: readonly Suite[] = [
	{ title: "type-check", run: () => npmScript("typecheck") },
	{ title: "lint", run: () => npmScript("lint") },
	{ title: "layers", run: () => vitest("node", "test/unit/layers.test.ts") },
	{ title: "unit", run: () => vitest("node", "test/unit", "--exclude", "test/unit/layers.test.ts") },
	{ title: "golden", run: () => vitest("node", "test/golden") },
	{ title: "practice environment", run: () => vitest("node", "examples/practice/test") },
	{ title: "browser and VS Code at hand", run: getTools },
	{ title: "page in Chromium", run: () => vitest("page", "test/webview") },
	{ title: "extension in VS Code", run: extensionInVscode },
];

let stopping = false;
stopOnSignal(130, async () => {
	stopping = true;
	await stopRunningProgram();
	await rm(temporary, { recursive: true, force: true });
});

const outcomes: (Counts & { title: string; seconds: number })[] = [];
for (const { title, run } of suites) {
	if (stopping) break;
	console.log(`\n=== ${title}`);
	const started = performance.now();
	const counts = await run().catch((error: Error) => ({ passed: 0, failures: [error.message], skips: [] }));
	const seconds = (performance.now() - started) / 1000;
	outcomes.push({ ...counts, title, seconds });
	console.log(`=== ${title}: ${summary(counts)}, ${seconds.toFixed(1)} s`);
}
if (!stopping) {
	await rm(temporary, { recursive: true, force: true });
	printTotals();
}

function npmScript(name: string): Promise<Counts> {
	const { command, parameters, shell } = npmCommand();
	const all = [...parameters, "run", "--silent", name];
	return runProgram(command, all, { ...options, shell }).then((code) => countCheck(`npm run ${name}`, code));
}

async function vitest(project: string, ...filter: string[]): Promise<Counts> {
	const report = join(temporary, `vitest-${outcomes.length}.json`);
	const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
	const program = join(root, "node_modules/vitest/vitest.mjs");
	const parameters = [program, "run", "--project", project, ...filter, ...reporters];
	return countVitest(report, await runProgram(process.execPath, parameters, options));
}

/** Downloads what the next suites need, so that they are timed without it. */
async function getTools(): Promise<Counts> {
	const browser = await launchChromium();
	await browser.close();
	await vscodeFolder();
	return { passed: 2, failures: [], skips: [] };
}

async function extensionInVscode(): Promise<Counts> {
	const report = join(temporary, "extension.json");
	const parameters = [join(root, "scripts/tasks/test-vscode.ts"), "--report", report];
	const code = await runProgram(process.execPath, parameters, options);
	return readFile(report, "utf8").then(
		(text) => JSON.parse(text),
		() => countCheck("the extension's tests", code || 1),
	);
}

function printTotals(): void {
	const width = Math.max(...suites.map(({ title }) => title.length));
	console.log("\n=== all suites");
	for (const outcome of outcomes) {
		console.log(`${outcome.title.padEnd(width)} ${outcome.seconds.toFixed(1).padStart(7)} s  ${summary(outcome)}`);
	}
	const skips = outcomes.flatMap((outcome) => outcome.skips);
	const failures = outcomes.flatMap((outcome) => outcome.failures);
	for (const skip of skips) console.log(`skipped: ${skip}`);
	for (const failure of failures) console.log(`FAILED: ${failure}`);
	const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
	console.log(`${passed} passed, ${failures.length} failed, ${skips.length} skipped`);
	process.exitCode = failures.length > 0 ? 1 : 0;
}

function summary({ passed, failures, skips }: Counts): string {
	return `${passed} passed, ${failures.length} failed, ${skips.length} skipped`;
}
