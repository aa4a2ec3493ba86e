// `trajectory first-error PATH...`: the suggested first error of each rollout with its evidence.
import type { Command } from "commander";
import { suggestFirstError } from "../core/firstError/suggest.ts";
import { groupKey } from "../core/model/group.ts";
import type { Rollout } from "../core/model/trajectory.ts";
import type { Member } from "../io/openPaths.ts";
import { finish, printJson, printLine } from "./output.ts";
import { openLogs } from "./reading.ts";

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

async function firstErrors(paths: string[], json: boolean): Promise<number> {
	const logs = await openLogs(paths);
	const members: Member[] = [];
	for await (const member of logs.readAll()) members.push(member);
	const groups = Map.groupBy(members, (member) => groupKey(member.summary));
	for (const member of members) {
		const siblings = (groups.get(groupKey(member.summary)) ?? []).filter((other) => other !== member);
		print(
			member,
			siblings.map((other) => other.rollout),
			json,
		);
	}
	return finish(logs, members.length);
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
	printLine(`${summary.id}  ${step === null ? "no first error suggested" : `first error #${step}`}`);
	for (const found of evidence) printLine(`    #${found.step}  ${found.text}`);
}
