// `trajectory list PATH...`: one line or one JSON object for each rollout.
import type { Command } from "commander";
import type { Problem } from "../core/model/problem.ts";
import type { RolloutSummary } from "../core/model/trajectory.ts";
import { listFiles, readFile } from "../io/openSource.ts";
import { exitCodeOf, printJson, printProblems } from "./output.ts";

export function registerList(program: Command): void {
	program
		.command("list")
		.description("List the rollouts in files and folders.")
		.argument("<path...>", "files or folders")
		.option("--json", "print newline-delimited JSON")
		.action(async (paths: string[], options: { json?: boolean }) => {
			process.exitCode = await list(paths, options.json === true);
		});
}

async function list(paths: string[], json: boolean): Promise<number> {
	const problems: Problem[] = [];
	let rollouts = 0;
	for (const file of await listFiles(paths, problems)) {
		const read = await readFile(file, false);
		problems.push(...read.problems);
		rollouts += read.summaries.length;
		for (const summary of read.summaries) (json ? printJson : printLine)(listed(summary));
	}
	printProblems(problems);
	return exitCodeOf(rollouts, problems);
}

interface Listed {
	file: string;
	format: string;
	run: string;
	task: string;
	rollout: string;
	parent: string | null;
	branchStep: number | null;
	steps: number;
	outcome: string;
	reward: number | null;
}

function listed(summary: RolloutSummary): Listed {
	const { file, format, run, task, id, parent, branchStep, steps, outcome, reward } = summary;
	return { file, format, run, task, rollout: id, parent, branchStep, steps, outcome, reward };
}

function printLine(value: unknown): void {
	const row = value as Listed;
	process.stdout.write(
		`${row.outcome.padEnd(8)} ${String(row.reward ?? "").padStart(6)} ${String(row.steps).padStart(5)} steps  ${row.rollout}\n`,
	);
}
