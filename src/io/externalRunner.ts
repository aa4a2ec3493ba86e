// The user's own agent as a runner: it is given the prefix in a file and writes a log that we read back.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fail, type Result, succeed } from "../core/model/problem.ts";
import { fillTemplate } from "../core/replay/commandTemplate.ts";
import { type ChatMessage, chatMessages, sentMessage } from "../core/rerun/chat.ts";
import { openPaths } from "./openPaths.ts";
import { runProgram } from "./runProgram.ts";

/** `${task}`, `${prefixFile}` and `${outputFile}` are filled in; no shell reads the parts. */
export interface ExternalRunner {
	command: string[];
	cwd: string | null;
	seconds: number;
}

const BYTES = 64 * 1024 * 1024;

/**
 * Runs the program once. The prefix file holds `{"task", "messages"}`; the output file may be in any format that is read.
 * @returns the whole conversation of the log's last rollout
 */
export async function runExternal(
	runner: ExternalRunner,
	task: string,
	messages: readonly ChatMessage[],
	signal: AbortSignal,
): Promise<Result<ChatMessage[], string>> {
	const folder = await mkdtemp(path.join(tmpdir(), "trajectory-runner-"));
	try {
		const [prefixFile, outputFile] = [path.join(folder, "prefix.json"), path.join(folder, "output.jsonl")];
		await writeFile(prefixFile, JSON.stringify({ task, messages: messages.map(sentMessage) }));
		const filled = fillTemplate(runner.command, { task, prefixFile, outputFile });
		if (!filled.ok) return filled;
		const end = await runProgram({
			command: filled.value,
			cwd: runner.cwd,
			input: "",
			milliseconds: runner.seconds * 1000,
			bytes: BYTES,
			signal,
		});
		if (end.kind === "failed") return fail(`the runner: ${end.reason}`);
		if (end.code !== 0) return fail(`the runner ended with ${end.code}: ${end.stderr.trim().slice(-300)}`);
		return await lastRollout(outputFile);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

async function lastRollout(file: string): Promise<Result<ChatMessage[], string>> {
	const logs = await openPaths([file]);
	const summary = logs.summaries.at(-1);
	const rollout = summary === undefined ? null : await logs.readRollout(summary);
	if (rollout === null) return fail(`the runner's log: ${logs.problems[0]?.reason ?? "no rollout in it"}`);
	return succeed(chatMessages(rollout.steps));
}
