// Reports from the explorer's selection, and what settings change beside the steps.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { test } from "../registry.ts";
import { extensionApi, openReadable, rolloutNamed, until } from "../support.ts";

async function reportOn(command: string, id: string): Promise<vscode.TextDocument> {
	const summary = await rolloutNamed(id);
	const node = { kind: "rollout", id, summary, parent: null };
	await vscode.commands.executeCommand(command, node);
	const editor = vscode.window.activeTextEditor;
	assert.equal(editor?.document.languageId, "trajectory-report");
	return editor.document;
}

test("attribution of a rollout opens as a document whose step links lead to the steps", async () => {
	const document = await reportOn("trajectory.showAttribution", "broken-lamp/7");
	assert.match(document.lineAt(0).text, /^# Attribution of the outcome: rollout `broken-lamp\/7`$/);
	assert.match(document.getText(), /^\| +step \| First touch \| Last touch \| Linear \| Time decay \| +Shapley \|/m);
	const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>(
		"vscode.executeLinkProvider",
		document.uri,
		100,
	);
	const link = links.find(({ range }) => document.getText(range) === "#8");
	assert.ok(link?.target, "a link to step 8");
	assert.equal(link.target.scheme, "trajectory");
	const line = Number(/^L(\d+)$/.exec(link.target.fragment)?.[1]);
	const target = await vscode.workspace.openTextDocument(link.target.with({ fragment: "" }));
	assert.match(target.lineAt(line - 1).text, /^#8 {2}agent/);
});

test("metrics of a task open with their sources, and the outline names them", async () => {
	const document = await reportOn("trajectory.showMetrics", "broken-lamp/7");
	assert.match(document.lineAt(0).text, /^# Metrics: task `broken-lamp`$/);
	const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>(
		"vscode.executeDocumentSymbolProvider",
		document.uri,
	);
	assert.ok(symbols.some(({ name }) => name === "Success rate"));
	assert.match(document.getText(), /\| `rate` +\| 0\.375 \|/);
});

test("a report follows the estimator", async () => {
	const document = await reportOn("trajectory.showAdvantages", "broken-lamp/7");
	assert.match(document.getText(), /^\*\*GRPO \(sample std\)\*\*/m);
	const settings = vscode.workspace.getConfiguration("trajectory");
	await settings.update("advantages.estimator", "dr-grpo", vscode.ConfigurationTarget.Global);
	try {
		await until(
			() => document.getText().includes("**Dr. GRPO**"),
			[vscode.workspace.onDidChangeTextDocument],
			"the other estimator",
		);
	} finally {
		await settings.update("advantages.estimator", undefined, vscode.ConfigurationTarget.Global);
	}
});

test("beside the steps stands what the user chose, and steps above and below the baseline are marked in the ruler", async () => {
	const { inline } = await extensionApi();
	const settings = vscode.workspace.getConfiguration("trajectory");
	const { document } = await openReadable("broken-lamp/0");
	await settings.update("inline.show", ["advantage"], vscode.ConfigurationTarget.Global);
	await settings.update("advantages.estimator", "monte-carlo", vscode.ConfigurationTarget.Global);
	try {
		await until(
			() => inline.ruledIn(document.uri).positive.length + inline.ruledIn(document.uri).negative.length > 0,
			[inline.onDidDecorate],
			"marks in the ruler",
		);
		const { positive } = inline.ruledIn(document.uri);
		const above = inline.shownIn(document.uri).filter(({ text }) => /A \+/.test(text));
		assert.deepEqual(
			positive,
			above.map(({ line }) => line),
		);
		assert.ok(above.every(({ text }) => !/[▮▯|]/.test(text)));
	} finally {
		await settings.update("inline.show", undefined, vscode.ConfigurationTarget.Global);
		await settings.update("advantages.estimator", undefined, vscode.ConfigurationTarget.Global);
	}
});

test("the lens above a rollout names estimator, group and outcome; the hover shares the outcome out", async () => {
	const { inline } = await extensionApi();
	const { document } = await openReadable("broken-lamp/0");
	const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
		"vscode.executeCodeLensProvider",
		document.uri,
	);
	const titles = lenses.map(({ command }) => command?.title ?? "");
	assert.ok(titles.includes("GRPO (sample std) · 3 of 8 solved · solved, reward 1.0 · A +1.21"), titles.join("; "));
	const line = inline.shownIn(document.uri)[0]?.line ?? 0;
	const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
		"vscode.executeHoverProvider",
		document.uri,
		new vscode.Position(line, 2),
	);
	const text = hovers
		.flatMap((hover) => hover.contents.map((entry) => (entry as vscode.MarkdownString).value))
		.join("\n");
	assert.match(text.replaceAll("&nbsp;", " "), /first touch .*shapley .*apart by/);
});
