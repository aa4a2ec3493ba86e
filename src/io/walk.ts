// Finds the files below files and folders.
import { type Dirent, promises as files } from "node:fs";
import path from "node:path";
import type { Problem } from "../core/model/problem.ts";
import { reasonOf } from "./byteSource.ts";

/** Folders that hold no logs of the person's own. */
const PASSED_OVER = new Set(["node_modules", ".git"]);

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

function childrenOf(folder: string, entries: Dirent[]): string[] {
	return entries
		.filter((entry) => !PASSED_OVER.has(entry.name))
		.map((entry) => path.join(folder, entry.name))
		.sort()
		.reverse();
}
