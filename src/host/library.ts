// Everything that is open: files, their rollouts and groups. The one place in the editor that reads logs;
// views ask it and listen to it.
import { homedir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import type { FormatRules } from "../core/formats/registry.ts";
import { FileIndex } from "../core/index/fileIndex.ts";
import { type Group, groupKey, groupRollouts } from "../core/model/group.ts";
import type { Problem } from "../core/model/problem.ts";
import type { Rollout, RolloutSummary } from "../core/model/trajectory.ts";
import { LogStore } from "../io/logStore.ts";
import { isLogName, listFiles } from "../io/walk.ts";
import { LogWatch } from "../io/watch.ts";

/** One entry of the explorer's first level: a file with many rollouts, or a folder of files with one each. */
export interface Source {
	/** Path of the file or folder. */
	path: string;
	/** Id of the format; "" where none recognises the file. */
	format: string;
	summaries: RolloutSummary[];
	problems: Problem[];
}

/** What changed: null stands for "anything". */
export interface LibraryChange {
	files: ReadonlySet<string> | null;
}

/** Most files that are looked into below the watched folders. */
const DISCOVERY_LIMIT = 20_000;
interface Watched {
	paths: string[];
	watch: LogWatch;
}

/** While files are being read, views are told at most this often, in milliseconds. */
const ANNOUNCE_EVERY = 150;
/** Files read at the same time: the small ones wait for the disk, not for the processor. */
const AT_ONCE = 8;

export class Library implements vscode.Disposable {
	private readonly changed = new vscode.EventEmitter<LibraryChange>();
	readonly onDidChange = this.changed.event;
	private readonly files = new Map<string, FileIndex>();
	/** Files that belong to another log and are no sources of their own. */
	private readonly claimed = new Set<string>();
	/** Files that a person opened by name: what is wrong with them is shown, whatever they are. */
	private readonly named = new Set<string>();
	private readonly opening = new Map<string, Promise<void>>();
	private store: LogStore | null = null;
	/** Reads by a guess what no format knows; only for files that a person opened by name. */
	private guesses: LogStore | null = null;
	private readonly guessed = new Set<string>();
	private readonly hasGuessed = new vscode.EventEmitter<string>();
	/** A file whose format is not known was read by a guess. */
	readonly onDidGuess = this.hasGuessed.event;
	private readonly formatRules: () => FormatRules;
	/** Who looks at present: only then files are watched. */
	private readonly followers = new Set<string>();
	/** First the watched folders, then what was opened by name outside them. */
	private watches: Watched[] = [];
	private stopWatching: (() => void)[] = [];
	private readonly looked = new Set<string>();
	private groupsByKey: Map<string, Group> | null = null;
	private byKey: Map<string, RolloutSummary> | null = null;
	private waiting = new Set<string>();
	private announcing: NodeJS.Timeout | null = null;
	/** Files that were not looked into because there are too many. */
	leftOut = 0;

	/** @param formatRules how formats are chosen, asked for when reading begins and after `reloadFormats` */
	constructor(formatRules: () => FormatRules) {
		this.formatRules = formatRules;
	}

	dispose(): void {
		if (this.announcing !== null) clearTimeout(this.announcing);
		void this.close();
		this.hasGuessed.dispose();
		this.changed.dispose();
	}

	/** Watches the workspace's and the configured folders while anybody looks; the first to look starts it. */
	follow(who: string): void {
		this.followers.add(who);
		if (this.watches.length === 0) this.watches.push(this.watch(watchedFolders(), (file) => this.isAccepted(file)));
		if (this.stopWatching.length === 0) this.stopWatching = this.watches.map((watch) => this.subscribe(watch));
	}

	/** Nobody looks any more: nothing is watched or read until somebody does. What happened meanwhile is told then. */
	unfollow(who: string): void {
		this.followers.delete(who);
		if (this.followers.size > 0) return;
		for (const stop of this.stopWatching) stop();
		this.stopWatching = [];
	}

	/** Answers when everything below the watched folders was looked at once. */
	async discover(): Promise<void> {
		this.follow("discovery");
		await Promise.all(this.watches.map(({ watch }) => watch.scanned()));
		this.announceNow();
	}

	/** Opens files and folders that a person named: what cannot be read is reported, not passed over. */
	async open(paths: string[], signal?: AbortSignal): Promise<void> {
		const problems: Problem[] = [];
		const found = await listFiles(paths, problems);
		for (const file of paths) this.named.add(file);
		for (const problem of problems) this.keepProblem(problem);
		await this.readAll(found, signal);
		for (const file of found) if (paths.includes(file)) await this.guess(file);
		this.announceNow();
		const outside = paths.filter((file) => !watchedFolders().some((folder) => file.startsWith(folder + path.sep)));
		if (outside.length === 0) return;
		const watch = this.watch(outside, () => true);
		this.watches.push(watch);
		if (this.stopWatching.length > 0) this.stopWatching.push(this.subscribe(watch));
	}

	/** Reads everything again, because the formats to choose from have changed. */
	async reloadFormats(): Promise<void> {
		// what is being read now goes by the formats from before
		await Promise.all(this.opening.values());
		const outside = this.watches.slice(1).map((watch) => watch.paths);
		await this.close();
		this.guessed.clear();
		const files = [...this.files.keys()];
		await this.readAll(files);
		for (const file of files) if (this.named.has(file)) await this.guess(file);
		for (const paths of outside) this.watches.push(this.watch(paths, () => true));
		for (const who of [...this.followers]) this.follow(who);
		this.announceNow();
	}

	/** Tries a guess where no format knows the file; what was guessed stands in its notes. */
	private async guess(file: string): Promise<void> {
		const known = this.files.get(file);
		if (known === undefined || (known.formatId !== null && known.format?.notTrajectory !== true)) return;
		this.guesses ??= new LogStore({ rules: { ...this.formatRules(), guess: true } });
		const index = await this.guesses.index(file);
		if (index.table.length === 0) return;
		this.guessed.add(file);
		this.keep(index);
		this.hasGuessed.fire(file);
	}

	/** Looks at everything again, also where the file system told of nothing. */
	async refreshAll(): Promise<void> {
		for (const index of [...this.files.values()]) {
			const { change, index: now } = await this.logs(index.file).refresh(index, { live: true });
			if (change === "removed") this.files.delete(index.file);
			else if (change !== "none") this.keep(now);
			if (change !== "none") this.announce(index.file);
		}
		await this.discover();
	}

	forget(files: string[]): void {
		for (const file of files) this.files.delete(file);
		this.announceNow();
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
		return this.visible().flatMap((file) => file.summaries);
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

	/** The rollout in full; null where it is not there (any more). */
	async rollout(summary: { file: string; ordinal: number }): Promise<Rollout | null> {
		const index = this.files.get(summary.file);
		return index === undefined || summary.ordinal >= index.table.length
			? null
			: this.logs(summary.file).read(index, summary.ordinal);
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
		for (const file of this.visible()) {
			const home = file.summaries.length === 1 ? path.dirname(file.file) : file.file;
			const format = file.formatId ?? "";
			const key = `${home}\n${format}`;
			const source = sources.get(key) ?? { path: home, format, summaries: [], problems: [] };
			for (const summary of file.summaries) source.summaries.push(summary);
			for (const problem of file.problems) source.problems.push(problem);
			sources.set(key, source);
		}
		return [...sources.values()].map(singleFileSource);
	}

	/** Files to show: those that hold rollouts, and what a person asked for by name. */
	private visible(): FileIndex[] {
		return [...this.files.values()].filter((index) => {
			if (this.claimed.has(path.resolve(index.file))) return false;
			return this.named.has(index.file) || (index.formatId !== null && index.format?.notTrajectory !== true);
		});
	}

	private watch(paths: string[], accepts: (file: string) => boolean): Watched {
		const usePolling = vscode.workspace.getConfiguration("trajectory").get("watch.usePolling", false);
		const problem = (found: Problem): void => this.keepProblem(found);
		return { paths, watch: new LogWatch(this.mainStore(), { paths, usePolling, accepts, problem }) };
	}

	private subscribe({ watch }: Watched): () => void {
		return watch.subscribe(({ kind, index }) => {
			if (kind === "removed") this.files.delete(index.file);
			else this.keep(index);
			this.announce(index.file);
		});
	}

	/** Files are named as logs are, and there are not too many of them. */
	private isAccepted(file: string): boolean {
		if (!isLogName(file)) return false;
		if (this.looked.size < DISCOVERY_LIMIT) this.looked.add(file);
		const accepted = this.looked.has(file);
		if (!accepted) this.leftOut++;
		return accepted;
	}

	/** Ends watching and reading; both begin anew when somebody asks. */
	private async close(): Promise<void> {
		const watches = this.watches;
		const stores = [this.store, this.guesses];
		this.stopWatching = [];
		this.watches = [];
		this.store = null;
		this.guesses = null;
		await Promise.all(watches.map(({ watch }) => watch.close()));
		await Promise.all(stores.map((store) => store?.close()));
	}

	/** Reads files in order, a few at a time, so that those first in the list appear first. */
	private async readAll(files: string[], signal?: AbortSignal): Promise<void> {
		let next = 0;
		const worker = async (): Promise<void> => {
			while (next < files.length && signal?.aborted !== true) {
				const file = files[next++] as string;
				// a folder of event files is one log: its first file claims the others
				if (!this.claimed.has(path.resolve(file))) await this.read(file, signal);
			}
		};
		await Promise.all(Array.from({ length: AT_ONCE }, worker));
	}

	/** One reading of a file at a time, however many ask for it. */
	private read(file: string, signal?: AbortSignal): Promise<void> {
		let reading = this.opening.get(file);
		if (reading === undefined) {
			reading = this.index(file, signal).finally(() => this.opening.delete(file));
			this.opening.set(file, reading);
		}
		return reading;
	}

	private async index(file: string, signal?: AbortSignal): Promise<void> {
		const grown = (index: FileIndex): void => {
			this.keep(index);
			this.announce(file);
		};
		const index = await this.logs(file).index(
			file,
			signal === undefined ? { grown, live: true } : { grown, live: true, signal },
		);
		this.keep(index);
		this.announce(file);
	}

	private keep(index: FileIndex): void {
		this.files.set(index.file, index);
		for (const companion of index.companions) this.claimed.add(path.resolve(companion));
	}

	private keepProblem(problem: Problem): void {
		const index = new FileIndex(problem.file);
		index.report(problem);
		this.keep(index);
	}

	private logs(file: string): LogStore {
		if (this.guesses !== null && this.guessed.has(file)) return this.guesses;
		return this.mainStore();
	}

	private mainStore(): LogStore {
		this.store ??= new LogStore({ rules: this.formatRules() });
		return this.store;
	}

	private announce(file: string): void {
		this.groupsByKey = null;
		this.byKey = null;
		this.waiting.add(file);
		this.announcing ??= setTimeout(() => this.announceNow(), ANNOUNCE_EVERY);
	}

	private announceNow(): void {
		if (this.announcing !== null) clearTimeout(this.announcing);
		this.announcing = null;
		this.groupsByKey = null;
		this.byKey = null;
		const files = this.waiting;
		this.waiting = new Set();
		this.changed.fire({ files });
	}
}

/** Folders of the workspace, and those outside it that the user configured; `~` is the home folder. */
function watchedFolders(): string[] {
	const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === "file");
	const configured = vscode.workspace.getConfiguration("trajectory").get<string[]>("watch.folders", []);
	const outside = configured.filter((folder) => typeof folder === "string" && folder !== "");
	return [
		...folders.map((folder) => folder.uri.fsPath),
		...outside.map((folder) => path.resolve(folder.replace(/^~(?=$|[/\\])/, homedir()))),
	];
}

/** A folder source with one file is that file: its name says more. */
function singleFileSource(source: Source): Source {
	const [only, ...others] = new Set(source.summaries.map((summary) => summary.file));
	return only !== undefined && others.length === 0 ? { ...source, path: only } : source;
}
