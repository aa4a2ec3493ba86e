// Builds a data set out of labelled rollouts: records with what redaction found in them, what was left out and why, and
// the files that come of it, split by task, with a card.
import type { AnnotatedRollout } from "../labels/annotate.ts";
import type { JsonValue } from "../model/json.ts";
import { type DataCard, writeDataCard } from "./dataCard.ts";
import type { DatasetExporter, DatasetOptions } from "./dataset.ts";
import { type RedactionRule, redact } from "./redaction.ts";
import { type SplitPart, splitOf } from "./splits.ts";
import { stepRatings, withPropagatedErrors } from "./verdicts.ts";

export interface DatasetBuild {
	readonly exporter: DatasetExporter;
	readonly rules: readonly RedactionRule[];
	records: { task: string; value: JsonValue }[];
	/** How many rollouts gave no record, by reason. */
	leftOut: Map<string, number>;
	/** Pieces that redaction took out, by rule. */
	found: Map<string, string[]>;
	rollouts: AnnotatedRollout[];
}

export function beginDataset(exporter: DatasetExporter, rules: readonly RedactionRule[]): DatasetBuild {
	return { exporter, rules, records: [], leftOut: new Map(), found: new Map(), rollouts: [] };
}

/**
 * Takes in the rollouts of one task.
 * @param propagate unmarked steps after a wrong one are wrong until one is right
 */
export function addTask(
	build: DatasetBuild,
	members: readonly AnnotatedRollout[],
	options: DatasetOptions,
	propagate: boolean,
): void {
	const task = members[0]?.rollout.task ?? "";
	const taken = propagate ? members.map((of) => ({ ...of, rollout: withPropagatedErrors(of.rollout) })) : members;
	for (const of of taken) build.rollouts.push(of);
	for (const entry of build.exporter.records(taken, options)) {
		if (entry.kind === "left out") build.leftOut.set(entry.reason, (build.leftOut.get(entry.reason) ?? 0) + 1);
		else build.records.push({ task, value: cleaned(build, entry.value) });
	}
}

function cleaned(build: DatasetBuild, value: JsonValue): JsonValue {
	const redacted = redact(value, build.rules);
	for (const [rule, pieces] of redacted.found) {
		const known = build.found.get(rule) ?? [];
		for (const piece of pieces) known.push(piece);
		build.found.set(rule, known);
	}
	return redacted.value;
}

export interface DatasetOutput {
	parts: readonly SplitPart[];
	/** Null where there is no split. */
	seed: string | null;
	/** Names of the files that were read, without their folders. */
	sources: readonly string[];
	guidelines: readonly string[];
}

/** The part of a data set that is not split. */
export const WHOLE: readonly SplitPart[] = [{ name: "all", share: 1 }];

/** A JSONL file for each part and the card. */
export function datasetFiles(build: DatasetBuild, output: DatasetOutput): { name: string; text: string }[] {
	const { parts, seed } = output;
	const byPart = Map.groupBy(build.records, ({ task }) => splitOf(task, parts, seed ?? ""));
	const files = parts.map(({ name }) => ({
		name: `${name}.jsonl`,
		text: (byPart.get(name) ?? []).map(({ value }) => `${JSON.stringify(value)}\n`).join(""),
	}));
	const card: DataCard = {
		...countsOf(build),
		parts: parts.map(({ name }) => {
			const records = byPart.get(name) ?? [];
			return { name, records: records.length, tasks: new Set(records.map(({ task }) => task)).size };
		}),
		seed,
		redacted:
			build.rules.length === 0 ? null : [...build.found].map(([rule, pieces]) => ({ rule, count: pieces.length })),
		sources: [...new Set(output.sources)].sort(),
		guidelines: [...new Set(output.guidelines)].sort(),
	};
	return [...files, { name: "README.md", text: writeDataCard(card) }];
}

type Counts = Omit<DataCard, "parts" | "seed" | "redacted" | "sources" | "guidelines">;

function countsOf({ exporter, leftOut, rollouts }: DatasetBuild): Counts {
	const ratings = { wrong: 0, neutral: 0, right: 0, unmarked: 0 };
	const labels = new Map<string, number>();
	for (const { rollout } of rollouts) {
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
	return {
		exporter,
		rollouts: rollouts.length,
		tasks: new Set(rollouts.map(({ rollout }) => rollout.task)).size,
		leftOut: [...leftOut].map(([reason, count]) => ({ reason, count })),
		annotators: [...labels].sort().map(([name, total]) => ({ name, labels: total })),
		ratings,
		lost: rollouts.reduce((sum, of) => sum + of.lost, 0),
	};
}

/** Examples of what a rule takes out, for a preview. */
export function examplesOf(pieces: readonly string[], most: number): string[] {
	return [...new Set(pieces)].slice(0, most);
}
