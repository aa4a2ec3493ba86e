// The practice environment in one command: rollouts to look at, and an agent and tools to go on with.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { test } from "../registry.ts";
import { extensionApi, until } from "../support.ts";

test("one command shows practice rollouts, with their group as a tree, and starts what reruns them", async () => {
	const { library, practice } = await extensionApi();
	try {
		await vscode.commands.executeCommand("trajectory.openPractice");
		const made = () => library.allSummaries().filter(({ file }) => file.endsWith("practice.jsonl"));
		await until(() => made().length === 48, [library.onDidChange], "practice rollouts");
		const { tabGroups } = vscode.window;
		const shown = () => tabGroups.all.some(({ tabs }) => tabs.some(({ label }) => /^Tree desk-/.test(label)));
		await until(shown, [tabGroups.onDidChangeTabs], "the tree");
		const tools = await fetch(practice.addresses?.tools ?? "", { method: "POST", body: "{}" });
		assert.notEqual(tools.status, 404);
	} finally {
		await vscode.commands.executeCommand("trajectory.stopPractice");
	}
	assert.equal(practice.addresses, null);
});
