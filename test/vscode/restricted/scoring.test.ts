// Restricted Mode: no model is loaded, whoever asks.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { test } from "../registry.ts";
import { extensionApi, rolloutNamed } from "../support.ts";

test("a workspace that is not trusted scores nothing, also where a command asks for it", async () => {
	const { scores } = await extensionApi();
	const summary = await rolloutNamed("broken-lamp/1");
	await vscode.commands.executeCommand("trajectory.openRollout", summary.key);
	await vscode.commands.executeCommand("trajectory.scoreTask");
	assert.equal(scores.get(summary.key), null);
});
