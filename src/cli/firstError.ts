// `trajectory first-error PATH...`: the suggested first error of each rollout with its evidence.
import type { Command } from "commander";
import { suggestFirstError } from "../core/firstError/suggest.ts";
import { groupKey } from "../core/model/group.ts";
import type { Problem } from "../core/model/problem.ts";
import type { Rollout, RolloutSummary } from "../core/model/trajectory.ts";
import { listFiles, readFile } from "../io/openSource.ts";
import { exitCodeOf, printJson, printProblems } from "./output.ts";

export function registerFirstError(program: Command): void {
	program
		.command("first-error")
		.description("Suggest the first error of each rollout, with evidence.")
		.argument("<path...>", "files or folders")
		.option("--json", "print newline-delimited JSON")
		.action(async (paths: string[], options: { json?: boolean }) => {
			process.exitCode = await firstErrors(paths, options.json === true);
		});
}

interface Member {
	summary: RolloutSummary;
	rollout: Rollout;
}

async function firstErrors(paths: string[], json: boolean): Promise<number> {
	const problems: Problem[] = [];
	const members: Member[] = [];
	for (const file of await listFiles(paths, problems)) {
		const read = await readFile(file, true);
		problems.push(...read.problems);
		read.summaries.forEach((summary, index) => {
			const rollout = read.rollouts[index];
			if (rollout !== undefined) members.push({ summary, rollout });
		});
	}
	const groups = Map.groupBy(members, (member) => groupKey(member.summary));
	for (const member of members) {
		const siblings = (groups.get(groupKey(member.summary)) ?? []).filter((other) => other !== member);
		print(
			member,
			siblings.map((other) => other.rollout),
			json,
		);
	}
	printProblems(problems);
	return exitCodeOf(members.length, problems);
}

function print(member: Member, siblings: Rollout[], json: boolean): void {
	const { summary, rollout } = member;
	const suggestion = suggestFirstError(rollout, { siblings });
	const { target, step, index, probability, set, evidence } = suggestion;
	if (json) {
		printJson({
			file: summary.file,
			task: summary.task,
			rollout: summary.id,
			target,
			step,
			index,
			probability,
			set,
			evidence,
		});
		return;
	}
	if (evidence.length === 0) return;
	process.stdout.write(`${summary.id}  ${step === null ? "no first error suggested" : `first error #${step}`}\n`);
	for (const found of evidence) process.stdout.write(`    #${found.step}  ${found.text}\n`);
}
