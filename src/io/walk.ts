// Finds the files below files and folders.
import { type Dirent, promises as files } from "node:fs";
import path from "node:path";
import type { Problem } from "../core/model/problem.ts";
import { reasonOf } from "./byteSource.ts";

/** Folders that hold no logs of the person's own; what people say about logs is no log. */
const PASSED_OVER = new Set(["node_modules", ".git", ".trajectory"]);

/** Names under which logs are found in folders that hold other things too; with numbers where logs are rotated. */
const LOG_NAME = /\.(?:jsonl|ndjson|json|traj|eval|parquet|yaml|yml|log|txt)(?:\.\d{1,5})?(?:\.gz|\.zst)?$/i;

export function isLogName(file: string): boolean {
	return LOG_NAME.test(file);
}

/** Whether a path lies in a folder that is not looked into. */
export function isPassedOver(file: string): boolean {
	return file.split(/[/\\]/).some((name) => PASSED_OVER.has(name));
}

/** All files below the given files and folders, in a stable order; a folder that a link leads back to is visited once. */
export async function listFiles(paths: string[], problems: Problem[]): Promise<string[]> {
	const found: string[] = [];
	const visited = new Set<string>();
	for (const start of paths) await walk(start, found, visited, problems);
	return found;
}

async function walk(start: string, found: string[], visited: Set<string>, problems: Problem[]): Promise<void> {
	const waiting = [start];
	for (let current = waiting.pop(); current !== undefined; current = waiting.pop()) {
		try {
			const real = await files.realpath(current);
			if (visited.has(real)) continue;
			visited.add(real);
			const stats = await files.stat(real);
			if (stats.isFile()) found.push(current);
			// the last one is taken next
			if (stats.isDirectory())
				waiting.push(...childrenOf(current, await files.readdir(current, { withFileTypes: true })));
		} catch (error) {
			problems.push({ file: current, line: 1, reason: reasonOf(error) });
		}
	}
}

/** In reverse: files before folders, because what lies in a folder may belong to a file beside it. */
function childrenOf(folder: string, entries: Dirent[]): string[] {
	const names = (wanted: Dirent[]) => wanted.map((entry) => path.join(folder, entry.name)).sort();
	const kept = entries.filter((entry) => !PASSED_OVER.has(entry.name));
	const [folders, others] = [kept.filter((entry) => entry.isDirectory()), kept.filter((entry) => !entry.isDirectory())];
	return [...names(others), ...names(folders)].reverse();
}
