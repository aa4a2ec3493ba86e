// Opens files and folders of logs: recognises each file, reads it through the core, and answers summaries and rollouts.
import { type Dirent, promises as files } from "node:fs";
import path from "node:path";
import { collectProblems, type Format, type ProblemSink, type ReadContext } from "../core/formats/format.ts";
import { readRollouts, reportDuplicates, summarizeAll } from "../core/formats/read.ts";
import { chooseFormat, DEFAULT_CHOICE, type FormatChoice } from "../core/formats/registry.ts";
import type { Problem } from "../core/model/problem.ts";
import type { Rollout, RolloutSummary } from "../core/model/trajectory.ts";
import { reasonOf } from "./byteSource.ts";
import { readCompanions } from "./companions.ts";
import { type Container, openContainer, readRecords, sampleOf } from "./container.ts";

/** One file as read: `format` is null where no format recognises it. */
export interface OpenedFile {
	file: string;
	format: Format | null;
	summaries: RolloutSummary[];
	/** Files beside it that belong to it and are no sources of their own. */
	companions: string[];
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

/** Reads one file in full. Never throws for what is in the file or for what the file system refuses. */
export async function readFile(
	file: string,
	locate: boolean,
	choice: FormatChoice = DEFAULT_CHOICE,
): Promise<ReadFile> {
	const sink = collectProblems();
	const whole = { file, entry: null, start: 0, end: 0, line: 1, pointer: "" };
	const nothing = { file, format: null, summaries: [], rollouts: [], companions: [], problems: sink.problems };
	let container: Container;
	try {
		container = await openContainer(file);
	} catch (error) {
		sink.problem(whole, reasonOf(error));
		return nothing;
	}
	try {
		return await readContainer(container, locate, choice, sink);
	} catch (error) {
		if (!isRefusal(error)) throw error;
		sink.problem(whole, reasonOf(error));
		return nothing;
	} finally {
		await container.close();
	}
}

/** What files and their containers are expected to fail with; anything else is a bug of ours. */
function isRefusal(error: unknown): boolean {
	return error instanceof Error && !(error instanceof TypeError || error instanceof ReferenceError);
}

async function readContainer(
	container: Container,
	locate: boolean,
	choice: FormatChoice,
	sink: ProblemSink,
): Promise<ReadFile> {
	const { file } = container;
	const whole = { file, entry: null, start: 0, end: 0, line: 1, pointer: "" };
	const sample = await sampleOf(container);
	const format = chooseFormat(sample, choice);
	if (format === null) {
		const empty = container.kind === "bytes" && container.source.size === 0;
		sink.problem(whole, empty ? "the file is empty" : "no known trajectory format");
		return { file, format, summaries: [], rollouts: [], companions: [], problems: sink.problems };
	}
	if (format.notTrajectory === true) {
		sink.notice(whole, `${format.title}: not a trajectory, left alone`);
		return { file, format, summaries: [], rollouts: [], companions: [], problems: sink.problems };
	}
	const framed = await readRecords(container, format.framing(sample), sink.problem);
	const companions = await readCompanions(file, format, sink.problem);
	const context: ReadContext = {
		file,
		header: framed.header,
		companions: companions.records,
		locate,
		problem: sink.problem,
		notice: sink.notice,
	};
	const rollouts = readRollouts(format, framed.records, context);
	reportDuplicates(rollouts, context);
	const run = rollouts.length > 1 ? path.basename(file) : path.basename(path.dirname(path.resolve(file)));
	// a sub-agent's rollout may lie in a companion: it is found again through the file that was opened
	const summaries = summarizeAll(rollouts, format.id, run, sink.places).map((summary) => ({
		...summary,
		file,
		key: `${file}${summary.entry === null ? "" : `!${summary.entry}`}#${summary.ordinal}`,
	}));
	return { file, format, summaries, rollouts, companions: companions.files, problems: sink.problems };
}
