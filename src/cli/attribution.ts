// `trajectory attribution PATH...`: the outcome of each rollout spread over its steps in several ways, and the effect of
// each tool among the rollouts of a task.
import type { Command } from "commander";
import { actionEffects } from "../core/attribution/actionEffect.ts";
import { attributionTable } from "../core/attribution/views.ts";
import { seededRandom } from "../core/math/random.ts";
import { type RunView, runViews, type TaskView } from "../core/metrics/metric.ts";
import { plain, signed } from "../core/text/format.ts";
import { visible } from "../core/text/line.ts";
import { readMembers } from "./members.ts";
import { finish, printJson, printLine } from "./output.ts";
import { wholeNumber } from "./settings.ts";

interface Flags {
	rollout?: string;
	permutations: number;
	seed: number;
	json?: boolean;
}

export function registerAttribution(program: Command): void {
	program
		.command("attribution")
		.description("Spread each rollout's outcome over its steps in several ways; effects of tools within each task.")
		.argument("<path...>", "files or folders")
		.option("--rollout <id>", "only this rollout")
		.option("--permutations <number>", "sampled orders for Shapley values", wholeNumber, 200)
		.option("--seed <number>", "seed of the sampling", wholeNumber, 1)
		.option("--json", "print newline-delimited JSON")
		.action(async (paths: string[], flags: Flags) => {
			process.exitCode = await attribution(paths, flags);
		});
}

async function attribution(paths: string[], flags: Flags): Promise<number> {
	const { logs, members } = await readMembers(paths);
	for (const run of runViews(members)) for (const task of run.tasks) printTask(run, task, flags);
	return finish(logs, members.length);
}

function printTask(run: RunView, task: TaskView, flags: Flags): void {
	const group = task.attempts.map(({ summary, rollout }) => ({ rollout, reward: summary.reward }));
	for (const { summary, rollout } of task.attempts) {
		if (flags.rollout !== undefined && summary.id !== flags.rollout) continue;
		const random = seededRandom(flags.seed);
		const table = attributionTable(rollout, { group, random, permutations: flags.permutations, halfLife: 3 });
		if (flags.json === true) printTableJson(run.run, summary.id, task.task, table);
		else printTable(summary.id, table);
	}
	for (const effect of actionEffects(
		task.attempts.map(({ rollout }) => rollout),
		seededRandom(flags.seed),
	)) {
		if (flags.json === true)
			printJson({ ...EMPTY, kind: "effect", run: run.run, task: task.task, ...effectFields(effect) });
		else printEffect(task.task, effect);
	}
}

const EMPTY = {
	rollout: null,
	step: null,
	shares: null,
	errors: null,
	disagreement: null,
	action: null,
	difference: null,
	low: null,
	high: null,
	weighted: null,
	weightedLow: null,
	weightedHigh: null,
	overlap: null,
	reason: null,
};

type Table = ReturnType<typeof attributionTable>;
type Effect = ReturnType<typeof actionEffects>[number];

function printTableJson(run: string, rollout: string, task: string, table: Table): void {
	const row = { ...EMPTY, kind: "step", run, task, rollout };
	if (table === null) printJson({ ...row, reason: "no reward, or no step of the agent" });
	table?.steps.forEach((step, index) => {
		const of = (read: (attribution: NonNullable<Table>["views"][number]["attribution"]) => number | undefined) =>
			Object.fromEntries(table.views.map(({ view, attribution }) => [view.id, read(attribution) ?? null]));
		const errors = of(({ errors: sampled }) => sampled?.[index]);
		const shares = of((attribution) => attribution.shares[index]);
		printJson({ ...row, step, shares, errors, disagreement: table.disagreement[index] });
	});
}

function effectFields(effect: Effect) {
	const { action, difference, interval, weighted, weightedInterval, overlap, reason } = effect;
	return {
		action,
		difference,
		low: interval?.low ?? null,
		high: interval?.high ?? null,
		weighted,
		weightedLow: weightedInterval?.low ?? null,
		weightedHigh: weightedInterval?.high ?? null,
		overlap,
		reason,
	};
}

function printTable(rollout: string, table: Table): void {
	if (table === null) {
		printLine(`${visible(rollout)}: no reward, or no step of the agent`);
		return;
	}
	printLine(`${visible(rollout)}: ${signed(table.outcome, 3)} to spread`);
	table.steps.forEach((step, index) => {
		const shares = table.views.map(
			({ view, attribution }) => `${view.id} ${signed(attribution.shares[index] as number, 3)}`,
		);
		printLine(`  #${step}  ${shares.join("  ")}  apart by ${plain(table.disagreement[index] as number, 3)}`);
	});
}

function printEffect(task: string, effect: Effect): void {
	const { action, difference, interval, weighted, overlap, reason } = effect;
	const shown = difference === null ? "no comparison" : signed(difference, 3);
	const bounds = interval === null || difference === null ? "" : ` [${signed(interval.low)}, ${signed(interval.high)}]`;
	const balanced = weighted === null ? reason : `weighted ${signed(weighted, 3)} over ${overlap}`;
	printLine(`task ${visible(task)}: success with minus without ${visible(action)} ${shown}${bounds}; ${balanced}`);
}
