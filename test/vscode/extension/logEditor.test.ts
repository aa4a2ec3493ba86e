// Logs that VS Code will not open as text are listed by an editor of ours.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import * as vscode from "vscode";
import { test } from "../registry.ts";
import { extensionApi, inWorkspace, until } from "../support.ts";

test("a compressed log opens as a list of its rollouts", async () => {
	const { library } = await extensionApi();
	const file = inWorkspace("packed.jsonl.gz");
	await writeFile(file, gzipSync(await readFile(inWorkspace("order-desk.jsonl"))));
	await vscode.commands.executeCommand("vscode.openWith", vscode.Uri.file(file), "trajectory.log");
	await until(() => library.summariesOf(file).length === 8, [library.onDidChange], "rollouts of the compressed log");
	const { activeTab } = vscode.window.tabGroups.activeTabGroup;
	assert.ok(activeTab?.input instanceof vscode.TabInputCustom);
	assert.equal(activeTab.input.viewType, "trajectory.log");
});
