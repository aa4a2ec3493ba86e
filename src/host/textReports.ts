// Reports as read-only text in an editor tab.
import * as vscode from "vscode";

const SCHEME = "trajectory-rerun";

export class TextReports implements vscode.Disposable {
	private readonly texts = new Map<string, string>();
	private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
		provideTextDocumentContent: ({ path }) => this.texts.get(path) ?? "",
	});

	dispose(): void {
		this.registration.dispose();
	}

	async show(title: string, text: string): Promise<void> {
		const path = `/${this.texts.size}/${title.replaceAll("/", "∕")}`;
		this.texts.set(path, text);
		await vscode.window.showTextDocument(vscode.Uri.from({ scheme: SCHEME, path }), { preview: true });
	}
}
