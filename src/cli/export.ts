// `trajectory export PATH... --to FORMAT`: rollouts in another format, one a line, on standard output.
import type { Command } from "commander";
import type { Exporter } from "../core/exports/exporter.ts";
import { EXPORTERS, exporterById } from "../core/exports/registry.ts";
import { openPaths } from "../io/openPaths.ts";
import { type ExitCode, finish, printLine } from "./output.ts";

export function registerExport(program: Command): void {
	program
		.command("export")
		.description("Write rollouts in another format, one a line.")
		.argument("<path...>", "files or folders")
		.requiredOption("--to <format>", `one of ${EXPORTERS.map((exporter) => exporter.id).join(", ")}`)
		.option("--rollout <id>", "only the rollouts with this id")
		.action(async (paths: string[], options: { to: string; rollout?: string }, command: Command) => {
			const exporter = exporterById(options.to);
			if (exporter === null) command.error(`error: no export format is called ${options.to}`, { exitCode: 2 });
			else process.exitCode = await exportRollouts(paths, exporter, options.rollout);
		});
}

async function exportRollouts(paths: string[], exporter: Exporter, id: string | undefined): Promise<ExitCode> {
	const logs = await openPaths(paths);
	const wanted = logs.summaries.filter((summary) => id === undefined || summary.id === id);
	for (const summary of wanted) {
		const rollout = await logs.readRollout(summary);
		if (rollout !== null) printLine(exporter.write(rollout));
	}
	if (wanted.length === 0 && logs.summaries.length > 0) process.stderr.write(`no rollout has the id ${id}\n`);
	return finish(logs, wanted.length);
}
