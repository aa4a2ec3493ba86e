// `trajectory show PATH...`: the steps of one rollout or of all, as readable text or one JSON object for each step.
import type { Command } from "commander";
import { DEFAULT_RENDERING, renderDocument } from "../core/document/render.ts";
import type { Rollout, RolloutSummary, Step } from "../core/model/trajectory.ts";
import { type ExitCode, finish, printJson, printLine } from "./output.ts";
import { openLogs } from "./reading.ts";

export function registerShow(program: Command): void {
	program
		.command("show")
		.description("Show the steps of rollouts.")
		.argument("<path...>", "files or folders")
		.option("--rollout <id>", "only the rollouts with this id")
		.option("--json", "print newline-delimited JSON")
		.action(async (paths: string[], options: { rollout?: string; json?: boolean }) => {
			process.exitCode = await show(paths, options.rollout, options.json === true);
		});
}

async function show(paths: string[], id: string | undefined, json: boolean): Promise<ExitCode> {
	const logs = await openLogs(paths);
	const wanted = logs.summaries.filter((summary) => id === undefined || summary.id === id);
	for (const summary of wanted) {
		const rollout = await logs.readRollout(summary);
		if (rollout === null) continue;
		if (json) for (const step of rollout.steps) printJson(shown(summary, step));
		else printDocument(rollout);
	}
	if (wanted.length === 0 && logs.summaries.length > 0) process.stderr.write(`no rollout has the id ${id}\n`);
	return finish(logs, wanted.length);
}

function shown(summary: RolloutSummary, step: Step): object {
	const { origin, role, agent, text, reasoning, reward, advantage, value } = step;
	return {
		file: summary.file,
		rollout: summary.id,
		step: step.step,
		index: origin.index,
		role,
		agent,
		text,
		reasoning,
		calls: step.calls.map((call) => ({ id: call.id, name: call.name, arguments: call.arguments })),
		observations: step.observations.map(({ callId, text: observed, isError }) => ({ callId, text: observed, isError })),
		reward,
		advantage,
		value,
		line: origin.line,
		bytes: [origin.start, origin.end],
	};
}

function printDocument(rollout: Rollout): void {
	const parts = renderDocument(rollout, { ...DEFAULT_RENDERING, partLimit: Number.POSITIVE_INFINITY });
	for (const part of parts) printLine(part.text);
}
