// Labelling by keyboard: ratings and their marks, undo, notes, modes, a reference path and its coverage, export.
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import * as vscode from "vscode";
import { test } from "../registry.ts";
import { explorerText, extensionApi, inWorkspace, openReadable, rolloutNamed, until } from "../support.ts";

let keysPressed = 0;

/** Runs what the manifest binds to the key in readable documents. */
async function press(key: string): Promise<void> {
	const extension = vscode.extensions.getExtension("trajectory-debugger.trajectory-debugger");
	const bound: { key: string; command: string }[] = extension?.packageJSON.contributes.keybindings ?? [];
	const command = bound.find((binding) => binding.key === key)?.command;
	assert.ok(command, `nothing is bound to ${key}`);
	keysPressed++;
	await vscode.commands.executeCommand(command);
}

function storeLines(): { change: { kind: string; rating?: number }; subject: { step: number }; saw: object }[] {
	const folder = inWorkspace(".trajectory", "labels");
	const name = `${vscode.workspace.getConfiguration("trajectory").get("labels.annotator")}.jsonl`;
	const lines = readFileSync(`${folder}/${name}`, "utf8").split("\n");
	return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
}

async function withStore(body: () => Promise<void>): Promise<void> {
	const { labels } = await extensionApi();
	const settings = vscode.workspace.getConfiguration("trajectory");
	await settings.update("labels.annotator", "annotator-1", vscode.ConfigurationTarget.Global);
	try {
		await body();
	} finally {
		labels.setMode({ blind: false, noHindsight: false });
		rmSync(inWorkspace(".trajectory"), { recursive: true, force: true });
		await labels.reload();
		await settings.update("labels.annotator", undefined, vscode.ConfigurationTarget.Global);
	}
}

/** Steps of the cursor's document whose heading has a mark with this text. */
async function markedLines(text: string): Promise<number[]> {
	const { inline } = await extensionApi();
	const uri = vscode.window.activeTextEditor?.document.uri;
	assert.ok(uri);
	return inline.shownIn(uri).flatMap((shown) => (shown.text.includes(text) ? [shown.line] : []));
}

test("twenty steps are rated with one key each, and each is saved and shown at its heading", async () => {
	await withStore(async () => {
		const { inline } = await extensionApi();
		let rated = 0;
		keysPressed = 0;
		let rollouts = 0;
		for (const id of [
			"broken-lamp/0",
			"broken-lamp/1",
			"broken-lamp/2",
			"broken-lamp/3",
			"broken-lamp/4",
			"broken-lamp/5",
		]) {
			const summary = await rolloutNamed(id);
			const { library } = await extensionApi();
			const own = (await library.rollout(summary))?.steps.filter(({ role }) => role === "agent").length ?? 0;
			await openReadable(id);
			rollouts++;
			await press("l");
			for (let step = 0; step < own && rated < 20; step++) {
				await press(["1", "-", "0"][rated % 3] as string);
				rated++;
			}
			if (rated === 20) break;
		}
		assert.equal(rated, 20);
		assert.equal(keysPressed - rollouts, 20);
		const saved = storeLines();
		assert.equal(saved.length, 20);
		assert.deepEqual(
			saved.slice(0, 3).map(({ change }) => change.rating),
			[1, -1, 0],
		);
		assert.equal(new Set(saved.map(({ subject }) => JSON.stringify(subject))).size, 20);
		await openReadable("broken-lamp/0");
		await until(
			() => {
				const uri = vscode.window.activeTextEditor?.document.uri;
				return uri !== undefined && inline.shownIn(uri).some(({ text }) => text.includes("● +1"));
			},
			[inline.onDidDecorate],
			"marks",
		);
		assert.equal((await markedLines("● −1")).length > 0, true);
	});
});

test("a rating given twice is taken away; undo and redo go through the labels", async () => {
	await withStore(async () => {
		const { labels, library } = await extensionApi();
		const rollout = await library.rollout(await rolloutNamed("broken-lamp/3"));
		assert.ok(rollout);
		const ratings = () =>
			labels.of(rollout).map(({ event }) => ("rating" in event.change ? event.change.rating : null));
		await openReadable("broken-lamp/3");
		await press("l");
		await press("-");
		assert.deepEqual(ratings(), [-1]);
		await press("u");
		assert.deepEqual(ratings(), []);
		await press("shift+u");
		assert.deepEqual(ratings(), [-1]);
		await press("-");
		assert.deepEqual(ratings(), []);
		await press("shift+f");
		assert.deepEqual(
			labels.of(rollout).map(({ event }) => event.change.kind),
			["firstError"],
		);
	});
});

test("notes of all annotators stand at the step; blind mode hides other people's", async () => {
	await withStore(async () => {
		const { comments, labels, inline } = await extensionApi();
		const editor = await openReadable("broken-lamp/3");
		await press("l");
		await vscode.commands.executeCommand("trajectory.addNote", "asks nothing");
		const file = inWorkspace(".trajectory", "labels", "annotator-1.jsonl");
		const other = readFileSync(file, "utf8")
			.replaceAll("annotator-1", "annotator-2")
			.replace(/"id":"[^"]+"/, '"id":"other"');
		writeFileSync(file.replace("annotator-1", "annotator-2"), other.replace(/"note":"[^"]+"/, '"note":"theirs"'));
		await labels.reload();
		const shown = () => comments.shownIn(editor.document.uri);
		await until(
			() => shown().length === 2,
			[labels.onDidChange, inline.onDidDecorate, comments.onDidShow],
			"two notes",
		);
		assert.match(shown().join(), /annotator-1: asks.{1,6}nothing/);
		await vscode.commands.executeCommand("trajectory.toggleBlind");
		await until(() => shown().length === 1, [comments.onDidShow], "own note only");
	});
});

test("without hindsight a rollout ends with the step to rate, and nobody sees how it came out", async () => {
	await withStore(async () => {
		const { inline } = await extensionApi();
		const editor = await openReadable("broken-lamp/3");
		const full = editor.document.lineCount;
		await vscode.commands.executeCommand("trajectory.toggleNoHindsight");
		await until(
			() => editor.document.lineCount < full,
			[vscode.workspace.onDidChangeTextDocument],
			"the beginning only",
		);
		assert.doesNotMatch(editor.document.lineAt(0).text, /failed|reward/);
		assert.deepEqual(inline.shownIn(editor.document.uri), []);
		const before = editor.document.lineCount;
		await press("l");
		await press("1");
		await until(() => editor.document.lineCount > before, [vscode.workspace.onDidChangeTextDocument], "one more step");
		assert.deepEqual(storeLines().at(-1)?.saw, {
			outcome: false,
			siblings: false,
			suggestion: false,
			laterSteps: false,
			otherLabels: true,
		});
		const rows = (await explorerText()).filter((line) => /broken-lamp\/3/.test(line));
		assert.doesNotMatch(rows.join(), /0\.0 |first error/);
	});
});

test("a reference path made of the successes is covered, and coverage follows when it is edited", async () => {
	await withStore(async () => {
		const { references } = await extensionApi();
		await openReadable("broken-lamp/0");
		await vscode.commands.executeCommand("trajectory.makeReferencePath", "successes");
		const summary = await rolloutNamed("broken-lamp/0");
		const share = () => references.coverage(summary)?.share;
		await until(() => share() === 1, [references.onDidChange], "full coverage");
		assert.match((await explorerText()).join("\n"), /broken-lamp\/0 .*covers 100 %/);
		const plan = await references.plan(summary);
		assert.ok(plan?.ways[0]);
		const never = { id: "never", title: "never", anyOf: [{ tool: "no_such_tool", arguments: {} }], after: [] };
		const steps = [...plan.ways[0].steps, never];
		assert.equal(await references.save(summary, { ...plan, ways: [{ ...plan.ways[0], steps }] }), null);
		const expected = (steps.length - 1) / steps.length;
		await until(() => share() === expected, [references.onDidChange], "less coverage");
	});
});

test("labels are exported as a data set", async () => {
	await withStore(async () => {
		await openReadable("broken-lamp/3");
		await press("l");
		await press("1");
		await press("-");
		const target = vscode.Uri.file(inWorkspace(".trajectory", "rows.jsonl"));
		await vscode.commands.executeCommand("trajectory.exportLabels", "prm-rows", target);
		const rows = readFileSync(target.fsPath, "utf8").trim().split("\n");
		assert.deepEqual(
			rows.map((row) => JSON.parse(row).rating),
			[1, -1],
		);
	});
});
