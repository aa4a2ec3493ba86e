// Screenshots of a rollout are shown in order, with the action drawn on them.
import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import * as vscode from "vscode";
import { test } from "../registry.ts";
import { extensionApi, inWorkspace, openReadable, rolloutNamed, until } from "../support.ts";

const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

test("a rollout with screenshots opens as a film-strip, one without says so", async () => {
	const { library } = await extensionApi();
	const file = inWorkspace("screens.jsonl");
	const image = { type: "image_url", image_url: { url: `data:image/png;base64,${pixel}` } };
	const click = { id: "c1", type: "function", function: { name: "click", arguments: '{"coordinate":[0,0]}' } };
	const messages = [
		{ role: "user", content: [{ type: "text", text: "Open the menu." }, image] },
		{ role: "assistant", content: null, tool_calls: [click] },
	];
	const lines = [0, 1].map((trial) => JSON.stringify({ task_id: "screens", trial, reward: trial, messages }));
	await writeFile(file, `${lines.join("\n")}\n`);
	try {
		await rolloutNamed("screens/1");
		await openReadable("screens/0");
		await vscode.commands.executeCommand("trajectory.showFilmStrip");
		const shown = () =>
			vscode.window.tabGroups.all.flatMap((group) => group.tabs).find((tab) => tab.label === "Screenshots screens/0");
		assert.ok(await until(shown, [vscode.window.tabGroups.onDidChangeTabs], "the film-strip"));
	} finally {
		await rm(file);
		await until(() => !library.has(file), [library.onDidChange], "the end of the log");
	}
});
