// The real logs that lie beside the repository on machines that have them. They are not part of it: tests over them
// are skipped elsewhere, and every fact that matters is also tested on fixtures of our own.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "vitest";
import { root } from "./paths.ts";

const folder = join(root, "../shared/corpus");

/** The folder of real logs, one subfolder a format; null where it is absent. */
export const corpus: string | null = existsSync(folder) ? folder : null;

/**
 * A test over one subfolder of the corpus.
 * @param body is given the subfolder's path
 */
export function corpusTest(
	name: string,
	subfolder: string,
	body: (folder: string) => void | Promise<void>,
	timeout?: number,
): void {
	const path = join(folder, subfolder);
	if (existsSync(path)) test(name, () => body(path), timeout);
	// The reason stands in the name, which every report prints.
	else test.skip(`${name} (needs ../shared/corpus/${subfolder}, which is not here)`, () => {});
}
