// What the page's "First error" view asks of the editor: the ranking of a rollout, and verdicts that become labels.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import * as vscode from "vscode";
import { type PageEnd, withFakePage } from "../fakePage.ts";
import { withSettings } from "../practiceDesk.ts";
import { test } from "../registry.ts";
import { extensionApi, inWorkspace, openReadable, rolloutNamed } from "../support.ts";

const ID = "broken-lamp/5";

async function annotating(body: (page: PageEnd) => Promise<void>): Promise<void> {
	const { labels } = await extensionApi();
	const undo = await withSettings({ "labels.annotator": "annotator-1" });
	await openReadable(ID);
	try {
		await withFakePage(() => vscode.commands.executeCommand("trajectory.showTree"), body);
	} finally {
		rmSync(inWorkspace(".trajectory", "labels"), { recursive: true, force: true });
		await labels.reload();
		await undo();
	}
}

test("the page shows ranking and evidence of a rollout; what a person says there is a label and comes first", async () => {
	await annotating(async (page) => {
		const { labels, library } = await extensionApi();
		const summary = await rolloutNamed(ID);
		const opened = await page.ask("open", { merge: null });
		assert.ok(opened.ok && opened.value.abilities.includes("probe"));
		const { generation, rollouts } = opened.value;
		const rollout = rollouts.keys.indexOf(summary.key);
		const ask = async () => {
			const answer = await page.ask("firstError", { generation, rollout, target: "firstWrong" });
			assert.ok(answer.ok && answer.value !== null);
			return answer.value;
		};
		const before = await ask();
		assert.ok(before.shares.length > 2);
		assert.ok(before.evidence.some(({ links }) => links.length > 0));
		assert.deepEqual(before.said, []);
		const step = before.shares[1]?.step ?? -1;
		const wish = { rollout: summary.key, target: "firstWrong", verdict: "step" } as const;
		assert.ok((await page.ask("verdict", { ...wish, step })).ok);
		assert.deepEqual(
			(await ask()).said.map(({ who, step: at, own, person }) => ({ who, at, own, person })),
			[{ who: "annotator-1", at: step, own: true, person: true }],
		);
		const read = await library.rollout(summary);
		assert.ok(read !== null && labels.of(read).some(({ event }) => event.change.kind === "firstError"));
		assert.equal((await page.ask("verdict", { ...wish, step: 9999 })).ok, false);
	});
});
