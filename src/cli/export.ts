// `trajectory export PATH... --to FORMAT`: rollouts in another format, or data sets made of their labels.
import type { Command } from "commander";
import type { Exporter } from "../core/exports/exporter.ts";
import { redact } from "../core/exports/redaction.ts";
import { DATASET_EXPORTERS, datasetExporterById, EXPORTERS, exporterById } from "../core/exports/registry.ts";
import { exportDataset } from "./exportDataset.ts";
import { type ExportFlags, rulesOf } from "./exportFlags.ts";
import { LABELS_OPTION } from "./labelStore.ts";
import { type ExitCode, finish, printLine } from "./output.ts";
import { openLogs } from "./reading.ts";

export function registerExport(program: Command): void {
	const formats = [...EXPORTERS, ...DATASET_EXPORTERS].map((exporter) => exporter.id);
	program
		.command("export")
		.description("Write rollouts in another format, or a data set made of their labels, one record a line.")
		.argument("<path...>", "files or folders")
		.requiredOption("--to <format>", `one of ${formats.join(", ")}`)
		.option("--rollout <id>", "only the rollouts with this id")
		.option(...LABELS_OPTION)
		.option("--prefixes", "supervised data: take failed rollouts too, up to their first error")
		.option("--propagate", "unmarked steps after a wrong one are wrong until one is right")
		.option("--redact", "take secrets, e-mail addresses and home folders out")
		.option("--redact-rules <file>", "JSON list of {name, pattern, replacement} to take out besides")
		.option("--preview", "write nothing: say what would be taken out, with examples")
		.option("--out <folder>", "write a file for each part and a data card here instead of to standard output")
		.option("--split <parts>", "split by task, as in train=0.8,test=0.2 (with --out)")
		.option("--seed <text>", "seed of the split", "0")
		.action(async (paths: string[], flags: ExportFlags, command: Command) => {
			const refuse = (reason: string): never => command.error(`error: ${reason}`, { exitCode: 2 });
			const plain = exporterById(flags.to);
			const dataset = datasetExporterById(flags.to);
			if (plain !== null) process.exitCode = await exportRollouts(paths, plain, flags, refuse);
			else if (dataset !== null) process.exitCode = await exportDataset(paths, dataset, flags, refuse);
			else refuse(`no export format is called ${flags.to}`);
		});
}

async function exportRollouts(
	paths: string[],
	exporter: Exporter,
	flags: ExportFlags,
	refuse: (reason: string) => never,
): Promise<ExitCode> {
	if (flags.out !== undefined || flags.split !== undefined || flags.preview === true)
		refuse(`--out, --split and --preview are for data sets, not for ${exporter.id}`);
	const rules = await rulesOf(flags, refuse);
	const logs = await openLogs(paths);
	const wanted = logs.summaries.filter((summary) => flags.rollout === undefined || summary.id === flags.rollout);
	for (const summary of wanted) {
		const rollout = await logs.readRollout(summary);
		if (rollout === null) continue;
		const line = exporter.write(rollout);
		printLine(rules.length === 0 ? line : JSON.stringify(redact(JSON.parse(line), rules).value));
	}
	if (wanted.length === 0 && logs.summaries.length > 0)
		process.stderr.write(`no rollout has the id ${flags.rollout}\n`);
	return finish(logs, wanted.length);
}
