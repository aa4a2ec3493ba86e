// The activity-bar view: sources > runs > tasks > rollouts > branches and sub-agents. Levels with one entry are skipped.
import path from "node:path";
import * as vscode from "vscode";
import { type Group, groupKey } from "../core/model/group.ts";
import { countProblems, describeProblem, type Problem } from "../core/model/problem.ts";
import type { RolloutSummary } from "../core/model/trajectory.ts";
import { count, duration, outcomeWord, plain, plural, reward } from "../core/text/format.ts";
import { oneLine } from "../core/text/line.ts";
import type { ExplorerFilter } from "./explorerFilter.ts";
import type { FirstErrors } from "./firstErrors.ts";
import type { Labels } from "./labels.ts";
import type { Library, Source } from "./library.ts";
import type { References } from "./references.ts";

/** More children than this are shown in numbered chunks: the tree view slows down beyond it. */
const CHUNK = 2000;

export type ExplorerNode =
	| { kind: "source"; source: Source }
	| { kind: "run"; source: Source; run: string }
	| { kind: "task"; group: Group; parent: ExplorerNode }
	| { kind: "rollout"; summary: RolloutSummary; parent: ExplorerNode | null }
	| { kind: "chunk"; nodes: ExplorerNode[]; first: number }
	| { kind: "problems"; source: Source }
	| { kind: "problem"; problem: Problem };

export class Explorer
	implements vscode.TreeDataProvider<ExplorerNode>, vscode.TreeDragAndDropController<ExplorerNode>, vscode.Disposable
{
	readonly dragMimeTypes: readonly string[] = [];
	/** Files and folders, from the file explorer or from outside. */
	readonly dropMimeTypes: readonly string[] = ["text/uri-list"];
	private readonly changed = new vscode.EventEmitter<ExplorerNode | undefined>();
	readonly onDidChangeTreeData = this.changed.event;
	private readonly library: Library;
	private readonly firstErrors: FirstErrors;
	private readonly filter: ExplorerFilter;
	private readonly references: References;
	private readonly labels: Labels;
	private readonly subscriptions: vscode.Disposable[];
	/** How many sources bear each file name. */
	private readonly names = new Map<string, number>();
	private pending: NodeJS.Timeout | null = null;

	constructor(
		library: Library,
		firstErrors: FirstErrors,
		filter: ExplorerFilter,
		references: References,
		labels: Labels,
	) {
		this.library = library;
		this.firstErrors = firstErrors;
		this.filter = filter;
		this.references = references;
		this.labels = labels;
		this.subscriptions = [
			library.onDidChange(() => this.refreshSoon()),
			firstErrors.onDidChange(() => this.refreshSoon()),
			filter.onDidChange(() => this.refreshSoon()),
			references.onDidChange(() => this.refreshSoon()),
			labels.onDidChangeMode(() => this.refreshSoon()),
		];
	}

	dispose(): void {
		for (const subscription of this.subscriptions) subscription.dispose();
		if (this.pending !== null) clearTimeout(this.pending);
		this.changed.dispose();
	}

	async getChildren(node?: ExplorerNode): Promise<ExplorerNode[]> {
		if (node === undefined) return this.roots();
		if (node.kind === "source") return chunked(this.sourceChildren(node));
		if (node.kind === "run") return chunked(this.tasks(node.source, node.run, node));
		if (node.kind === "task") return chunked(this.rolloutsOf(node));
		if (node.kind === "rollout") return this.descendants(node);
		if (node.kind === "chunk") return node.nodes;
		if (node.kind === "problems") return node.source.problems.map((problem) => ({ kind: "problem", problem }));
		return [];
	}

	async handleDrop(_: ExplorerNode | undefined, data: vscode.DataTransfer): Promise<void> {
		const list = (await data.get("text/uri-list")?.asString()) ?? "";
		const uris = list
			.split(/\r?\n/)
			.flatMap((line) => (line.trim() === "" || line.startsWith("#") ? [] : [vscode.Uri.parse(line.trim())]));
		const paths = uris.flatMap((uri) => (uri.scheme === "file" || uri.scheme === "vscode-remote" ? [uri.fsPath] : []));
		if (paths.length > 0) await this.library.open(paths);
	}

	getParent(node: ExplorerNode): ExplorerNode | null {
		return node.kind === "task" || node.kind === "rollout" ? node.parent : null;
	}

	getTreeItem(node: ExplorerNode): vscode.TreeItem {
		if (node.kind === "source") return sourceItem(node.source, this.names.get(path.basename(node.source.path)) ?? 1);
		if (node.kind === "run") return runItem(node.source, node.run);
		if (node.kind === "task") return taskItem(node.group);
		if (node.kind === "rollout") return this.rolloutItem(node.summary);
		if (node.kind === "chunk")
			return new vscode.TreeItem(
				`${node.first + 1} – ${node.first + node.nodes.length}`,
				vscode.TreeItemCollapsibleState.Collapsed,
			);
		if (node.kind === "problems") return problemsItem(node.source);
		return problemItem(node.problem);
	}

	/** The node of a rollout, for revealing it. */
	nodeOf(summary: RolloutSummary): ExplorerNode | null {
		const source = this.library
			.sources()
			.find((candidate) => candidate.summaries.some((entry) => entry.key === summary.key));
		if (source === undefined) return null;
		const top: ExplorerNode = { kind: "source", source };
		const under: ExplorerNode = runsOf(source).length > 1 ? { kind: "run", source, run: summary.run } : top;
		const task: ExplorerNode = { kind: "task", group: this.library.group(summary), parent: under };
		return { kind: "rollout", summary, parent: task };
	}

	private async roots(): Promise<ExplorerNode[]> {
		this.library.follow("explorer");
		const sources = this.library.sources();
		this.names.clear();
		for (const source of sources) {
			const name = path.basename(source.path);
			this.names.set(name, (this.names.get(name) ?? 0) + 1);
		}
		return sources
			.filter(
				(source) => source.summaries.length === 0 || source.summaries.some((summary) => this.filter.keeps(summary)),
			)
			.map((source) => ({ kind: "source", source }));
	}

	private sourceChildren(node: ExplorerNode & { kind: "source" }): ExplorerNode[] {
		const runs = runsOf(node.source);
		const [only = ""] = runs;
		const problems: ExplorerNode[] =
			node.source.problems.length === 0 ? [] : [{ kind: "problems", source: node.source }];
		if (runs.length > 1)
			return [...problems, ...runs.map((run): ExplorerNode => ({ kind: "run", source: node.source, run }))];
		return [...problems, ...this.tasks(node.source, only, node)];
	}

	private tasks(source: Source, run: string, parent: ExplorerNode): ExplorerNode[] {
		const groups = new Map<string, ExplorerNode>();
		for (const summary of source.summaries) {
			if (summary.run !== run || summary.relation === "sub-agent" || !this.filter.keeps(summary)) continue;
			const key = groupKey(summary);
			if (!groups.has(key)) groups.set(key, { kind: "task", group: this.library.group(summary), parent });
		}
		return [...groups.values()];
	}

	private rolloutsOf(node: ExplorerNode & { kind: "task" }): ExplorerNode[] {
		void this.firstErrors.prepare(node.group);
		const ids = new Set(node.group.rollouts.map((summary) => summary.id));
		const shown = node.group.rollouts.filter((summary) => this.filter.keeps(summary));
		return this.filter
			.sort(shown)
			.filter((summary) => summary.parent === null || !ids.has(summary.parent) || summary.parent === summary.id)
			.map((summary) => ({ kind: "rollout", summary, parent: node }));
	}

	private descendants(node: ExplorerNode & { kind: "rollout" }): ExplorerNode[] {
		return this.childSummaries(node.summary).map((summary) => ({ kind: "rollout", summary, parent: node }));
	}

	private childSummaries(parent: RolloutSummary): RolloutSummary[] {
		return this.library
			.summariesOf(parent.file)
			.filter((summary) => summary.parent === parent.id && summary.id !== parent.id && summary.key !== parent.key);
	}

	private rolloutItem(known: RolloutSummary): vscode.TreeItem {
		const { blind, noHindsight } = this.labels.mode;
		const summary: RolloutSummary = noHindsight ? withoutOutcome(known) : known;
		const children = this.childSummaries(summary).length;
		const state = children > 0 ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None;
		const item = new vscode.TreeItem(shortId(summary.id), state);
		const step = blind || noHindsight ? null : this.firstErrors.stepOf(summary.key);
		const coverage = noHindsight ? null : this.references.coverage(summary);
		item.id = summary.key;
		item.description = facts([
			summary.relation ?? "",
			summary.reward === null ? "" : reward(summary.reward),
			plural(summary.steps, "step"),
			step === null ? "" : `first error #${step}`,
			coverage === null ? "" : `covers ${plain(coverage.share * 100, 0)} %`,
			summary.durationMs === null ? "" : duration(summary.durationMs),
			summary.tokens === null ? "" : `${count(summary.tokens)} tokens`,
		]);
		item.iconPath = outcomeIcon(summary);
		item.tooltip = rolloutTooltip(summary);
		item.contextValue = "rollout";
		item.command = { command: "trajectory.openRollout", title: "Open Rollout", arguments: [summary.key] };
		item.accessibilityInformation = {
			label: `Rollout ${summary.id}, ${outcomeWord(summary.outcome)}, ${item.description}`,
		};
		return item;
	}

	private refreshSoon(): void {
		this.pending ??= setTimeout(() => {
			this.pending = null;
			this.changed.fire(undefined);
		}, 100);
	}
}

/** The summary as somebody may see it who labels without hindsight. */
function withoutOutcome(summary: RolloutSummary): RolloutSummary {
	return { ...summary, outcome: "unknown", reward: null, rewards: {} };
}

function chunked(nodes: ExplorerNode[]): ExplorerNode[] {
	if (nodes.length <= CHUNK) return nodes;
	const chunks: ExplorerNode[] = [];
	for (let first = 0; first < nodes.length; first += CHUNK)
		chunks.push({ kind: "chunk", nodes: nodes.slice(first, first + CHUNK), first });
	return chunks;
}

function runsOf(source: Source): string[] {
	return [...new Set(source.summaries.map((summary) => summary.run))];
}

function facts(parts: string[]): string {
	return parts.filter((part) => part !== "").join("   ");
}

function sourceItem(source: Source, namesakes: number): vscode.TreeItem {
	const item = new vscode.TreeItem(sourceName(source, namesakes), vscode.TreeItemCollapsibleState.Collapsed);
	item.id = `source ${source.path} ${source.format}`;
	item.description = facts([source.format, plural(source.summaries.length, "rollout")]);
	item.tooltip = source.path;
	item.iconPath = new vscode.ThemeIcon(source.format === "" ? "warning" : "archive");
	item.contextValue = "source";
	return item;
}

/** File names that say nothing of what is in them. */
const GENERIC_NAME =
	/^(?:trajectory|traj|results?|rollouts?|output|log|logs|messages|session|transcript|traces?)\.[a-z.]+$/i;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** The file's name; with its folder where the name says too little; what was asked where it is only an id. */
function sourceName(source: Source, namesakes: number): string {
	const name = path.basename(source.path);
	if (namesakes > 1 || GENERIC_NAME.test(name)) return path.join(path.basename(path.dirname(source.path)), name);
	const title = source.summaries[0]?.title ?? "";
	return name.replace(UUID, "").length < 12 && name.search(UUID) !== -1 && title !== "" ? oneLine(title, 60) : name;
}

/** Long random ids by their first eight digits: the tooltip has them in full. */
function shortId(id: string): string {
	return oneLine(
		id.replace(UUID, (uuid) => uuid.slice(0, 8)),
		60,
	);
}

/** Tasks without an id of their own are called by what was asked. */
function taskName(group: Group): string {
	const title = oneLine(group.rollouts[0]?.title ?? "", 60);
	return /^prompt-[0-9a-f]{8}$/.test(group.task) && title !== "" ? title : `Task ${shortId(group.task)}`;
}

function runItem(source: Source, run: string): vscode.TreeItem {
	const item = new vscode.TreeItem(oneLine(run, 60), vscode.TreeItemCollapsibleState.Collapsed);
	const summaries = source.summaries.filter((summary) => summary.run === run);
	item.id = `run ${source.path} ${run}`;
	item.description = facts([successes(summaries), plural(summaries.length, "rollout")]);
	item.iconPath = new vscode.ThemeIcon("beaker");
	item.contextValue = "run";
	return item;
}

function taskItem(group: Group): vscode.TreeItem {
	const [first] = group.rollouts;
	const item = new vscode.TreeItem(taskName(group), vscode.TreeItemCollapsibleState.Collapsed);
	const rewards = group.rollouts.flatMap((summary) => (summary.reward === null ? [] : [summary.reward]));
	const mean = rewards.reduce((sum, value) => sum + value, 0) / rewards.length;
	item.id = `task ${group.key} ${first?.file ?? ""}`;
	item.description = facts([
		successes(group.rollouts),
		rewards.length === 0 ? "" : `mean ${plain(mean, 2)}`,
		oneLine(first?.title ?? "", 60),
	]);
	item.tooltip = oneLine(first?.title ?? "", 400);
	item.iconPath = new vscode.ThemeIcon("list-tree");
	item.contextValue = "task";
	return item;
}

function successes(summaries: RolloutSummary[]): string {
	const judged = summaries.filter((summary) => summary.outcome !== "unknown");
	return judged.length === 0
		? ""
		: `${judged.filter((summary) => summary.outcome === "success").length}/${judged.length}`;
}

function outcomeIcon(summary: RolloutSummary): vscode.ThemeIcon {
	if (summary.relation === "sub-agent") return new vscode.ThemeIcon("type-hierarchy-sub");
	if (summary.outcome === "success") return new vscode.ThemeIcon("pass", new vscode.ThemeColor("testing.iconPassed"));
	if (summary.outcome === "failure") return new vscode.ThemeIcon("error", new vscode.ThemeColor("testing.iconFailed"));
	return new vscode.ThemeIcon("circle-outline", new vscode.ThemeColor("testing.iconQueued"));
}

function rolloutTooltip(summary: RolloutSummary): string {
	const lines = [
		oneLine(summary.title, 300),
		`${outcomeWord(summary.outcome)}, ${reward(summary.reward)}`,
		...Object.entries(summary.rewards)
			.slice(0, 12)
			.map(([name, value]) => `${oneLine(name, 60)}: ${plain(value)}`),
		summary.model === null ? "" : `model ${oneLine(summary.model, 80)}`,
		summary.cost === null ? "" : `cost $${summary.cost.toFixed(4)}`,
		summary.time === null ? "" : new Date(summary.time).toISOString(),
		`${summary.file}:${summary.place.line}`,
	];
	return lines.filter((line) => line !== "").join("\n");
}

function problemsItem(source: Source): vscode.TreeItem {
	const item = new vscode.TreeItem(countProblems(source.problems), vscode.TreeItemCollapsibleState.Collapsed);
	item.iconPath = new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground"));
	item.id = `problems ${source.path} ${source.format}`;
	return item;
}

function problemItem(problem: Problem): vscode.TreeItem {
	const item = new vscode.TreeItem(`${path.basename(problem.file)}:${problem.line}: ${oneLine(problem.reason, 200)}`);
	item.tooltip = describeProblem(problem);
	item.command = { command: "_trajectory.openPlace", title: "Open Source", arguments: [problem.file, problem.line] };
	return item;
}
