// "Judge..." against an endpoint that answers by a script: asked for first, with its cost; what it proves becomes evidence.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as vscode from "vscode";
import { answering } from "../dialogs.ts";
import { withSettings } from "../practiceDesk.ts";
import { test } from "../registry.ts";
import { extensionApi, openReadable, rolloutNamed } from "../support.ts";

const ID = "broken-lamp/3";

/** Blames the step that cancels, in every order. */
function answerTo(user: string): string {
	const letter = /Step ([A-Z]+):(?:(?!Step [A-Z]+:)[\s\S])*calls: cancel_order/.exec(user)?.[1] ?? "A";
	const finding = { step: letter, score: 9, why: "the order was delivered already", quote: "W-2210" };
	const letters = [...user.matchAll(/Step ([A-Z]+):/g)].map((match) => match[1] as string);
	const scores = Object.fromEntries(letters.map((other) => [other, other === letter ? 9 : 0]));
	return JSON.stringify({ findings: [finding], scores });
}

async function withJudge(body: (asked: () => number) => Promise<void>): Promise<void> {
	let asked = 0;
	const server = createServer(async (request, response) => {
		asked++;
		let sent = "";
		for await (const piece of request) sent += String(piece);
		const content = answerTo(JSON.parse(sent).messages[1].content);
		response.writeHead(200, { "content-type": "application/json" });
		response.end(JSON.stringify({ choices: [{ index: 0, message: { content }, finish_reason: "stop" }] }));
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
	const undo = await withSettings({ "judge.endpoint": endpoint, "judge.model": "scripted", "judge.orders": 2 });
	try {
		await body(() => asked);
	} finally {
		await undo();
		server.closeAllConnections();
		server.close();
	}
}

const judge = () => vscode.commands.executeCommand("trajectory.judge") as Promise<unknown>;

test("a judge is asked only after its cost was shown, and what it proves is evidence at its step", async () => {
	await withJudge(async (requests) => {
		const { library } = await extensionApi();
		const editor = await openReadable(ID);
		const refused = await answering(() => null, judge);
		assert.match(refused[0]?.detail ?? "", /scripted at http.*10 questions, about [\d,]+ tokens/s);
		assert.equal(requests(), 0);
		const asked = await answering(({ choices }) => choices[0] ?? null, judge);
		assert.equal(requests(), 10);
		const rollout = await library.rollout(await rolloutNamed(ID));
		const step = rollout?.steps.find(({ calls }) => calls.some(({ name }) => name === "cancel_order"))?.step;
		assert.equal(asked.at(-1)?.text, `${ID}: the judge takes #${step} for the first wrong step (90 %)`);
		const problems = vscode.languages
			.getDiagnostics(editor.document.uri)
			.map(({ code, message }) => `${code} ${message}`);
		assert.ok(
			problems.some((text) => /^judge .*the order was delivered already/.test(text)),
			problems.join("\n"),
		);
	});
});

test("without a configured judge nothing is asked, and the settings are named", async () => {
	await openReadable(ID);
	const asked = await answering(() => null, judge);
	assert.match(asked[0]?.text ?? "", /^Set trajectory\.judge\.endpoint/);
});
