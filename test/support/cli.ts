// Runs the terminal program from its sources, as a person would run it.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./paths.ts";

export interface CliRun {
	code: number | null;
	stdout: string;
	stderr: string;
	/** Standard output as newline-delimited JSON. */
	json(): unknown[];
}

const guard = ["--import", pathToFileURL(path.join(root, "test/support/forbidNetwork.mjs")).href];

/** Runs it where any connection ends it with exit code 86. */
export function runCliWithoutNetwork(args: string[], cwd = root): CliRun {
	return runCli(args, cwd, guard);
}

export function runCli(args: string[], cwd = root, nodeOptions: string[] = []): CliRun {
	const parameters = [...nodeOptions, path.join(root, "src/cli.ts"), ...args];
	const { status, stdout, stderr } = spawnSync(process.execPath, parameters, {
		cwd,
		encoding: "utf8",
		maxBuffer: 1024 * 1024 * 1024,
	});
	const json = () => stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as unknown]));
	return { code: status, stdout, stderr, json };
}
