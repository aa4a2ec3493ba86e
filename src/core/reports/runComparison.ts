// Two runs over the same tasks: differences with intervals, McNemar's test, tasks that changed.
import { seededRandom } from "../math/random.ts";
import { type ComparedTask, compareRuns, type RunComparison } from "../metrics/compareRuns.ts";
import { type Attempt, type RunView, runViews } from "../metrics/metric.ts";
import { plain, signed } from "../text/format.ts";
import { type Block, type Cell, heading, left, linkTo, list, quoted, right, table, text } from "./report.ts";
import type { ReportKind, Subject } from "./subject.ts";

const SEED = 1;
const CHANGES: readonly ComparedTask["change"][] = ["newly failing", "newly passing", "worse", "better"];

/** Everything that is compared counts as one run, however many the log holds. */
function viewOf(name: string, attempts: readonly Attempt[]): RunView {
	return { run: name, tasks: runViews(attempts).flatMap((run) => run.tasks) };
}

function make({ attempts, name, other }: Subject) {
	if (other === null) return { title: "Two runs compared", blocks: [text("Choose two runs.")] };
	const comparison = compareRuns(viewOf(name, attempts), viewOf(other.name, other.attempts), () => seededRandom(SEED));
	return {
		title: `${name} → ${other.name}`,
		blocks: [
			...measuresOf(comparison),
			...tasksOf(comparison, attempts, other.attempts),
			...unpaired("Tasks only in the first", comparison.onlyBefore),
			...unpaired("Tasks only in the second", comparison.onlyAfter),
		],
	};
}

function measuresOf({ measures, mcNemar, tasks }: RunComparison): Block[] {
	if (tasks.length === 0) return [text("The runs have no task in common.")];
	return [
		text(
			`${tasks.length} tasks in both. Means over tasks; the interval is 95 % over resampled tasks. McNemar: ${mcNemar.onlyBefore} newly failing, ${mcNemar.onlyAfter} newly passing, p = ${plain(mcNemar.p, 4)}.`,
		),
		...table(
			[left("measure"), right("before"), right("after"), right("difference"), left("95 %"), right("tasks")],
			measures.map(({ measure, before, after, difference, interval, tasks: count }) => [
				measure,
				plain(before, 4),
				plain(after, 4),
				signed(difference, 4),
				interval === null ? "" : `[${signed(interval.low, 4)}, ${signed(interval.high, 4)}]`,
				String(count),
			]),
		),
	];
}

function tasksOf({ tasks }: RunComparison, before: readonly Attempt[], after: readonly Attempt[]): Block[] {
	const firsts = [before, after].map((attempts) => {
		const found = new Map<string, string>();
		for (const { summary } of attempts) if (!found.has(summary.task)) found.set(summary.task, summary.key);
		return found;
	}) as [Map<string, string>, Map<string, string>];
	const rate = (value: number | null, key: string | undefined): Cell =>
		value === null ? "–" : key === undefined ? plain(value, 2) : linkTo(plain(value, 2), key, null);
	return CHANGES.flatMap((change) => {
		const own = tasks.filter((task) => task.change === change);
		if (own.length === 0) return [];
		return [
			heading(`${change.charAt(0).toUpperCase()}${change.slice(1)} (${own.length})`),
			...table(
				[left("task"), right("before"), right("after")],
				own.map(({ task, before: one, after: two }): Cell[] => [
					quoted(task),
					rate(one, firsts[0].get(task)),
					rate(two, firsts[1].get(task)),
				]),
			),
		];
	});
}

function unpaired(title: string, tasks: readonly string[]): Block[] {
	return tasks.length === 0
		? []
		: [heading(`${title} (${tasks.length}), not compared`), list(tasks.slice(0, 50).map((task) => quoted(task)))];
}

export const runComparisonReport: ReportKind = {
	id: "run-comparison",
	title: "Two Runs Compared",
	summary: "paired by task: differences with intervals, McNemar's test, newly failing and newly passing tasks",
	about: "two runs",
	wider: false,
	make,
};
