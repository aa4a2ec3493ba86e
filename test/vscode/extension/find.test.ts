// Finding a text across all rollouts.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { test } from "../registry.ts";
import { extensionApi, labelOf, rolloutNamed } from "../support.ts";

test("results are grouped by rollout, show their context, and open at their step", async () => {
	const { findResults } = await extensionApi();
	await rolloutNamed("broken-lamp/7");
	await findResults.find("photo of the damage");
	const [rollout] = findResults.getChildren();
	assert.ok(rollout);
	assert.match(labelOf(findResults.getTreeItem(rollout)), /^broken-lamp\/7 {2}1 /);
	const [place] = findResults.getChildren(rollout);
	assert.ok(place);
	const item = findResults.getTreeItem(place);
	assert.equal(labelOf(item), "#8  Error: returns need a photo of the damage   observation");
	await vscode.commands.executeCommand(item.command?.command ?? "", ...(item.command?.arguments ?? []));
	const editor = vscode.window.activeTextEditor;
	assert.match(editor?.document.lineAt(editor.selection.active.line).text ?? "", /^#8 {2}agent · return_item/);
});

test("a text that stands nowhere has no results", async () => {
	const { findResults } = await extensionApi();
	assert.deepEqual(await findResults.find("stands nowhere at all"), []);
});
