// Notes of all annotators as comment threads at the steps that they speak of.
import { diffWordsWithSpace } from "diff";
import * as vscode from "vscode";
import type { LabelChange } from "../core/labels/event.ts";
import type { Step } from "../core/model/trajectory.ts";
import type { Documents } from "./documents.ts";
import type { Labels } from "./labels.ts";
import type { Library } from "./library.ts";

export class LabelComments implements vscode.Disposable {
	private readonly controller = vscode.comments.createCommentController("trajectory.labels", "Trajectory notes");
	private readonly shown = new vscode.EventEmitter<vscode.Uri>();
	/** Fires after the threads of a document were set. */
	readonly onDidShow = this.shown.event;
	private readonly threads = new Map<string, vscode.CommentThread[]>();
	private readonly library: Library;
	private readonly documents: Documents;
	private readonly labels: Labels;
	private readonly subscriptions: vscode.Disposable[];

	constructor(library: Library, documents: Documents, labels: Labels) {
		this.library = library;
		this.documents = documents;
		this.labels = labels;
		this.subscriptions = [
			this.controller,
			this.shown,
			labels.onDidChange(() => this.showAll()),
			documents.onDidRender(() => this.showAll()),
			vscode.window.onDidChangeVisibleTextEditors(() => this.showAll()),
		];
	}

	dispose(): void {
		for (const subscription of this.subscriptions) subscription.dispose();
	}

	/** What stands in the threads of a document, a text each: for tests. */
	shownIn(uri: vscode.Uri): string[] {
		const threads = this.threads.get(uri.toString()) ?? [];
		return threads.flatMap(({ comments }) =>
			comments.map(({ author, body }) => `${author.name}: ${typeof body === "string" ? body : body.value}`),
		);
	}

	private showAll(): void {
		const visible = new Set(vscode.window.visibleTextEditors.map(({ document }) => document.uri));
		for (const uri of visible) void this.show(uri);
	}

	private async show(uri: vscode.Uri): Promise<void> {
		const open = this.documents.get(uri);
		if (open === null) return;
		await this.labels.ready(open.summary.file);
		const rollout = await this.library.rollout(open.summary);
		if (rollout === null) return;
		for (const thread of this.threads.get(uri.toString()) ?? []) thread.dispose();
		const threads: vscode.CommentThread[] = [];
		const notes = this.labels
			.of(rollout)
			.filter(({ event }) => event.change.kind === "note" || event.change.kind === "correction");
		for (const [step, said] of Map.groupBy(notes, (note) => note.step)) {
			const line = open.part.blocks.find((block) => block.step === step)?.head ?? (step === null ? 0 : null);
			if (line === null) continue;
			const comments = said.map(
				({ event }): vscode.Comment => ({
					author: { name: event.annotator },
					// as text: what stands in a store is not trusted to be Markdown
					body: new vscode.MarkdownString().appendText(commentText(event.change, rollout.steps[step ?? -1])),
					mode: vscode.CommentMode.Preview,
				}),
			);
			const thread = this.controller.createCommentThread(uri, new vscode.Range(line, 0, line, 0), comments);
			thread.canReply = false;
			thread.label = step === null ? "Notes on the rollout" : `Notes on step ${step}`;
			threads.push(thread);
		}
		this.threads.set(uri.toString(), threads);
		this.shown.fire(uri);
	}
}

/** A note as it is; a correction as a word diff against the step, `[-taken out-]` and `{+put in+}` as git writes it. */
function commentText(change: LabelChange, step: Step | undefined): string {
	if (change.kind === "note") return change.text;
	if (change.kind !== "correction") return "";
	if (change.text === null) return "calls corrected";
	const parts = diffWordsWithSpace(step?.text ?? "", change.text, { timeout: 100 }) ?? [];
	return parts.map(({ value, added, removed }) => (added ? `{+${value}+}` : removed ? `[-${value}-]` : value)).join("");
}
