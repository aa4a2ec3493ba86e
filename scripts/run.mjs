// First stage of every npm script: works with any Node from 20 and nothing installed. It installs what the lock file
// asks for, then hands over to the task in scripts/tasks, under the Node that the lock file pins.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const oldestNode = 20;
const orphanCheckMilliseconds = 1000;

await main(process.argv.slice(2));

/** @param {string[]} commandLine */
async function main([task, ...taskArguments]) {
	if (Number.parseInt(process.versions.node, 10) < oldestNode) {
		fail(`Node ${process.versions.node} is too old: Node ${oldestNode} or newer is needed.`);
	}
	const tasks = readdirSync(join(root, "scripts/tasks")).map((file) => file.replace(/\.ts$/, ""));
	if (task === undefined || !tasks.includes(task)) fail(`usage: node scripts/run.mjs ${tasks.join("|")} [arguments]`);
	if (!isInstalled()) await install();
	process.exitCode = await runForeground(pinnedNode(), [join(root, `scripts/tasks/${task}.ts`), ...taskArguments]);
}

/**
 * Whether node_modules holds what package-lock.json says, going by the list that npm leaves there. Packages for other
 * platforms are in the lock file only, so an optional one may be missing.
 */
function isInstalled() {
	const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
	const listFile = join(root, "node_modules/.package-lock.json");
	if (!existsSync(listFile) || !existsSync(pinnedNodePath())) return false;
	const installed = JSON.parse(readFileSync(listFile, "utf8")).packages;
	return Object.entries(wanted).every(([path, entry]) => {
		if (path === "") return true;
		const found = installed[path];
		if (found === undefined) return entry.optional === true || entry.peer === true;
		return found.version === entry.version && found.integrity === entry.integrity;
	});
}

async function install() {
	const folder = join(root, "node_modules");
	// npm ci empties the folder that a link leads to, which belongs to another working tree.
	if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) {
		fail(`${folder} is a link and not up to date: run npm ci where it leads.`);
	}
	console.log("Installing dependencies with npm ci (about 30 seconds, 800 MB) ...");
	const started = Date.now();
	const seconds = () => Math.round((Date.now() - started) / 1000);
	const heartbeat = setInterval(() => console.log(`  still installing, ${seconds()} s`), 10_000);
	const npm = process.env.npm_execpath;
	const options = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
	const code = npm?.endsWith(".js")
		? await runForeground(process.execPath, [npm, ...options])
		: await runForeground("npm", options, process.platform === "win32");
	clearInterval(heartbeat);
	if (code !== 0) fail(`npm ci failed (exit code ${code}): the lines above say why.`);
	console.log(`Dependencies installed in ${seconds()} s`);
}

function pinnedNodePath() {
	return join(root, "node_modules/node/bin", process.platform === "win32" ? "node.exe" : "node");
}

/** The pinned Node, or, where that binary cannot run (another C library), the one at hand if it is as new. */
function pinnedNode() {
	const pinned = pinnedNodePath();
	const probe = spawnSync(pinned, ["--version"], { encoding: "utf8" });
	if (probe.status === 0) return pinned;
	if (Number.parseInt(process.versions.node, 10) >= 24) return process.execPath;
	return fail(`${pinned} does not run on this system. Install Node 24 and try again.`);
}

/**
 * Runs a command with our terminal and passes every stop signal on, so that Ctrl+C and a killed npm end it too.
 * @param {string} command
 * @param {string[]} commandArguments
 * @returns {Promise<number>} its exit code; 128 + n after signal n, as shells count
 */
function runForeground(command, commandArguments, shell = false) {
	const bin = join(root, "node_modules/.bin");
	const separator = process.platform === "win32" ? ";" : ":";
	const child = spawn(command, commandArguments, {
		cwd: root,
		stdio: "inherit",
		shell,
		env: { ...process.env, PATH: `${bin}${separator}${process.env.PATH ?? ""}` },
	});
	const forward = (signal) => child.kill(signal);
	const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
	for (const signal of signals) process.on(signal, forward);
	// A killed npm takes its shell with it and tells nobody else.
	const parent = process.ppid;
	const orphanCheck = setInterval(() => {
		if (process.env.npm_lifecycle_event !== undefined && process.ppid !== parent) child.kill("SIGTERM");
	}, orphanCheckMilliseconds);
	return new Promise((resolve) => {
		const finish = (code) => {
			clearInterval(orphanCheck);
			for (const signal of signals) process.off(signal, forward);
			resolve(code);
		};
		child.on("error", (error) => {
			console.error(`${command}: ${error.message}`);
			finish(127);
		});
		child.on("exit", (code, signal) => finish(code ?? (signal === "SIGINT" ? 130 : 143)));
	});
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
	console.error(message);
	process.exit(1);
}
