// `trajectory replay` where nobody can be asked: only what was named beforehand runs.
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { findTask } from "../../../examples/practice/src/world/taskList.ts";
import { runCli } from "../../support/cli.ts";
import { folderWith } from "../../support/folder.ts";
import { root } from "../../support/paths.ts";
import { practiceLog } from "../../support/practiceLog.ts";

interface Line {
	kind: "call" | "report";
	tool: string;
	outcome: string;
	effect: string;
	consent: string;
	verdict: string;
	[other: string]: unknown;
}

const practice = {
	command: process.execPath,
	args: [path.join(root, "examples/practice/src/cli.ts"), "serve", "--stdio"],
};

async function desk(): Promise<string> {
	return folderWith({
		"run.jsonl": practiceLog({}, [findTask("desk-01")!]),
		".mcp.json": JSON.stringify({ mcpServers: { desk: practice } }),
	});
}

function replay(folder: string, ...flags: string[]): { code: number | null; lines: Line[]; stderr: string } {
	const run = runCli(["replay", "run.jsonl", "--json", "--backend", "desk", ...flags], folder);
	return { code: run.code, lines: run.json() as Line[], stderr: run.stderr };
}

test("a dry run lists every call with its class, and makes none", async () => {
	const { code, lines } = replay(await desk(), "--dry-run");
	expect(code).toBe(0);
	expect(lines[0]).toMatchObject({ tool: "world_reset", effect: "irreversible", consent: "call" });
	expect(lines.every(({ outcome }) => outcome === "planned")).toBe(true);
	expect(lines.find(({ effect }) => effect === "read")).toMatchObject({ consent: "reads" });
});

test("without a terminal nothing runs unless it was named", async () => {
	const folder = await desk();
	expect(replay(folder).lines).toMatchObject([{ kind: "report", calls: 0, stopped: "world_reset was not agreed to" }]);
	const { lines, code } = replay(folder, "--yes-reads", "--allow", "world_reset");
	const calls = lines.filter(({ kind }) => kind === "call");
	for (const { effect, outcome } of calls) expect(outcome).toBe(effect === "read" ? "replayed" : "skipped");
	expect(new Set(calls.map(({ outcome }) => outcome)).size).toBe(2);
	expect(code).toBe(1);
});

test("what was named runs and comes out as recorded", async () => {
	const { lines, code } = replay(await desk(), "--allow", "*");
	expect(lines.at(-1)).toMatchObject({ kind: "report", reproducible: 1, different: 0, stopped: null });
	expect(code).toBe(0);
});

test("a command template runs with hostile arguments as they are, in the folder that was chosen", async () => {
	const text = `"; touch never; $(touch never) \`touch never\`\n'`;
	const call = { id: "c", type: "function", function: { name: "note", arguments: JSON.stringify({ text }) } };
	const messages = [
		{ role: "user", content: "note it" },
		{ role: "assistant", content: null, tool_calls: [call] },
		{ role: "tool", tool_call_id: "c", content: text },
	];
	const print = [
		process.execPath,
		"-e",
		"process.stdout.write(process.argv[1]); require('fs').writeFileSync('seen', '')",
		"--",
		"${text}",
	];
	const tools = { note: { command: print, cwd: "${workspaceFolder}" } };
	const folder = await folderWith({
		"run.jsonl": JSON.stringify({ task_id: "t", messages }),
		".vscode/settings.json": JSON.stringify({ "trajectory.replay.backends": { desk: { type: "command", tools } } }),
	});
	expect(replay(folder, "--yes-reads").lines[0]).toMatchObject({ outcome: "skipped", effect: "unknown" });
	expect(() => readFileSync(path.join(folder, "seen"))).toThrow();
	expect(replay(folder, "--allow", "note").lines[0]).toMatchObject({ verdict: "equal" });
	expect(readFileSync(path.join(folder, "seen"), "utf8")).toBe("");
	expect(() => readFileSync(path.join(folder, "never"))).toThrow();
});

test("a backend that nobody knows is wrong use; one that does not start is told", async () => {
	const folder = await desk();
	expect(runCli(["replay", "run.jsonl", "--backend", "other"], folder)).toMatchObject({ code: 2 });
	const run = runCli(["replay", "run.jsonl", "--backend", "http://127.0.0.1:1/mcp"], folder);
	expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining("http://127.0.0.1:1/mcp: ") });
});
