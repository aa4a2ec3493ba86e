// Where the programs lie that run beside us: worker threads and child processes.
import { fileURLToPath } from "node:url";

/**
 * The path of `src/io/<name>.ts` as this process can start it: the bundle that lies beside our own bundle, or, where
 * the sources themselves are run (tests, scripts), the source, which Node 24 executes as it is.
 * @param name without extension; it must end in `Worker` or `Process`, by which the build finds it
 */
export function programPath(name: `${string}Worker` | `${string}Process`): string {
	const extension = import.meta.url.endsWith(".ts") ? "ts" : "cjs";
	return fileURLToPath(new URL(`./${name}.${extension}`, import.meta.url));
}

/** The practice world's command line, in the same way. */
export function practiceProgram(): string {
	const sources = import.meta.url.endsWith(".ts");
	return fileURLToPath(new URL(sources ? "../../examples/practice/src/cli.ts" : "./practice.js", import.meta.url));
}
