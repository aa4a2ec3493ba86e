// A reward model on this machine scores rollouts by command, its scores stand where people look, and a crash of its
// process costs a message.
import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { root } from "../../support/paths.ts";
import { test } from "../registry.ts";
import { extensionApi, openReadable, until } from "../support.ts";

const fixture = (kind: string) => path.join(root, "test/fixtures/models", kind);

/** A copy of a model that nothing was ever scored with: the user's cache knows no scores of it. */
async function unknownModel(kind: string): Promise<string> {
	const folder = await mkdtemp(path.join(tmpdir(), "trajectory-model-"));
	await cp(fixture(kind), folder, { recursive: true });
	const file = path.join(folder, "scorer.json");
	const stated = JSON.parse(await readFile(file, "utf8"));
	await writeFile(file, JSON.stringify({ ...stated, title: folder }));
	return folder;
}

async function withModel(model: string, body: () => Promise<void>): Promise<void> {
	const settings = vscode.workspace.getConfiguration("trajectory");
	await settings.update("scorer.model", model, vscode.ConfigurationTarget.Global);
	try {
		await body();
	} finally {
		await settings.update("scorer.model", undefined, vscode.ConfigurationTarget.Global);
	}
}

test("scoring a task shows P at every agent step, beside the advantage", async () => {
	const { inline, scores } = await extensionApi();
	const editor = await openReadable("broken-lamp/1");
	await withModel(fixture("process"), async () => {
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
	});
});

test("with nothing set up, the model that comes along scores; GAE has its values", async () => {
	const { inline, scores } = await extensionApi();
	const editor = await openReadable("broken-lamp/1");
	const settings = vscode.workspace.getConfiguration("trajectory");
	await settings.update("advantages.estimator", "gae", vscode.ConfigurationTarget.Global);
	try {
		await vscode.commands.executeCommand("trajectory.scoreTask");
		await until(
			() => {
				const texts = inline.shownIn(editor.document.uri).map(({ text }) => text);
				return texts.some((text) => /A [+−-]?\d.*P 0\.\d+/.test(text)) ? texts : null;
			},
			[inline.onDidDecorate, scores.onDidChange],
			"an advantage from the model's values",
		);
	} finally {
		await settings.update("advantages.estimator", undefined, vscode.ConfigurationTarget.Global);
	}
});

test("a model process that is killed during work is started again, and every rollout of the source gets its score", async () => {
	const { library, scores, scoring } = await extensionApi();
	await openReadable("broken-lamp/1");
	const model = await unknownModel("language");
	await withModel(model, async () => {
		const work = vscode.commands.executeCommand("trajectory.scoreSource");
		const killed = await until(() => scoring.pid, [scores.onDidChange, scoring.onDidStart], "the model's process");
		process.kill(killed, "SIGKILL");
		await work;
		assert.notEqual(scoring.pid, killed);
		const file = library.allSummaries().find(({ id }) => id === "broken-lamp/1")?.file ?? "";
		const unscored = library
			.summariesOf(file)
			.filter(({ key }) => scores.get(key)?.rollout === null || !scores.get(key));
		assert.deepEqual(
			unscored.map(({ id }) => id),
			[],
		);
	});
	await rm(model, { recursive: true });
});

test("what the model would read can be seen before it is asked", async () => {
	await openReadable("broken-lamp/1");
	await withModel(fixture("process"), async () => {
		await vscode.commands.executeCommand("trajectory.previewPrompt");
		const text = vscode.window.activeTextEditor?.document.getText() ?? "";
		assert.match(text, /^(.*\n)?Task: /m);
		assert.match(text, /Call: .*<step>/s);
	});
	await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
});
