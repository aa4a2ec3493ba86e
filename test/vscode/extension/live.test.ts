// Logs that are being written: what is appended appears, a half-written line harms nothing, a deleted log is said to be.
import assert from "node:assert/strict";
import { appendFile, rm, writeFile } from "node:fs/promises";
import * as vscode from "vscode";
import { test } from "../registry.ts";
import { extensionApi, inWorkspace, openReadable, rolloutNamed, until } from "../support.ts";

function line(trial: number, ...said: string[]): string {
	const messages = [{ role: "user", content: "Count." }, ...said.map((content) => ({ role: "assistant", content }))];
	return JSON.stringify({ task_id: "live", trial, reward: trial % 2, messages });
}

test("a rollout that is appended to a log appears, and a half-written one is waited for", async () => {
	const { library } = await extensionApi();
	const file = inWorkspace("live.jsonl");
	await writeFile(file, `${line(0, "one")}\n`);
	await rolloutNamed("live/0");
	const next = line(1, "one", "two");
	await appendFile(file, next.slice(0, 40));
	await appendFile(file, `${next.slice(40)}\n`);
	await rolloutNamed("live/1");
	assert.deepEqual(library.problemsOf(file), []);
	assert.deepEqual(
		library.summariesOf(file).map(({ id, steps }) => [id, steps]),
		[
			["live/0", 2],
			["live/1", 3],
		],
	);
	await rm(file);
	await until(() => !library.has(file), [library.onDidChange], "the end of the log");
});

test("an open document follows its log, and keeps what it had when the log is deleted", async () => {
	const { library } = await extensionApi();
	const file = inWorkspace("following.jsonl");
	await writeFile(file, `${line(0, "one")}\n${line(1, "one")}\n`.replaceAll("live", "following"));
	await rolloutNamed("following/1");
	const { document } = await openReadable("following/0");
	const changed = vscode.workspace.onDidChangeTextDocument;
	await writeFile(file, `${line(0, "one", "two more")}\n${line(1, "one")}\n`.replaceAll("live", "following"));
	await until(() => document.getText().includes("two more"), [changed], "the new step");
	await rm(file);
	await until(() => !library.has(file), [library.onDidChange], "the end of the log");
	await until(() => document.getText().includes("The log of this rollout was deleted"), [changed], "the note");
	assert.match(document.getText(), /two more/);
});
