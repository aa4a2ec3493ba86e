// Notes of all annotators as comment threads at the steps that they speak of.
import { diffWordsWithSpace } from "diff";
import * as vscode from "vscode";
import { writeDraft } from "../core/labels/correctionDraft.ts";
import type { LabelChange } from "../core/labels/event.ts";
import type { Step } from "../core/model/trajectory.ts";
import { signed } from "../core/text/format.ts";
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
		const notes = this.labels.of(rollout).filter(({ event }) => commentText(event.change, undefined) !== null);
		for (const [step, said] of Map.groupBy(notes, (note) => note.step)) {
			const line = open.part.blocks.find((block) => block.step === step)?.head ?? (step === null ? 0 : null);
			if (line === null) continue;
			const comments = said.map(
				({ event }): vscode.Comment => ({
					author: { name: event.annotator },
					// as text: what stands in a store is not trusted to be Markdown
					body: new vscode.MarkdownString().appendText(commentText(event.change, rollout.steps[step ?? -1]) ?? ""),
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

/**
 * What people wrote in words: notes, feedback, why an error is one, what should have been asked. A correction is a word
 * diff against the step, `[-taken out-]` and `{+put in+}` as git writes it. Null for labels without words.
 */
function commentText(change: LabelChange, step: Step | undefined): string | null {
	switch (change.kind) {
		case "note":
			return change.text;
		case "feedback":
			return `feedback${change.value === null ? "" : ` ${signed(change.value, 0)}`}: ${change.text}`;
		case "errorType":
			return change.rationale === "" ? null : `${change.category} (${change.severity ?? "?"}): ${change.rationale}`;
		case "askUser":
			return change.question === "" ? null : `should have asked: ${change.question}`;
		case "preference":
			return change.reasons === "" ? null : `preference: ${change.reasons}`;
		case "correction":
			return step === undefined ? "" : wordDiff(writeDraft(step, null), writeDraft(step, change));
		default:
			return null;
	}
}

function wordDiff(before: string, after: string): string {
	const parts = diffWordsWithSpace(before.trim(), after.trim(), { timeout: 100 }) ?? [];
	return parts.map(({ value, added, removed }) => (added ? `{+${value}+}` : removed ? `[-${value}-]` : value)).join("");
}
