// The one selection of the whole extension: document, tree page, explorer and problems follow it.
import * as vscode from "vscode";

export interface Selection {
	/** Key of the rollout's summary. */
	rolloutKey: string;
	/** 0-based step; null for the rollout as a whole. */
	step: number | null;
}

/** Who changed the selection, so that it does not answer itself. */
export type SelectionOrigin = "document" | "page" | "explorer" | "command";

export class SelectionModel implements vscode.Disposable {
	private readonly changed = new vscode.EventEmitter<{ selection: Selection; origin: SelectionOrigin }>();
	readonly onDidChange = this.changed.event;
	current: Selection | null = null;

	select(selection: Selection, origin: SelectionOrigin): void {
		if (this.current?.rolloutKey === selection.rolloutKey && this.current.step === selection.step) return;
		this.current = selection;
		this.changed.fire({ selection, origin });
	}

	dispose(): void {
		this.changed.dispose();
	}
}
