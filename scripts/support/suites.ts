// How a test suite that is a program of its own is run, and its counts.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { root } from "../../test/support/paths.ts";
import { stopProcess } from "../../test/support/processes.ts";

export interface Counts {
	readonly passed: number;
	/** What failed, one text each. */
	readonly failures: readonly string[];
	/** What did not run and why, one text each. */
	readonly skips: readonly string[];
}

/** The part of vitest's JSON report that is read here. */
interface VitestReport {
	readonly testResults: readonly {
		readonly name: string;
		readonly status: string;
		readonly message: string;
		readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
	}[];
}

/** @param exitCode vitest's own; errors outside of tests show nowhere else */
export async function countVitest(reportFile: string, exitCode: number): Promise<Counts> {
	if (!existsSync(reportFile)) return { passed: 0, failures: [`vitest ended with code ${exitCode}`], skips: [] };
	const report: VitestReport = JSON.parse(await readFile(reportFile, "utf8"));
	const failures: string[] = [];
	const skips: string[] = [];
	let passed = 0;
	for (const file of report.testResults) {
		const path = relative(root, file.name);
		const failedBefore = failures.length;
		for (const { fullName, status } of file.assertionResults) {
			if (status === "passed") passed++;
			else if (status === "failed") failures.push(`${path}: ${fullName}`);
			else skips.push(`${path}: ${fullName}`);
		}
		// A file that does not load has no tests that could fail.
		if (file.status === "failed" && failures.length === failedBefore) failures.push(`${path}: ${file.message}`);
	}
	if (exitCode !== 0 && failures.length === 0) failures.push(`vitest ended with code ${exitCode}`);
	return { passed, failures, skips };
}

/** A check that either holds or does not. */
export function countCheck(title: string, exitCode: number): Counts {
	return exitCode === 0
		? { passed: 1, failures: [], skips: [] }
		: { passed: 0, failures: [`${title} ended with code ${exitCode}`], skips: [] };
}

let running: ChildProcess | undefined;

export interface ProgramOptions {
	readonly limitSeconds: number;
	/** More environment variables. */
	readonly environment?: Readonly<Record<string, string>>;
	readonly shell?: boolean;
}

/**
 * Runs a program with our terminal, in a process group of its own, and ends the group when it takes too long.
 * @returns its exit code; 124 when it took too long
 */
export async function runProgram(command: string, parameters: string[], options: ProgramOptions): Promise<number> {
	const child = spawn(command, parameters, {
		cwd: root,
		stdio: ["ignore", "inherit", "inherit"],
		shell: options.shell ?? false,
		detached: process.platform !== "win32",
		env: { ...process.env, ...options.environment },
	});
	running = child;
	let tookTooLong = false;
	const timer = setTimeout(() => {
		tookTooLong = true;
		console.error(`took longer than ${options.limitSeconds} s`);
		void stopProcess(child, true);
	}, options.limitSeconds * 1000);
	const [code] = await once(child, "exit");
	clearTimeout(timer);
	running = undefined;
	return tookTooLong ? 124 : (code ?? 1);
}

/** Ends the program that is running, and everything that it started. */
export async function stopRunningProgram(): Promise<void> {
	if (running !== undefined) await stopProcess(running, true);
}
