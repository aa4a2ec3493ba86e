// Runs the terminal program from its sources, as a person would run it.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { root } from "./paths.ts";

export interface CliRun {
	code: number | null;
	stdout: string;
	stderr: string;
	/** Standard output as newline-delimited JSON. */
	json(): unknown[];
}

export function runCli(args: string[], cwd = root): CliRun {
	const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(root, "src/cli.ts"), ...args], {
		cwd,
		encoding: "utf8",
		maxBuffer: 1024 * 1024 * 1024,
	});
	const json = () => stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as unknown]));
	return { code: status, stdout, stderr, json };
}
