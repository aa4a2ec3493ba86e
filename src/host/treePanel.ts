// The rollout tree page in an editor tab: one panel a group, answered out of the library, one selection with the rest.
import * as vscode from "vscode";
import { coverPlan } from "../core/labels/planCoverage.ts";
import { groupKey } from "../core/model/group.ts";
import { fail, type Result, succeed } from "../core/model/problem.ts";
import type { Rollout, RolloutSummary } from "../core/model/trajectory.ts";
import { oneLine } from "../core/text/line.ts";
import { failureSignature } from "../core/tree/failureSignature.ts";
import { taskHistory } from "../core/tree/history.ts";
import { AnsweringEnd, type Port } from "../protocol/channel.ts";
import { decode, record, text } from "../protocol/decode.ts";
import { type HOST_NOTICES, PAGE_NOTICES, type SaveRequest, type StepAction, TREE_REQUESTS } from "../protocol/tree.ts";
import {
	type FirstErrorMark,
	type GroupMember,
	type GroupSource,
	type ReferenceCoverage,
	TreeService,
} from "../protocol/treeService.ts";
import type { FirstErrors } from "./firstErrors.ts";
import type { Labels } from "./labels.ts";
import type { LabelView } from "./labelView.ts";
import type { Library } from "./library.ts";
import { pageHtml } from "./pageHtml.ts";
import type { References } from "./references.ts";
import type { SelectionModel } from "./selection.ts";

const VIEW_TYPE = "trajectory.tree";

export interface TreeParts {
	extension: vscode.Extension<unknown>;
	log: vscode.LogOutputChannel;
	library: Library;
	firstErrors: FirstErrors;
	selection: SelectionModel;
	labels: Labels;
	labelView: LabelView;
	references: References;
	/** What a click on an action does; actions without an entry are not offered. `open` is always there. */
	actions: Partial<Record<StepAction, (rollout: RolloutSummary, step: number | null) => unknown>>;
}

type TreeEnd = AnsweringEnd<typeof TREE_REQUESTS, typeof PAGE_NOTICES, typeof HOST_NOTICES>;

export class TreePanels implements vscode.WebviewPanelSerializer, vscode.Disposable {
	private readonly parts: TreeParts;
	private readonly panels = new Map<string, TreePanel>();
	private readonly subscriptions: vscode.Disposable[];

	constructor(parts: TreeParts) {
		this.parts = parts;
		this.subscriptions = [
			vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, this),
			parts.library.onDidChange(() => {
				for (const panel of this.panels.values()) void panel.refresh();
			}),
			// without hindsight other things may be seen of the same rollouts
			parts.labelView.onDidChangeView(() => {
				for (const panel of this.panels.values()) void panel.refresh();
			}),
			...[parts.labels.onDidChange, parts.references.onDidChange].map((onDidChange) =>
				onDidChange(() => {
					for (const panel of this.panels.values()) panel.remark();
				}),
			),
			parts.selection.onDidChange(({ selection, origin }) => {
				if (origin === "page") return;
				for (const panel of this.panels.values()) panel.follow(selection.rolloutKey, selection.step);
			}),
		];
	}

	dispose(): void {
		for (const subscription of this.subscriptions) subscription.dispose();
		for (const panel of this.panels.values()) panel.close();
	}

	/** Shows the tree of a rollout's group, beside what is open. */
	show(summary: RolloutSummary): void {
		const key = groupKey(summary);
		const known = this.panels.get(key);
		if (known !== undefined) known.reveal();
		else {
			const title = `Tree ${oneLine(summary.task, 30)}`;
			this.adopt(vscode.window.createWebviewPanel(VIEW_TYPE, title, vscode.ViewColumn.Beside), key);
		}
	}

	/** After a reload of the window: the page kept which group it showed. */
	async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
		const stored = decode(record({ group: text }), state);
		if (!stored.ok) {
			panel.dispose();
			return;
		}
		this.adopt(panel, stored.value.group);
	}

	private adopt(panel: vscode.WebviewPanel, key: string): void {
		const shown = new TreePanel(panel, key, this.parts);
		this.panels.set(key, shown);
		panel.onDidDispose(() => {
			this.panels.delete(key);
			shown.stop();
		});
	}
}

class TreePanel {
	private readonly panel: vscode.WebviewPanel;
	private readonly source: LibraryGroup;
	private readonly parts: TreeParts;
	private end: TreeEnd | null = null;
	private service: TreeService | null = null;
	private refreshing: Promise<void> = Promise.resolve();

	constructor(panel: vscode.WebviewPanel, key: string, parts: TreeParts) {
		this.panel = panel;
		this.parts = parts;
		this.source = new LibraryGroup(key, parts);
		const folder = vscode.Uri.joinPath(parts.extension.extensionUri, "dist", "webview");
		panel.webview.options = { enableScripts: true, localResourceRoots: [folder] };
		this.connect();
		panel.webview.html = pageHtml({
			title: panel.title,
			cspSource: panel.webview.cspSource,
			nonce: crypto.randomUUID(),
			scriptUri: String(panel.webview.asWebviewUri(vscode.Uri.joinPath(folder, "main.js"))),
			styleUri: String(panel.webview.asWebviewUri(vscode.Uri.joinPath(folder, "main.css"))),
		});
	}

	reveal(): void {
		this.panel.reveal();
	}

	close(): void {
		this.panel.dispose();
	}

	stop(): void {
		this.end?.close();
	}

	follow(rollout: string, step: number | null): void {
		if (this.panel.visible && this.source.has(rollout)) this.end?.tell("selected", { rollout, step });
	}

	/** Labels or reference paths have changed. */
	remark(): void {
		this.source.forgetMarks();
		const { service } = this;
		if (this.panel.visible && service !== null) this.end?.tell("remarked", { generation: service.currentGeneration });
	}

	/** Reads the group again after the library changed. Refreshes run one after the other. */
	refresh(): Promise<void> {
		this.refreshing = this.refreshing.then(() => this.refreshNow());
		return this.refreshing;
	}

	private async refreshNow(): Promise<void> {
		const { end, service } = this;
		if (end === null || service === null) return;
		await this.source.read();
		// a hidden page does not exist: it asks for everything when it is shown again
		if (!this.panel.visible) return;
		if (this.source.members().length === 0) {
			end.tell("gone", { reason: "The logs of this group are no longer open." });
			return;
		}
		const growth = service.refresh();
		if (growth === "changed") end.tell("changed", { generation: service.currentGeneration });
		else if (growth !== null) end.tell("grown", growth);
	}

	/** The page's questions wait until the group has been read; only then is there somebody to answer them. */
	private connect(): void {
		const { webview } = this.panel;
		const port: Port = {
			post: (message) => void webview.postMessage(message),
			listen: (receive) => {
				const listening = webview.onDidReceiveMessage(receive);
				return () => listening.dispose();
			},
		};
		const ready = this.source.read().then(() => {
			this.service = new TreeService(this.source);
			return this.service;
		});
		const waiting = Object.keys(TREE_REQUESTS).map((name) => [
			name,
			async (params: never) => {
				const { requests } = await ready;
				return requests[name as keyof typeof requests](params);
			},
		]);
		this.end = new AnsweringEnd(
			port,
			TREE_REQUESTS,
			Object.fromEntries(waiting) as TreeService["requests"],
			PAGE_NOTICES,
			{
				selected: ({ rollout, step }) => {
					if (this.source.has(rollout)) this.parts.selection.select({ rolloutKey: rollout, step }, "page");
				},
			},
			{ report: (problem) => this.parts.log.warn(`tree page: ${problem}`) },
		);
	}
}

/** A group of the library as the tree service wants it. */
class LibraryGroup implements GroupSource {
	readonly key: string;
	task = "";
	run = "";
	title = "";
	readonly abilities: GroupSource["abilities"];
	private readonly parts: TreeParts;
	private current: GroupMember[] = [];
	private marks: Promise<FirstErrorMark[]> | null = null;

	constructor(key: string, parts: TreeParts) {
		this.key = key;
		this.parts = parts;
		this.abilities = [
			"open",
			"save",
			...(Object.keys(parts.actions) as StepAction[]).filter((action) => action !== "open"),
		];
	}

	has(rollout: string): boolean {
		return this.current.some(({ key }) => key === rollout);
	}

	async read(): Promise<void> {
		const { library } = this.parts;
		await library.discover();
		const summaries = withHelpers(
			library.allSummaries().filter((summary) => groupKey(summary) === this.key),
			library.allSummaries(),
		);
		const members: GroupMember[] = [];
		for (const summary of summaries) {
			const rollout = await library.rollout(summary);
			if (rollout !== null) members.push({ key: summary.key, summary, rollout: this.parts.labelView.visible(rollout) });
		}
		this.current = members;
		this.marks = null;
		const [first] = summaries;
		this.task = first?.task ?? this.task;
		this.run = first?.run ?? this.run;
		this.title = first?.title ?? this.title;
	}

	members(): readonly GroupMember[] {
		return this.current;
	}

	forgetMarks(): void {
		this.marks = null;
	}

	async reference(): Promise<ReferenceCoverage | null> {
		const [first] = this.current;
		const plan = first === undefined ? null : await this.parts.references.plan(first.summary);
		if (plan === null) return null;
		const covered = this.current.flatMap(({ key, rollout }) => {
			const coverage = coverPlan(plan, rollout);
			return coverage === null ? [] : [[key, coverage] as const];
		});
		return {
			ways: plan.ways.map(({ steps }) => steps.map(({ title, id }) => title || id)),
			byRollout: new Map(covered),
		};
	}

	firstErrors(): Promise<FirstErrorMark[]> {
		this.marks ??= this.suggest();
		return this.marks;
	}

	private async suggest(): Promise<FirstErrorMark[]> {
		const { firstErrors } = this.parts;
		const before = await this.signaturesOfRunBefore();
		const marks: FirstErrorMark[] = [];
		for (const { key, summary, rollout } of this.current) {
			const suggestion = await firstErrors.suggestionFor(summary);
			if (suggestion === null) continue;
			const signature = failureSignature(suggestion.evidence, rollout);
			const said = this.confirmedError(rollout);
			const text = suggestion.evidence.find(({ step }) => step === suggestion.step)?.text ?? "";
			marks.push({
				key,
				step: said === null ? suggestion.step : said.step,
				confirmed: said !== null,
				text: said === null ? text : said.reason,
				evidence: suggestion.evidence,
				signature,
				isNew: before !== null && !before.has(JSON.stringify(signature)),
			});
		}
		return marks;
	}

	/** What people said last about the rollout's first error; a step of null says that there is none. */
	private confirmedError(rollout: Rollout): { step: number | null; reason: string } | null {
		const said = this.parts.labels.of(rollout).findLast(({ event }) => event.change.kind === "firstError");
		if (said === undefined || said.event.change.kind !== "firstError") return null;
		const { verdict, reason } = said.event.change;
		if (verdict === "open") return null;
		return { step: verdict === "none" ? null : said.step, reason };
	}

	async history() {
		return taskHistory(this.task, this.run, this.parts.library.allSummaries());
	}

	async act(action: StepAction, rollout: string, step: number | null): Promise<Result<null, string>> {
		const summary = this.parts.library.summary(rollout);
		if (summary === null) return fail("this rollout is no longer open");
		if (action === "open") await vscode.commands.executeCommand("_trajectory.openStep", rollout, step);
		else await this.parts.actions[action]?.(summary, step);
		return succeed(null);
	}

	async save({ name, type, content }: SaveRequest): Promise<Result<{ saved: boolean }, string>> {
		const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
		const target = await vscode.window.showSaveDialog({
			filters: { [type.toUpperCase()]: [type] },
			...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, name) }),
		});
		if (target === undefined) return succeed({ saved: false });
		await vscode.workspace.fs.writeFile(target, content);
		return succeed({ saved: true });
	}

	/** Signatures of this task's failures in the run before this one; null where there is none. */
	private async signaturesOfRunBefore(): Promise<ReadonlySet<string> | null> {
		const { library, firstErrors } = this.parts;
		const sameTask = library.allSummaries().filter((summary) => summary.task === this.task);
		const runs = [...new Set(sameTask.map(({ run }) => run))];
		const before = runs[runs.indexOf(this.run) - 1];
		if (before === undefined) return null;
		const signatures = new Set<string>();
		for (const summary of sameTask.filter(({ run }) => run === before)) {
			const rollout: Rollout | null = await library.rollout(summary);
			const suggestion = await firstErrors.suggestionFor(summary);
			if (rollout === null || suggestion === null) continue;
			signatures.add(JSON.stringify(failureSignature(suggestion.evidence, rollout)));
		}
		return signatures;
	}
}

/**
 * The group and the sub-agents and continuations that its rollouts started: these are no attempts at the task and have
 * a task of their own, but their parents are here.
 */
function withHelpers(group: readonly RolloutSummary[], all: readonly RolloutSummary[]): RolloutSummary[] {
	const found = new Map(group.map((summary) => [summary.key, summary]));
	const helpers = all.filter(({ relation }) => relation === "sub-agent" || relation === "continuation");
	for (let before = -1; before !== found.size; ) {
		before = found.size;
		const parents = new Set([...found.values()].map(({ id }) => id));
		for (const helper of helpers) {
			const belongs = helper.parent !== null && parents.has(helper.parent) && isNear(helper, group);
			if (belongs) found.set(helper.key, helper);
		}
	}
	return [...found.values()];
}

/** Short ids repeat from run to run: a parent is meant only in the same run or file, unless its id is a long one. */
function isNear({ run, file, parent }: RolloutSummary, group: readonly RolloutSummary[]): boolean {
	return (parent?.length ?? 0) >= 16 || group.some((summary) => summary.run === run || summary.file === file);
}
