// First-error suggestions in the editor: computed once per group when somebody looks at it, shown in the explorer,
// as a problem with F8, and at the step.
import * as vscode from "vscode";
import { type Suggestion, suggestFirstErrors } from "../core/firstError/suggest.ts";
import type { Group } from "../core/model/group.ts";
import type { RolloutSummary } from "../core/model/trajectory.ts";
import type { Documents } from "./documents.ts";
import type { Library } from "./library.ts";

export class FirstErrors implements vscode.Disposable {
	private readonly changed = new vscode.EventEmitter<void>();
	readonly onDidChange = this.changed.event;
	private readonly suggestions = new Map<string, Suggestion>();
	private readonly running = new Map<string, Promise<void>>();
	private readonly diagnostics = vscode.languages.createDiagnosticCollection("trajectory");
	private readonly library: Library;
	private readonly subscriptions: vscode.Disposable[] = [];

	constructor(library: Library) {
		this.library = library;
		this.subscriptions.push(library.onDidChange(() => this.clear()));
	}

	dispose(): void {
		for (const subscription of this.subscriptions) subscription.dispose();
		this.diagnostics.dispose();
		this.changed.dispose();
	}

	/** Shows the suggestion of every document that is rendered as a problem at its step. */
	showIn(documents: Documents): void {
		this.subscriptions.push(
			documents.onDidRender((uri) => void this.publish(documents, uri)),
			vscode.workspace.onDidCloseTextDocument((document) => this.diagnostics.delete(document.uri)),
		);
	}

	get(key: string): Suggestion | null {
		return this.suggestions.get(key) ?? null;
	}

	stepOf(key: string): number | null {
		return this.get(key)?.step ?? null;
	}

	/** Computes the suggestions of a group, at most once until its files change. */
	prepare(group: Group): Promise<void> {
		const known = this.running.get(group.key);
		if (known !== undefined) return known;
		const work = this.compute(group);
		this.running.set(group.key, work);
		return work;
	}

	async suggestionFor(summary: RolloutSummary): Promise<Suggestion | null> {
		await this.prepare(this.library.group(summary));
		return this.get(summary.key);
	}

	private async compute(group: Group): Promise<void> {
		const rollouts = await this.library.rolloutsOf(group);
		if (rollouts.length !== group.rollouts.length) return;
		suggestFirstErrors(rollouts).forEach((suggestion, index) => {
			const summary = group.rollouts[index];
			if (summary !== undefined) this.suggestions.set(summary.key, suggestion);
		});
		this.changed.fire();
	}

	private clear(): void {
		this.suggestions.clear();
		this.running.clear();
	}

	private async publish(documents: Documents, uri: vscode.Uri): Promise<void> {
		const open = documents.get(uri);
		if (open === null) return;
		const suggestion = await this.suggestionFor(open.summary);
		const found =
			suggestion === null
				? []
				: suggestion.evidence.flatMap((evidence) => {
						const block = open.part.blocks.find((candidate) => candidate.step === evidence.step);
						if (block === undefined) return [];
						const isSuggestion = evidence.step === suggestion.step;
						const range = new vscode.Range(block.head, 0, block.head, `#${block.step}  ${block.title}`.length);
						const severity = isSuggestion ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Information;
						const diagnostic = new vscode.Diagnostic(
							range,
							isSuggestion ? `Suggested first error: ${evidence.text}` : evidence.text,
							severity,
						);
						diagnostic.source = "Trajectory";
						diagnostic.code = evidence.kind;
						return [diagnostic];
					});
		this.diagnostics.set(uri, found);
	}
}
