// A run over its training steps: tasks learned, forgotten and never solved, tools, and signs of reward hacking.
import type { Attempt } from "../metrics/metric.ts";
import { type HackingSign, type StepRate, type TaskCourse, trainingCourse } from "../metrics/training.ts";
import { plain } from "../text/format.ts";
import { type Block, type Cell, heading, left, linkTo, list, quoted, right, table, text } from "./report.ts";
import type { ReportKind, Subject } from "./subject.ts";

const TRENDS: readonly TaskCourse["trend"][] = [
	"forgotten",
	"never solved",
	"learned",
	"mixed",
	"too short",
	"always solved",
];

function make({ attempts, name, settings }: Subject) {
	const title = `Course over training steps: ${name}`;
	const course = trainingCourse(attempts, { forbidden: settings.forbidden });
	if (course.trainingSteps.length === 0) return { title, blocks: [text("The log names no training steps.")] };
	const first = course.trainingSteps[0] as number;
	const last = course.trainingSteps.at(-1) as number;
	const tasks = [...course.tasks].sort((a, b) => TRENDS.indexOf(a.trend) - TRENDS.indexOf(b.trend));
	const blocks: Block[] = [
		text(
			`${course.trainingSteps.length} training steps, ${first} to ${last}. Success rates from early to late, ▁ none to █ all.`,
		),
		heading("Signs of reward hacking"),
		...signsOf(course.signs, attempts, settings.forbidden),
		heading("Tasks"),
		text(TRENDS.map((trend) => `${trend} ${tasks.filter((task) => task.trend === trend).length}`).join(", ")),
		...table(
			[left("task"), left("trend"), left("course"), right("first"), right("last")],
			tasks.map((task): Cell[] => [
				linkTo(quoted(task.task, 40), rolloutOf(attempts, task.task), null),
				task.trend,
				sparkline(task.steps),
				rate(task.steps[0]),
				rate(task.steps.at(-1)),
			]),
		),
		heading("Tools"),
		text("Success rate of the rollouts that used the tool, and how often its calls failed."),
		...table(
			[left("tool"), left("course"), right("first"), right("last"), right("calls"), right("failing calls")],
			course.tools.map((tool): Cell[] => [
				quoted(tool.tool, 40),
				sparkline(tool.steps),
				rate(tool.steps[0]),
				rate(tool.steps.at(-1)),
				String(tool.calls),
				`${plain(100 * tool.errorRate, 1)} %`,
			]),
		),
	];
	return { title, blocks };
}

function signsOf(signs: readonly HackingSign[], attempts: readonly Attempt[], forbidden: readonly string[]): Block[] {
	const watched =
		forbidden.length === 0
			? "No action is forbidden: name some in the setting `trajectory.metrics.forbidden`."
			: `Forbidden: ${forbidden.map((entry) => quoted(entry)).join(", ")}.`;
	if (signs.length === 0) return [text(`None found. ${watched}`)];
	const items = signs.flatMap(({ kind, text: said, rollouts }): Cell[] => [
		`**${kind}**: ${quoted(said, 160)}`,
		...rollouts.slice(0, 20).flatMap(({ task, rollout, trainingStep }): Cell[] => {
			const found = attempts.find(
				({ summary }) => summary.task === task && summary.id === rollout && summary.trainingStep === trainingStep,
			);
			return found === undefined ? [] : [linkTo(quoted(rollout), found.summary.key, null)];
		}),
	]);
	return [text(watched), list(items)];
}

function rolloutOf(attempts: readonly Attempt[], task: string): string {
	return attempts.find(({ summary }) => summary.task === task)?.summary.key ?? "";
}

const LEVELS = "▁▂▃▄▅▆▇█";
/** Characters of a course; longer ones are thinned out. */
const COURSE_LENGTH = 40;

/** A rate of 0.5 as a bar of half the height; a gap where no outcome is known. */
function sparkline(steps: readonly StepRate[]): string {
	const every = Math.ceil(steps.length / COURSE_LENGTH);
	return steps
		.filter((_, index) => index % every === 0)
		.map(({ rate: value }) => (Number.isNaN(value) ? " " : (LEVELS[Math.round(value * (LEVELS.length - 1))] ?? " ")))
		.join("");
}

function rate(step: StepRate | undefined): string {
	return step === undefined || Number.isNaN(step.rate) ? "–" : plain(step.rate, 2);
}

export const trainingReport: ReportKind = {
	id: "training",
	title: "Course over Training Steps",
	summary: "tasks learned, forgotten and never solved, tools, and signs of reward hacking",
	about: "run",
	wider: true,
	make,
};
