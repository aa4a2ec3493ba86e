// Writes a data set made of labelled rollouts: to standard output, or as files with a card; or says what redaction would do.
import { promises as files } from "node:fs";
import path from "node:path";
import writeFileAtomic from "write-file-atomic";
import { type DataCard, writeDataCard } from "../core/exports/dataCard.ts";
import type { DatasetExporter } from "../core/exports/dataset.ts";
import { type Redacted, redact } from "../core/exports/redaction.ts";
import { parseSplits, type SplitPart, splitOf } from "../core/exports/splits.ts";
import { stepRatings, withPropagatedErrors } from "../core/exports/verdicts.ts";
import { type AnnotatedRollout, annotate } from "../core/labels/annotate.ts";
import type { JsonValue } from "../core/model/json.ts";
import { count } from "../core/text/format.ts";
import { oneLine, visible } from "../core/text/line.ts";
import { type ExportFlags, rulesOf } from "./exportFlags.ts";
import { type OpenStore, openStore } from "./labelStore.ts";
import { type ExitCode, finish, printLine } from "./output.ts";
import { openLogs } from "./reading.ts";

interface Made {
	records: { task: string; value: JsonValue }[];
	leftOut: Map<string, number>;
	found: Map<string, string[]>;
	rollouts: AnnotatedRollout[];
}

type Refuse = (reason: string) => never;

export async function exportDataset(
	paths: string[],
	exporter: DatasetExporter,
	flags: ExportFlags,
	refuse: Refuse,
): Promise<ExitCode> {
	const parts = flags.split === undefined ? [{ name: "all", share: 1 }] : parseSplits(flags.split);
	if (parts === null) return refuse(`--split wants parts as in train=0.8,test=0.2, not ${flags.split}`);
	if (flags.split !== undefined && flags.out === undefined) return refuse("--split needs --out");
	const rules = await rulesOf(flags, refuse);
	const store = await openStore(paths, flags.labels);
	const logs = await openLogs(paths);
	const made: Made = { records: [], leftOut: new Map(), found: new Map(), rollouts: [] };
	for (const group of logs.groups) {
		const members = (await logs.readGroup(group))
			.map(({ rollout }) => annotate(rollout, store.book))
			.map((of) => (flags.propagate === true ? { ...of, rollout: withPropagatedErrors(of.rollout) } : of));
		const wanted = members.filter(({ rollout }) => flags.rollout === undefined || rollout.id === flags.rollout);
		made.rollouts.push(...wanted);
		const options = { plan: (task: string) => store.plans.get(task) ?? null, prefixes: flags.prefixes === true };
		for (const entry of exporter.records(wanted, options)) {
			if (entry.kind === "left out") made.leftOut.set(entry.reason, (made.leftOut.get(entry.reason) ?? 0) + 1);
			else made.records.push({ task: group.task, value: keepFound(made, redact(entry.value, rules)) });
		}
	}
	for (const [reason, times] of made.leftOut) process.stderr.write(`left out ${count(times)}: ${reason}\n`);
	if (flags.preview === true) printPreview(made.found);
	else if (flags.out === undefined) for (const { value } of made.records) printLine(JSON.stringify(value));
	else {
		const sources = logs.files.map(({ file }) => file);
		await writeParts(flags.out, { exporter, made, parts, flags, store, redacted: rules.length > 0, sources });
	}
	return finish(logs, made.rollouts.length);
}

function keepFound(made: Made, { value, found }: Redacted): JsonValue {
	for (const [rule, pieces] of found) {
		const known = made.found.get(rule) ?? [];
		for (const piece of pieces) known.push(piece);
		made.found.set(rule, known);
	}
	return value;
}

const EXAMPLES = 5;

function printPreview(found: ReadonlyMap<string, readonly string[]>): void {
	if (found.size === 0) printLine("nothing would be taken out");
	for (const [rule, pieces] of found) {
		printLine(`${rule}: ${count(pieces.length)}`);
		for (const piece of [...new Set(pieces)].slice(0, EXAMPLES)) printLine(`  ${visible(oneLine(piece, 100))}`);
	}
}

interface Output {
	exporter: DatasetExporter;
	made: Made;
	parts: readonly SplitPart[];
	flags: ExportFlags;
	store: OpenStore;
	/** Whether anything was looked for to take out. */
	redacted: boolean;
	sources: readonly string[];
}

async function writeParts(folder: string, output: Output): Promise<void> {
	const { made, parts, flags, redacted } = output;
	await files.mkdir(folder, { recursive: true });
	const byPart = Map.groupBy(made.records, ({ task }) => splitOf(task, parts, flags.seed));
	for (const { name } of parts) {
		const lines = (byPart.get(name) ?? []).map(({ value }) => `${JSON.stringify(value)}\n`);
		await writeFileAtomic(path.join(folder, `${name}.jsonl`), lines.join(""));
	}
	const card: DataCard = {
		...cardOf(output),
		parts: parts.map(({ name }) => {
			const records = byPart.get(name) ?? [];
			return { name, records: records.length, tasks: new Set(records.map(({ task }) => task)).size };
		}),
		seed: flags.split === undefined ? null : flags.seed,
		redacted: redacted ? [...made.found].map(([rule, pieces]) => ({ rule, count: pieces.length })) : null,
	};
	await writeFileAtomic(path.join(folder, "README.md"), writeDataCard(card));
	printLine(`${count(made.records.length)} records in ${folder}`);
}

function cardOf({ exporter, made, store, sources }: Output): Omit<DataCard, "parts" | "seed" | "redacted"> {
	const ratings = { wrong: 0, neutral: 0, right: 0, unmarked: 0 };
	const labels = new Map<string, number>();
	for (const { rollout } of made.rollouts) {
		const rated = stepRatings(rollout);
		for (const { role, step } of rollout.steps) {
			const rating = rated.get(step);
			if (rating === 1) ratings.right++;
			else if (rating === 0) ratings.neutral++;
			else if (rating === -1) ratings.wrong++;
			else if (role === "agent") ratings.unmarked++;
		}
		for (const { annotator } of rollout.labels)
			labels.set(annotator ?? "log", (labels.get(annotator ?? "log") ?? 0) + 1);
	}
	const guidelines = [...store.book.events.values()].flatMap(({ guideline }) => guideline ?? []);
	return {
		exporter,
		sources: [...new Set(sources.map((source) => path.basename(source)))].sort(),
		rollouts: made.rollouts.length,
		tasks: new Set(made.rollouts.map(({ rollout }) => rollout.task)).size,
		leftOut: [...made.leftOut].map(([reason, times]) => ({ reason, count: times })),
		annotators: [...labels].sort().map(([name, total]) => ({ name, labels: total })),
		guidelines: [...new Set(guidelines)].sort(),
		ratings,
	};
}
