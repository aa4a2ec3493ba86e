// `trajectory advantages PATH...`: what each estimator says about each rollout or step, or why it says nothing.
import type { Command } from "commander";
import type { Batch } from "../core/advantages/batch.ts";
import { batchOf } from "../core/advantages/batchOf.ts";
import type { Estimator, EstimatorOptions } from "../core/advantages/estimator.ts";
import { withoutRollouts } from "../core/advantages/exclude.ts";
import { ESTIMATORS, estimatorById } from "../core/advantages/registry.ts";
import { type AdvantageRow, advantageRows, unusedRows } from "../core/advantages/report.ts";
import { validityOf } from "../core/metrics/validity.ts";
import { signed } from "../core/text/format.ts";
import type { Member } from "../io/openPaths.ts";
import { readMembers } from "./members.ts";
import { finish, printJson, printLine } from "./output.ts";
import { addSetting } from "./settings.ts";

interface Flags {
	estimator: string;
	set: Record<string, number | string>;
	force?: boolean;
	asTrainer?: boolean;
	validOnly?: boolean;
	json?: boolean;
}

export function registerAdvantages(program: Command): void {
	program
		.command("advantages")
		.description("Advantage of each rollout or step under an estimator, or the reason why there is none.")
		.argument("<path...>", "files or folders")
		.option("--estimator <name>", `one of ${ESTIMATORS.map((estimator) => estimator.id).join(", ")}, or all`, "grpo")
		.option("--set <name=value>", "set a parameter of the estimator (repeatable)", addSetting, {})
		.option("--force", "compute batch-level estimators although the batch is partial")
		.option("--as-trainer", "where there is no signal, print the number that trainers' code gives")
		.option("--valid-only", "leave out rollouts that failed for outside reasons or were cut off")
		.option("--json", "print newline-delimited JSON")
		.action(async (paths: string[], flags: Flags, command: Command) => {
			const estimators = chosen(flags.estimator);
			if (estimators === null) command.error(`error: no estimator is called ${flags.estimator}`, { exitCode: 2 });
			else process.exitCode = await advantages(paths, estimators, flags);
		});
}

function chosen(name: string): readonly Estimator[] | null {
	if (name === "all") return ESTIMATORS;
	const estimator = estimatorById(name);
	return estimator === null ? null : [estimator];
}

async function advantages(paths: string[], estimators: readonly Estimator[], flags: Flags): Promise<number> {
	const { logs, members } = await readMembers(paths);
	const whole = batchOf(members);
	const batch = flags.validOnly === true ? withoutRollouts(whole, invalidIn(whole, members)) : whole;
	const options: EstimatorOptions = {
		set: flags.set,
		force: flags.force === true,
		asTrainer: flags.asTrainer === true,
	};
	const print = flags.json === true ? printJson : printRow;
	for (const estimator of estimators) {
		for (const row of advantageRows(batch, estimator, options)) print(row);
		for (const row of unusedRows(members, estimator)) print(row);
	}
	return finish(logs, members.length);
}

/** [rollouts] 1 where the validity rules take a rollout out. */
function invalidIn(batch: Batch, members: readonly Member[]): Uint8Array {
	const invalid = new Set(
		members.flatMap((member) => (validityOf(member).kind === "valid" ? [] : [member.summary.key])),
	);
	return Uint8Array.from(batch.members, ({ key }) => (invalid.has(key) ? 1 : 0));
}

function printRow(row: AdvantageRow): void {
	const step = row.step === null ? "" : `#${row.step}`;
	const number = row.advantage === null ? "" : signed(row.advantage, 4);
	const line = `${number.padStart(9)}  ${row.rollout} ${step}  ${row.estimator}  ${row.reason ?? ""}`;
	printLine(line.trimEnd());
}
