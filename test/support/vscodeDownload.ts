// Gets a real VS Code from the npm registry: the package code-server carries the built workbench and its server.
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "./cache.ts";
import { runNpm } from "./processes.ts";

const packageVersion = "4.139.1";
const packageIntegrity =
	"sha512-fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==";
/** Install scripts want a compiler and system headers; what they would build costs log lines only. */
const npmOptions = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];

/** The folder of VS Code's server; downloads it (about 20 seconds, 600 MB) when the cache has none. */
export async function vscodeFolder(): Promise<string> {
	const name = `vscode-server-${packageVersion}-${process.platform}-${process.arch}`;
	return join(await cached(name, download), "vscode");
}

async function download(folder: string): Promise<void> {
	console.log(`Getting VS Code from the npm registry (code-server ${packageVersion}, 600 MB, once a user) ...`);
	await writeFile(join(folder, "package.json"), '{ "private": true }\n');
	await runNpm(["install", ...npmOptions, `code-server@${packageVersion}`], {
		title: "downloading VS Code",
		cwd: folder,
	});
	await checkIntegrity(folder);
	const vscode = join(folder, "vscode");
	await rename(join(folder, "node_modules/code-server/lib/vscode"), vscode);
	await rm(join(folder, "node_modules"), { recursive: true });
	// By its shrinkwrap, which leaves peer dependencies out.
	await runNpm(["ci", "--omit=dev", "--legacy-peer-deps", ...npmOptions], {
		title: "installing VS Code's own dependencies",
		cwd: vscode,
	});
}

/** npm has checked the download against the registry's word; this checks the registry's word against ours. */
async function checkIntegrity(folder: string): Promise<void> {
	const list = JSON.parse(await readFile(join(folder, "node_modules/.package-lock.json"), "utf8"));
	const found = list.packages["node_modules/code-server"]?.integrity;
	if (found !== packageIntegrity) {
		throw new Error(`code-server ${packageVersion}: the registry serves ${found}, expected ${packageIntegrity}`);
	}
}
