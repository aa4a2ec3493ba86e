// Everything that is open: files, their rollouts and groups. The one place in the editor that reads logs;
// views ask it and listen to it.
import path from "node:path";
import * as vscode from "vscode";
import { type Group, groupKey, groupRollouts } from "../core/model/group.ts";
import type { Problem } from "../core/model/problem.ts";
import type { Rollout, RolloutSummary } from "../core/model/trajectory.ts";
import { type OpenedFile, readFile } from "../io/openSource.ts";
import { listFiles } from "../io/walk.ts";

/** One entry of the explorer's first level: a file with many rollouts, or a folder of files with one each. */
export interface Source {
	/** Path of the file or folder. */
	path: string;
	format: string;
	summaries: RolloutSummary[];
	problems: Problem[];
}

/** What changed: null stands for "anything". */
export interface LibraryChange {
	files: ReadonlySet<string> | null;
}

/** Most files that discovery looks into below one workspace folder. */
const DISCOVERY_LIMIT = 20_000;
const LOG_NAME = /\.(?:jsonl|ndjson|json|traj|eval|parquet|yaml|yml|log|txt)(?:\.gz|\.zst)?$/i;
const ROLLOUTS_KEPT = 200;

export class Library implements vscode.Disposable {
	private readonly changed = new vscode.EventEmitter<LibraryChange>();
	readonly onDidChange = this.changed.event;
	private readonly files = new Map<string, OpenedFile>();
	private readonly rollouts = new Map<string, Promise<Rollout[]>>();
	private groupsByKey: Map<string, Group> | null = null;
	private byKey: Map<string, RolloutSummary> | null = null;
	private discovery: Promise<void> | null = null;

	dispose(): void {
		this.changed.dispose();
	}

	/** Looks through the workspace folders for logs, once; later calls answer when that is done. */
	discover(): Promise<void> {
		this.discovery ??= this.discoverFolders();
		return this.discovery;
	}

	/** Opens files and folders that a person named: what cannot be read is reported, not passed over. */
	async open(paths: string[]): Promise<void> {
		const problems: Problem[] = [];
		const found = await listFiles(paths, problems);
		for (const problem of problems)
			this.keep({ file: problem.file, format: null, summaries: [], companions: [], problems: [problem] });
		for (const file of found) this.keep(await this.read(file));
		this.announce(null);
	}

	/** Reads a file again after it changed on disk; forgets it where it is gone. */
	async refresh(file: string): Promise<void> {
		if (!this.files.has(file)) return;
		this.rollouts.delete(file);
		this.keep(await this.read(file));
		this.announce(new Set([file]));
	}

	async refreshAll(): Promise<void> {
		this.discovery = null;
		this.rollouts.clear();
		for (const file of [...this.files.keys()]) this.keep(await this.read(file));
		await this.discover();
		this.announce(null);
	}

	forget(files: string[]): void {
		for (const file of files) {
			this.files.delete(file);
			this.rollouts.delete(file);
		}
		this.announce(new Set(files));
	}

	has(file: string): boolean {
		return this.files.has(file);
	}

	summariesOf(file: string): RolloutSummary[] {
		return this.files.get(file)?.summaries ?? [];
	}

	problemsOf(file: string): Problem[] {
		return this.files.get(file)?.problems ?? [];
	}

	allSummaries(): RolloutSummary[] {
		return [...this.files.values()].flatMap((file) => file.summaries);
	}

	summary(key: string): RolloutSummary | null {
		this.byKey ??= new Map(this.allSummaries().map((summary) => [summary.key, summary]));
		return this.byKey.get(key) ?? null;
	}

	group(summary: RolloutSummary): Group {
		this.groupsByKey ??= new Map(groupRollouts(this.allSummaries()).map((group) => [group.key, group]));
		const key = groupKey(summary);
		return this.groupsByKey.get(key) ?? { key, task: summary.task, run: summary.run, rollouts: [summary] };
	}

	/** The rollout in full, opening its file if needed; null where it is not there (any more). */
	async rollout(summary: { file: string; ordinal: number }): Promise<Rollout | null> {
		let reading = this.rollouts.get(summary.file);
		if (reading === undefined) {
			reading = readFile(summary.file, true).then((read) => read.rollouts);
			this.rollouts.set(summary.file, reading);
			this.dropOldest();
		}
		return (await reading)[summary.ordinal] ?? null;
	}

	/** All rollouts of a group in full, in the order of the log. */
	async rolloutsOf(group: Group): Promise<Rollout[]> {
		const rollouts: Rollout[] = [];
		for (const summary of group.rollouts) {
			const rollout = await this.rollout(summary);
			if (rollout !== null) rollouts.push(rollout);
		}
		return rollouts;
	}

	sources(): Source[] {
		const sources = new Map<string, Source>();
		for (const file of this.files.values()) {
			const home = file.summaries.length === 1 ? path.dirname(file.file) : file.file;
			const format = file.format?.id ?? "";
			const key = `${home}\n${format}`;
			const source = sources.get(key) ?? { path: home, format, summaries: [], problems: [] };
			source.summaries.push(...file.summaries);
			source.problems.push(...file.problems);
			sources.set(key, source);
		}
		return [...sources.values()].map(singleFileSource);
	}

	private async discoverFolders(): Promise<void> {
		const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === "file");
		const problems: Problem[] = [];
		const found = await listFiles(
			folders.map((folder) => folder.uri.fsPath),
			problems,
		);
		for (const file of found.filter((name) => LOG_NAME.test(name)).slice(0, DISCOVERY_LIMIT)) {
			if (this.files.has(file)) continue;
			const read = await this.read(file);
			if (read.format === null || read.format.notTrajectory === true) continue;
			this.keep(read);
			this.announce(new Set([file]));
		}
	}

	private async read(file: string): Promise<OpenedFile> {
		const { format, summaries, companions, problems } = await readFile(file, false);
		return { file, format, summaries, companions, problems };
	}

	private keep(file: OpenedFile): void {
		this.files.set(file.file, file);
	}

	private announce(files: ReadonlySet<string> | null): void {
		this.groupsByKey = null;
		this.byKey = null;
		this.changed.fire({ files });
	}

	private dropOldest(): void {
		const oldest = this.rollouts.keys().next();
		if (this.rollouts.size > ROLLOUTS_KEPT && oldest.done !== true) this.rollouts.delete(oldest.value);
	}
}

/** A folder source with one file is that file: its name says more. */
function singleFileSource(source: Source): Source {
	const [only, ...others] = new Set(source.summaries.map((summary) => summary.file));
	return only !== undefined && others.length === 0 ? { ...source, path: only } : source;
}
