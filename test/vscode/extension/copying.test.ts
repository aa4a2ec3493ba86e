// What is copied out of a readable document.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { test } from "../registry.ts";
import { openReadable } from "../support.ts";

test("the step under the cursor is copied as Markdown, without what looks like a secret", async () => {
	const { document } = await openReadable("broken-lamp/3");
	const editor = await vscode.window.showTextDocument(document);
	const heading = document
		.getText()
		.split("\n")
		.findIndex((line) => line.startsWith("#5  agent · cancel_order"));
	editor.selection = new vscode.Selection(heading, 0, heading, 0);
	await vscode.commands.executeCommand("trajectory.copyStep");
	const copied = await vscode.env.clipboard.readText();
	assert.match(copied, /^### #5 agent · cancel_order\n\n> /);
	assert.match(copied, /call `cancel_order`:\n\n```json\n\{/);
});
