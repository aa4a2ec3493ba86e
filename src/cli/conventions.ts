// `trajectory conventions PATH...`: which convention the advantages stored in a log follow, group by group and over all.
import type { Command } from "commander";
import { type Batch, groupCount } from "../core/advantages/batch.ts";
import { batchOf } from "../core/advantages/batchOf.ts";
import { type Detection, detectConvention, detectGroupConvention } from "../core/advantages/detect.ts";
import { visible } from "../core/text/line.ts";
import { readMembers } from "./members.ts";
import { finish, printJson, printLine } from "./output.ts";

export function registerConventions(program: Command): void {
	program
		.command("conventions")
		.description("Which convention (estimator, std, epsilon) the advantages stored in a log follow.")
		.argument("<path...>", "files or folders")
		.option("--json", "print newline-delimited JSON")
		.action(async (paths: string[], flags: { json?: boolean }) => {
			process.exitCode = await conventions(paths, flags.json === true);
		});
}

async function conventions(paths: string[], json: boolean): Promise<number> {
	const { logs, members } = await readMembers(paths);
	const batch = batchOf(members);
	print(null, detectConvention(batch), json);
	for (let group = 0; group < groupCount(batch); group++) {
		print(taskOf(batch, group), detectGroupConvention(batch, group), json);
	}
	return finish(logs, members.length);
}

function taskOf(batch: Batch, group: number): string {
	return batch.members[batch.groupStart[group] as number]?.task ?? "";
}

/** @param task null for all groups together */
function print(task: string | null, detection: Detection, json: boolean): void {
	const { verdict, candidates, compared, text } = detection;
	if (!json) {
		printLine(`${task === null ? "all" : `task ${visible(task)}`}: ${text} (${compared} numbers)`);
		return;
	}
	const best = candidates[0];
	printJson({
		task,
		verdict,
		conventions: verdict === "unknown" ? [] : candidates.map((candidate) => candidate.estimator.id),
		settings: verdict === "found" ? (best?.set ?? {}) : {},
		difference: best?.difference ?? null,
		compared,
		text,
	});
}
