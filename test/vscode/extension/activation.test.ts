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

test("every command of the manifest can be run", async () => {
	await vscode.extensions.getExtension(id)?.activate();
	const contributed: { command: string }[] = vscode.extensions.getExtension(id)?.packageJSON.contributes.commands ?? [];
	const known = new Set(await vscode.commands.getCommands(true));
	assert.deepEqual(
		contributed.map(({ command }) => command).filter((command) => !known.has(command)),
		[],
	);
});
