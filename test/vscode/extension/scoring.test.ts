// A reward model on this machine scores the rollouts of a task, and its scores stand at the steps.
import assert from "node:assert/strict";
import path from "node:path";
import * as vscode from "vscode";
import { root } from "../../support/paths.ts";
import { test } from "../registry.ts";
import { extensionApi, openReadable, until } from "../support.ts";

test("scoring a task shows P at every agent step, beside the advantage", async () => {
	const { inline, scores } = await extensionApi();
	const editor = await openReadable("broken-lamp/1");
	const settings = vscode.workspace.getConfiguration("trajectory");
	const model = path.join(root, "test/fixtures/models/process");
	await settings.update("scorer.model", model, vscode.ConfigurationTarget.Global);
	try {
		await vscode.commands.executeCommand("trajectory.scoreTask");
		const shown = await until(
			() => {
				const texts = inline.shownIn(editor.document.uri).filter(({ text }) => /\bP 0\.\d+/.test(text));
				return texts.length > 0 ? texts : null;
			},
			[inline.onDidDecorate, scores.onDidChange],
			"scores at the steps",
		);
		assert.ok(shown.length > 1);
	} finally {
		await settings.update("scorer.model", undefined, vscode.ConfigurationTarget.Global);
	}
});
