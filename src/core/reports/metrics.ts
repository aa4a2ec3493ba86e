// Every metric of a task or a run with its formula, source and certainty; what cannot be computed says why, at the end.
import { metricContext } from "../metrics/context.ts";
import { type Metric, type MetricValue, runViews } from "../metrics/metric.ts";
import { METRICS } from "../metrics/registry.ts";
import { plain } from "../text/format.ts";
import { oneLine } from "../text/line.ts";
import { type Block, type Cell, heading, left, linkTo, list, quoted, right, table, text } from "./report.ts";
import type { ReportKind, Subject } from "./subject.ts";

/** Lines behind a metric's numbers that are shown. */
const MOST_DETAILS = 12;

function make({ attempts, name, settings }: Subject) {
	const runs = runViews(attempts);
	const context = metricContext(runs, settings.set, settings.reference);
	const keys = keysOf(attempts);
	const single = runs.length === 1 && runs[0]?.tasks.length === 1;
	const blocks: Block[] = [text(`${attempts.length} rollouts. Intervals are 95 %; n is what a number rests on.`)];
	const silent: Cell[][] = [];
	for (const metric of METRICS) {
		const values = runs.flatMap((run) => metric.compute(run, context));
		if (values.every(({ value }) => value === null)) silent.push([metric.title, reasonOf(values), metric.needs]);
		else blocks.push(...metricBlocks(metric, values, keys, single));
	}
	if (silent.length > 0) blocks.push(heading("Metrics that have no number here, and why"));
	blocks.push(...table([left("metric"), left("reason"), left("needs")], silent));
	return { title: `Metrics: ${name}`, blocks };
}

function keysOf(attempts: Subject["attempts"]): Map<string, string> {
	return new Map(attempts.map(({ summary }) => [JSON.stringify([summary.file, summary.id]), summary.key]));
}

function reasonOf(values: readonly MetricValue[]): string {
	return oneLine(values.find(({ reason }) => reason !== null)?.reason ?? "nothing to measure", 100);
}

function metricBlocks(
	metric: Metric,
	values: readonly MetricValue[],
	keys: ReadonlyMap<string, string>,
	single: boolean,
): Block[] {
	const source = `${metric.source.title} (${metric.source.reference}), ${metric.source.where}; certainty ${metric.grade}.`;
	const measured = values.filter(({ value }) => value !== null);
	const whole = measured.filter(({ scope }) => scope === (single ? "task" : "run"));
	return [
		heading(metric.title),
		list(metric.formulas.map((formula) => `\`${formula}\``)),
		text(`Source: ${source}${metric.choice === null ? "" : ` Choice: ${metric.choice}.`}`),
		...wholeTable(whole.length > 0 ? whole : measured.filter(({ scope }) => scope === "run")),
		...(single ? [] : partsTable(measured, "task", ({ task }) => quoted(task ?? "", 40))),
		...partsTable(measured, "rollout", (value) => rolloutCell(value, keys)),
		...details(values.filter(({ scope }) => scope !== "run")),
	];
}

function wholeTable(values: readonly MetricValue[]): Block[] {
	const remarked = values.some(({ detail }) => detail.length > 0);
	return table(
		[left("part"), right("value"), left("95 %"), right("n"), ...(remarked ? [left("remark")] : [])],
		values.map((value) => [
			quoted(value.part),
			plain(value.value as number, 4),
			interval(value),
			String(value.count ?? ""),
			value.detail.map((line) => quoted(line, 80)).join(", "),
		]),
	);
}

function interval({ low, high }: MetricValue): string {
	return low === null || high === null ? "" : `[${plain(low, 3)}, ${plain(high, 3)}]`;
}

function rolloutCell(value: MetricValue, keys: ReadonlyMap<string, string>): Cell {
	const key = keys.get(JSON.stringify([value.file, value.rollout]));
	const name = quoted(value.rollout ?? "", 40);
	return key === undefined ? name : linkTo(name, key, null);
}

/** Parts beyond these make a table too wide to read. */
const MOST_PARTS = 6;

/** One row for each task or rollout, one column for each part. */
function partsTable(
	values: readonly MetricValue[],
	scope: MetricValue["scope"],
	nameOf: (value: MetricValue) => Cell,
): Block[] {
	const own = values.filter((value) => value.scope === scope);
	const parts = [...new Set(own.map(({ part }) => part))].slice(0, MOST_PARTS);
	const rows = Map.groupBy(own, ({ run, task, rollout, file }) => JSON.stringify([run, task, rollout, file]));
	return table(
		[left(scope), ...parts.map((part) => right(quoted(part, 30)))],
		[...rows.values()].map((row): Cell[] => [
			nameOf(row[0] as MetricValue),
			...parts.map((part) => {
				const value = row.find((entry) => entry.part === part)?.value ?? null;
				return value === null ? "–" : plain(value, 4);
			}),
		]),
	);
}

function details(values: readonly MetricValue[]): Block[] {
	const lines = values.flatMap(({ rollout, task, detail }) =>
		detail.map((line) => {
			const whose = rollout ?? task;
			return whose === null ? quoted(line, 120) : `${quoted(whose, 40)}: ${quoted(line, 120)}`;
		}),
	);
	if (lines.length === 0) return [];
	const more = lines.length > MOST_DETAILS ? [`… and ${lines.length - MOST_DETAILS} more lines`] : [];
	return [list([...lines.slice(0, MOST_DETAILS), ...more])];
}

export const metricsReport: ReportKind = {
	id: "metrics",
	title: "Metrics",
	summary: "success, pass@k, coverage, validity, hazard of the first error and every other metric, with sources",
	about: "task",
	wider: true,
	make,
};
