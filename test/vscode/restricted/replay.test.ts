// In Restricted Mode nothing runs, whoever asks: no process starts and no socket opens. Watched where they would.
import assert from "node:assert/strict";
import childProcess from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import * as vscode from "vscode";
import { test } from "../registry.ts";
import { inWorkspace, rolloutNamed } from "../support.ts";

/** Everything of ours that can run something. */
const COMMANDS = [
	"replayCalls",
	"rerunFromStep",
	"rerunWithMessage",
	"rerunWithObservation",
	"rerunFailed",
	"rerunLast",
	"probe",
];

/** Does something and answers which processes were started and which sockets opened meanwhile by our own code. */
async function watched(action: () => Promise<void>): Promise<string[]> {
	const seen: string[] = [];
	const note = (what: string): void => {
		if (/extension\.cjs/.test(new Error().stack ?? "")) seen.push(what);
	};
	const spawn = childProcess.spawn;
	const connect = net.Socket.prototype.connect;
	childProcess.spawn = ((...given: Parameters<typeof spawn>) => {
		note(`spawn ${String(given[0])}`);
		return spawn(...given);
	}) as typeof spawn;
	net.Socket.prototype.connect = function (this: net.Socket, ...given: unknown[]) {
		note("connect");
		return Reflect.apply(connect, this, given) as net.Socket;
	} as typeof connect;
	try {
		await action();
	} finally {
		childProcess.spawn = spawn;
		net.Socket.prototype.connect = connect;
	}
	return seen;
}

test("in Restricted Mode no process starts and no socket opens, though the workspace names servers", async () => {
	const marker = inWorkspace("started");
	const program = `require("node:fs").writeFileSync(${JSON.stringify(marker)}, "")`;
	mkdirSync(inWorkspace(".vscode"), { recursive: true });
	writeFileSync(
		path.join(inWorkspace(".vscode"), "mcp.json"),
		JSON.stringify({ servers: { evil: { command: process.execPath, args: ["-e", program] } } }),
	);
	const summary = await rolloutNamed("broken-lamp/0");
	await vscode.commands.executeCommand("trajectory.openRollout", summary.key);
	const seen = await watched(async () => {
		for (const name of COMMANDS) {
			// a disabled command may be refused before it reaches us: that, too, runs nothing
			await vscode.commands.executeCommand(`trajectory.${name}`, { kind: "rollout", summary }).then(
				() => {},
				() => {},
			);
		}
	});
	assert.deepEqual(seen, []);
	await assert.rejects(async () => vscode.workspace.fs.stat(vscode.Uri.file(marker)));
});
