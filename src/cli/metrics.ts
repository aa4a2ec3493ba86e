// `trajectory metrics PATH...`: every metric for each rollout, task and run, or the reason why there is none.
import { type Command, Option } from "commander";
import { annotate } from "../core/labels/annotate.ts";
import { metricContext } from "../core/metrics/context.ts";
import { type Attempt, type Metric, type MetricContext, type MetricValue, runViews } from "../core/metrics/metric.ts";
import { METRICS, metricById } from "../core/metrics/registry.ts";
import { plain } from "../core/text/format.ts";
import { visible } from "../core/text/line.ts";
import { type CountedFlags, countedBy, EXCLUDE_OPTION, VALID_ONLY_OPTION } from "./counted.ts";
import { LABELS_OPTION, openStore } from "./labelStore.ts";
import { readMembers } from "./members.ts";
import { alignColumns, finish, printJson, printLine } from "./output.ts";
import { addSetting } from "./settings.ts";

const SCOPES = ["rollout", "task", "run", "all"];
type Scope = MetricValue["scope"] | "all";

interface Flags extends CountedFlags {
	metric: string;
	scope?: Scope;
	set: MetricContext["set"];
	labels?: string;
	json?: boolean;
}

export function registerMetrics(program: Command): void {
	program
		.command("metrics")
		.description("Metrics of each rollout, task and run, with intervals, sources and reasons.")
		.argument("<path...>", "files or folders")
		.option("--metric <name>", `one of ${METRICS.map((metric) => metric.id).join(", ")}, or all`, "all")
		.addOption(new Option("--scope <scope>", "what to print (by default all with --json, else run)").choices(SCOPES))
		.option("--set <metric.name=value>", "set a parameter of a metric (repeatable)", addSetting, {})
		.option(...VALID_ONLY_OPTION)
		.option(...EXCLUDE_OPTION)
		.option(...LABELS_OPTION)
		.option("--json", "print newline-delimited JSON")
		.action(async (paths: string[], flags: Flags, command: Command) => {
			const chosen = chosenMetrics(flags.metric);
			if (chosen === null) command.error(`error: no metric is called ${flags.metric}`, { exitCode: 2 });
			else process.exitCode = await metrics(paths, chosen, flags);
		});
}

function chosenMetrics(name: string): readonly Metric[] | null {
	if (name === "all") return METRICS;
	const metric = metricById(name);
	return metric === null ? null : [metric];
}

async function metrics(paths: string[], chosen: readonly Metric[], flags: Flags): Promise<number> {
	const counted = countedBy(flags);
	if (counted === null) return 2;
	const { logs, members } = await readMembers(paths);
	const { book, plans } = await openStore(paths, flags.labels);
	const labelled = members.map(({ summary, rollout }) => ({ summary, rollout: annotate(rollout, book).rollout }));
	const attempts: Attempt[] = labelled.filter(counted);
	const runs = runViews(attempts);
	const context = metricContext(runs, flags.set, (task) => plans.get(task) ?? null);
	const scope = flags.scope ?? (flags.json === true ? "all" : "run");
	for (const run of runs) {
		for (const metric of chosen) {
			const values = metric.compute(run, context).filter((value) => scope === "all" || value.scope === scope);
			if (flags.json === true) for (const value of values) printJson({ metric: metric.id, ...value });
			else printTable(run.run, metric, values);
		}
	}
	return finish(logs, members.length);
}

function printTable(run: string, metric: Metric, values: readonly MetricValue[]): void {
	if (values.length === 0) return;
	printLine(`${visible(run)}: ${metric.title} (${metric.source.reference}; certainty ${metric.grade})`);
	const reasons = new Set(values.map((value) => value.reason));
	const [only] = reasons;
	if (reasons.size === 1 && typeof only === "string") {
		printLine(`  ${visible(only)}`);
		return;
	}
	const rows = values.map((value) => [
		`  ${visible(value.rollout ?? value.task ?? "")}`,
		visible(value.part),
		value.value === null ? "" : plain(value.value, 4),
		interval(value),
		value.count === null ? "" : `n = ${value.count}`,
		visible(value.reason ?? ""),
	]);
	for (const line of alignColumns(rows, [2])) printLine(line);
}

function interval({ low, high }: MetricValue): string {
	return low === null || high === null ? "" : `[${plain(low, 3)}, ${plain(high, 3)}]`;
}
