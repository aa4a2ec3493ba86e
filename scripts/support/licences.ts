// The licences of other people's code that a package carries.
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../test/support/paths.ts";

/**
 * Names, versions, licences and licence texts, in one text.
 * @param bundledFiles paths of the sources in the bundles, relative to the repository
 * @param packages names of packages that are carried whole
 */
export async function licenceNotices(bundledFiles: readonly string[], packages: readonly string[]): Promise<string> {
	const folders = new Set(packages.map((name) => `node_modules/${name}`));
	for (const file of bundledFiles) {
		// The last node_modules in the path: a package may carry its own copy of another.
		const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file.replaceAll("\\", "/"));
		if (match?.[1] !== undefined) folders.add(match[1]);
	}
	const notices = await Promise.all([...folders].sort().map(noticeOf));
	return `Trajectory Debugger contains code of the following packages.\n\n${notices.join("\n")}`;
}

async function noticeOf(folder: string): Promise<string> {
	const path = join(root, folder);
	const { name, version, license } = JSON.parse(await readFile(join(path, "package.json"), "utf8"));
	const files = existsSync(path) ? await readdir(path) : [];
	const licenceFile = files.find((file) => /^(licen[cs]e|copying|notice)/i.test(file));
	const text = licenceFile === undefined ? "" : await readFile(join(path, licenceFile), "utf8");
	return `${"=".repeat(80)}\n${name} ${version}: ${license}\n\n${text.trim()}\n`;
}
