// Own formats: a log that no format knows is guessed when it is opened by name, and read by its mapping once that is set.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { RolloutSummary } from "../../../src/core/model/trajectory.ts";
import type { Library } from "../../../src/host/library.ts";
import { test } from "../registry.ts";
import { extensionApi, until } from "../support.ts";

const log = {
	runs: [
		{
			run: "r1",
			goal: "Find loan 12",
			score: 1,
			turns: [
				{ who: "customer", says: "It is lost." },
				{ who: "bot", says: "It is on the shelf." },
			],
		},
	],
};
const mapping = {
	rollouts: "/runs",
	steps: "/turns",
	rollout: { id: "/run", prompt: "/goal", reward: "/score" },
	step: { role: "/who", text: "/says" },
	roles: { customer: "user", bot: "agent" },
};

const summariesOf = (library: Library, file: string): RolloutSummary[] =>
	library.allSummaries().filter((summary) => summary.file === file);

test("a log of an unknown format is guessed, and read by the user's own mapping once it is in the settings", async () => {
	const { library } = await extensionApi();
	const folder = await mkdtemp(join(tmpdir(), "trajectory-own-format-"));
	const file = join(folder, "desk.json");
	const settings = vscode.workspace.getConfiguration("trajectory");
	try {
		await writeFile(file, JSON.stringify(log));
		await library.open([file]);
		assert.equal(summariesOf(library, file).length, 1);
		assert.match(
			library
				.problemsOf(file)
				.map(({ reason }) => reason)
				.join("\n"),
			/guess/,
		);

		await settings.update("formats.custom", { desk: mapping }, vscode.ConfigurationTarget.Global);
		const [read] = await until(
			() => {
				const found = summariesOf(library, file);
				return found[0]?.id === "r1" && library.problemsOf(file).length === 0 && found;
			},
			[library.onDidChange],
			"the log read by its mapping",
		);
		assert.equal(read?.reward, 1);
		assert.equal(read?.steps, 3);
	} finally {
		await settings.update("formats.custom", undefined, vscode.ConfigurationTarget.Global);
		await rm(folder, { recursive: true });
		await library.refreshAll();
	}
});
