// `trajectory training PATH...`: tasks and tools over the training steps of a run, and signs of reward hacking.
import type { Command } from "commander";
import { type TrainingCourse, trainingCourse } from "../core/metrics/training.ts";
import { plain } from "../core/text/format.ts";
import { visible } from "../core/text/line.ts";
import { readMembers } from "./members.ts";
import { alignColumns, finish, printJson, printLine } from "./output.ts";

interface Flags {
	forbid: string[];
	json?: boolean;
}

export function registerTraining(program: Command): void {
	program
		.command("training")
		.description("Tasks and tools over training steps: learned, forgotten, never solved; signs of reward hacking.")
		.argument("<path...>", "files or folders of one training run")
		.option(
			"--forbid <tool[: text]>",
			"a call that no fair solution makes (repeatable)",
			(text: string, all: string[]) => [...all, text],
			[],
		)
		.option("--json", "print newline-delimited JSON")
		.action(async (paths: string[], flags: Flags) => {
			process.exitCode = await training(paths, flags);
		});
}

async function training(paths: string[], flags: Flags): Promise<number> {
	const { logs, members } = await readMembers(paths);
	const course = trainingCourse(members, { forbidden: flags.forbid });
	if (flags.json === true) for (const row of rowsOf(course)) printJson(row);
	else printCourse(course);
	return finish(logs, members.length);
}

interface CourseRow {
	kind: "summary" | "task" | "tool" | "sign";
	name: string;
	trend: string | null;
	/** By training step. */
	rates: { trainingStep: number; rate: number | null; count: number }[];
	errorRate: number | null;
	text: string | null;
	rollouts: { task: string; rollout: string; trainingStep: number | null }[];
}

function rowsOf({ trainingSteps, tasks, tools, signs }: TrainingCourse): CourseRow[] {
	const empty = { trend: null, rates: [], errorRate: null, text: null, rollouts: [] };
	const rates = (steps: TrainingCourse["tasks"][number]["steps"]) =>
		steps.map((step) => ({ ...step, rate: Number.isNaN(step.rate) ? null : step.rate }));
	const said =
		trainingSteps.length === 0 ? "the log names no training steps" : `${trainingSteps.length} training steps`;
	return [
		{ ...empty, kind: "summary", name: "training steps", text: said },
		...tasks.map(
			({ task, steps, trend }): CourseRow => ({ ...empty, kind: "task", name: task, trend, rates: rates(steps) }),
		),
		...tools.map(
			({ tool, steps, errorRate }): CourseRow => ({
				...empty,
				kind: "tool",
				name: tool,
				rates: rates(steps),
				errorRate,
			}),
		),
		...signs.map(({ kind, text, rollouts }): CourseRow => ({ ...empty, kind: "sign", name: kind, text, rollouts })),
	];
}

function printCourse(course: TrainingCourse): void {
	for (const row of rowsOf(course)) {
		if (row.kind === "summary") printLine(row.text ?? "");
		if (row.kind === "sign") printLine(`! ${row.name}: ${visible(row.text ?? "")}`);
	}
	const table = rowsOf(course).flatMap((row) => {
		if (row.kind !== "task" && row.kind !== "tool") return [];
		const rates = row.rates.map(({ rate }) => (rate === null ? "-" : plain(rate, 2)));
		const note = row.trend ?? `errors ${plain(row.errorRate ?? 0, 2)}`;
		return [[row.kind, visible(row.name), note, rates.join(" ")]];
	});
	for (const line of alignColumns(table)) printLine(line);
}
