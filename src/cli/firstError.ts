// `trajectory first-error PATH...`: the suggested first error of each rollout with its evidence.
import { type Command, Option } from "commander";
import { type FirstErrorTarget, TARGETS } from "../core/firstError/ranking/weights.ts";
import { type Suggestion, suggestFirstErrors } from "../core/firstError/suggest.ts";
import { groupKey } from "../core/model/group.ts";
import type { Member } from "../io/openPaths.ts";
import { finish, printJson, printLine } from "./output.ts";
import { openLogs } from "./reading.ts";

export function registerFirstError(program: Command): void {
	program
		.command("first-error")
		.description("Suggest the first error of each rollout, with evidence.")
		.argument("<path...>", "files or folders")
		.addOption(new Option("--target <target>", "which meaning of first error").choices(TARGETS).default("firstWrong"))
		.option("--json", "print newline-delimited JSON")
		.action(async (paths: string[], options: { target: FirstErrorTarget; json?: boolean }) => {
			process.exitCode = await firstErrors(paths, options.target, options.json === true);
		});
}

async function firstErrors(paths: string[], target: FirstErrorTarget, json: boolean): Promise<number> {
	const logs = await openLogs(paths);
	const members: Member[] = [];
	for await (const member of logs.readAll()) members.push(member);
	const suggestions = new Map<Member, Suggestion>();
	for (const group of Map.groupBy(members, (member) => groupKey(member.summary)).values()) {
		const found = suggestFirstErrors(
			group.map((member) => member.rollout),
			{ target },
		);
		for (const [index, member] of group.entries()) suggestions.set(member, found[index] as Suggestion);
	}
	for (const member of members) {
		if (json) printObject(member, suggestions.get(member) as Suggestion);
		else print(member, suggestions.get(member) as Suggestion);
	}
	return finish(logs, members.length);
}

/** How many ranked steps are printed; the rest is in the page and in the core's answer. */
const RANKED = 5;

function printObject({ summary }: Member, suggestion: Suggestion): void {
	const { target, step, index, probability, set, setAdmitsNone, ranked, none, basis, evidence, verdicts } = suggestion;
	printJson({
		file: summary.file,
		task: summary.task,
		rollout: summary.id,
		target,
		step,
		index,
		probability,
		set,
		setAdmitsNone,
		ranked: ranked.slice(0, RANKED),
		none,
		basis,
		evidence,
		verdicts,
	});
}

function print({ summary }: Member, { step, evidence }: Suggestion): void {
	if (evidence.length === 0) return;
	printLine(`${summary.id}  ${step === null ? "no first error suggested" : `first error #${step}`}`);
	for (const found of evidence)
		printLine(`    ${found.step === null ? "against an error" : `#${found.step}`}  ${found.text}`);
}
