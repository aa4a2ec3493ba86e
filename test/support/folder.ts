// A folder of files that exists for one test.
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";

/** Makes a folder with these files, by relative path, and removes it when the test is over. Answers its path. */
export async function folderWith(contents: Record<string, string | Uint8Array> = {}): Promise<string> {
	const folder = mkdtempSync(path.join(tmpdir(), "trajectory-test-"));
	onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
	for (const [name, content] of Object.entries(contents)) {
		await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
		await writeFile(path.join(folder, name), content);
	}
	return folder;
}
