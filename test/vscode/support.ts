// What the tests inside VS Code share: the extension's own answers, and waiting for an event instead of a while.
import assert from "node:assert/strict";
import path from "node:path";
import * as vscode from "vscode";
import type { ExplorerNode } from "../../src/core/explorer/nodes.ts";
import type { RolloutSummary } from "../../src/core/model/trajectory.ts";
import type { TrajectoryApi } from "../../src/extension.ts";

const patience = 20_000;

export async function extensionApi(): Promise<TrajectoryApi> {
	const extension = vscode.extensions.getExtension<TrajectoryApi>("trajectory-debugger.trajectory-debugger");
	assert.ok(extension, "the extension is not installed");
	return extension.activate();
}

export function inWorkspace(...names: string[]): string {
	const folder = vscode.workspace.workspaceFolders?.[0];
	assert.ok(folder, "no folder is open");
	return path.join(folder.uri.fsPath, ...names);
}

/** Answers when `look` finds something; it is asked again after each of the events. */
export function until<T>(
	look: () => T | null | undefined | false,
	events: vscode.Event<unknown>[],
	what: string,
): Promise<T> {
	return new Promise((resolve, reject) => {
		const subscriptions: vscode.Disposable[] = [];
		const finish = (end: () => void): void => {
			clearTimeout(timer);
			for (const subscription of subscriptions) subscription.dispose();
			end();
		};
		const check = (): void => {
			const found = look();
			if (found !== null && found !== undefined && found !== false) finish(() => resolve(found));
		};
		const timer = setTimeout(
			() => finish(() => reject(new Error(`${what}: not seen within ${patience / 1000} s`))),
			patience,
		);
		for (const event of events) subscriptions.push(event(check));
		check();
	});
}

/** The rollout with this id in the demo workspace, once discovery has found it. */
export async function rolloutNamed(id: string): Promise<RolloutSummary> {
	const { library } = await extensionApi();
	library.follow("tests");
	await library.discover();
	return until(
		() => library.allSummaries().find((summary) => summary.id === id),
		[library.onDidChange],
		`rollout ${id}`,
	);
}

/** Opens the readable document of a rollout and waits until its numbers are shown. */
export async function openReadable(id: string): Promise<vscode.TextEditor> {
	const { inline } = await extensionApi();
	const summary = await rolloutNamed(id);
	await vscode.commands.executeCommand("trajectory.openRollout", summary.key);
	const editor = vscode.window.activeTextEditor;
	assert.ok(editor, "no editor is open");
	await until(() => inline.shownIn(editor.document.uri).length > 0, [inline.onDidDecorate], "inline numbers");
	return editor;
}

export function labelOf(item: vscode.TreeItem): string {
	const label = typeof item.label === "string" ? item.label : (item.label?.label ?? "");
	return `${label}  ${item.description ?? ""}`.trim();
}

/** The explorer as indented text, as deep as it goes. */
export async function explorerText(node?: ExplorerNode, depth = 0): Promise<string[]> {
	const { explorer } = await extensionApi();
	const lines: string[] = [];
	for (const child of await explorer.getChildren(node)) {
		lines.push(`${"  ".repeat(depth)}${labelOf(explorer.getTreeItem(child))}`);
		lines.push(...(await explorerText(child, depth + 1)));
	}
	return lines;
}
