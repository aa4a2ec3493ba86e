// Opens files and folders of logs: recognises each file, reads it through the core, and answers summaries and rollouts.
import { type Dirent, promises as files } from "node:fs";
import path from "node:path";
import { collectProblems, type Format, type ReadContext } from "../core/formats/format.ts";
import { frameBytes } from "../core/formats/frame.ts";
import { readRollouts, reportDuplicates, summarize } from "../core/formats/read.ts";
import { detectFormat } from "../core/formats/registry.ts";
import { HEAD_BYTES, sampleOfHead } from "../core/formats/sample.ts";
import type { Problem } from "../core/model/problem.ts";
import type { Rollout, RolloutSummary } from "../core/model/trajectory.ts";

/** One file as read: `format` is null where no format recognises it. */
export interface OpenedFile {
	file: string;
	format: Format | null;
	summaries: RolloutSummary[];
	problems: Problem[];
}

export interface ReadFile extends OpenedFile {
	rollouts: Rollout[];
}

/** All files below the given files and folders, in a stable order; a folder link that leads back is followed once. */
export async function listFiles(paths: string[], problems: Problem[]): Promise<string[]> {
	const found: string[] = [];
	const visited = new Set<string>();
	for (const start of paths) await walk(start, found, visited, problems);
	return found;
}

async function walk(start: string, found: string[], visited: Set<string>, problems: Problem[]): Promise<void> {
	const waiting = [start];
	while (waiting.length > 0) {
		const current = waiting.shift() as string;
		try {
			const real = await files.realpath(current);
			if (visited.has(real)) continue;
			visited.add(real);
			const stats = await files.stat(real);
			if (stats.isFile()) found.push(current);
			if (stats.isDirectory())
				waiting.unshift(...children(current, await files.readdir(current, { withFileTypes: true })));
		} catch (error) {
			problems.push({ file: current, line: 1, reason: reasonOf(error) });
		}
	}
}

function children(folder: string, entries: Dirent[]): string[] {
	return entries
		.filter((entry) => entry.name !== "node_modules" && entry.name !== ".git")
		.map((entry) => path.join(folder, entry.name))
		.sort();
}

/** Plain words for what the file system refused. */
export function reasonOf(error: unknown): string {
	const code = (error as NodeJS.ErrnoException).code;
	if (code === "ENOENT") return "no such file or folder";
	if (code === "EACCES" || code === "EPERM") return "no permission to read it";
	if (code === "ELOOP") return "a link that leads to itself";
	return error instanceof Error ? error.message : String(error);
}

/** Reads one file in full. Never throws for what is in the file or for what the file system refuses. */
export async function readFile(file: string, locate: boolean): Promise<ReadFile> {
	const sink = collectProblems();
	const nothing = { file, format: null, summaries: [], rollouts: [], problems: sink.problems };
	const whole = { file, entry: null, start: 0, end: 0, line: 1, pointer: "" };
	let bytes: Uint8Array;
	try {
		bytes = await files.readFile(file);
	} catch (error) {
		sink.problem(whole, reasonOf(error));
		return nothing;
	}
	if (bytes.length === 0) {
		sink.problem(whole, "the file is empty");
		return nothing;
	}
	const sample = sampleOfHead(file, bytes.subarray(0, HEAD_BYTES), bytes.length <= HEAD_BYTES);
	const format = detectFormat(sample)?.format ?? null;
	if (format === null) {
		sink.problem(whole, "no known trajectory format");
		return nothing;
	}
	const framed = frameBytes(file, bytes, format.framing(sample), sink.problem);
	const context: ReadContext = { file, header: framed.header, companions: new Map(), locate, problem: sink.problem };
	const rollouts = readRollouts(format, framed.records, context);
	reportDuplicates(rollouts, context);
	const run = rollouts.length > 1 ? path.basename(file) : path.basename(path.dirname(path.resolve(file)));
	const summaries = rollouts.map((rollout, ordinal) => summarize(rollout, format.id, ordinal, run));
	return { file, format, summaries, rollouts, problems: sink.problems };
}
