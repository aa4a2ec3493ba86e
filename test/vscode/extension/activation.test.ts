// The extension is there, and it starts when something needs it and quickly.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { test } from "../registry.ts";

const id = "trajectory-debugger.trajectory-debugger";

test("the extension activates", async () => {
	const extension = vscode.extensions.getExtension(id);
	assert.ok(extension, `${id} is not installed`);
	await extension.activate();
	assert.equal(extension.isActive, true);
});

test("the manifest's commands and the running extension's are the same", async () => {
	const extension = vscode.extensions.getExtension(id);
	await extension?.activate();
	const contributed: { command: string }[] = extension?.packageJSON.contributes.commands ?? [];
	// VS Code itself makes these for every view.
	const ofViews =
		/^trajectory\.(?:explorer|findResults)\.(?:focus|open|toggleVisibility|removeView|resetViewLocation)$/;
	const registered = await vscode.commands.getCommands(true);
	const running = registered.filter((command) => command.startsWith("trajectory.") && !ofViews.test(command));
	const promised = contributed.map(({ command }) => command);
	assert.deepEqual(
		promised.filter((command) => !running.includes(command)),
		[],
		"in the manifest, but not registered",
	);
	assert.deepEqual(
		running.filter((command) => !promised.includes(command)),
		[],
		"registered, but not in the manifest",
	);
});
