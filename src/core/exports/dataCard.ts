// The card of an exported data set: what is in it, where it comes from, what was left out and why.
import { lostText } from "../labels/annotate.ts";
import type { DatasetExporter } from "./dataset.ts";

export interface DataCard {
	exporter: Pick<DatasetExporter, "id" | "title" | "needs">;
	/** Names of the files that were read, without their folders. */
	sources: readonly string[];
	rollouts: number;
	tasks: number;
	/** Records by part of the split; one part "all" without a split. */
	parts: readonly { name: string; records: number; tasks: number }[];
	seed: string | null;
	/** Rollouts without a record, by reason. */
	leftOut: readonly { reason: string; count: number }[];
	/** Labels by who gave them. */
	annotators: readonly { name: string; labels: number }[];
	guidelines: readonly string[];
	/** Labels of steps that are gone. */
	lost: number;
	/** Ratings by value, unmarked steps of the agent apart. */
	ratings: { wrong: number; neutral: number; right: number; unmarked: number };
	/** Pieces taken out by redaction rule; null where nothing was looked for. */
	redacted: readonly { rule: string; count: number }[] | null;
}

/** As Markdown. Texts of logs do not occur in it, names of people only as the store has them. */
export function writeDataCard(card: DataCard): string {
	const { exporter, ratings } = card;
	const lines = [
		`# Data set in the format ${exporter.title}`,
		"",
		`Made of ${card.rollouts} rollouts of ${card.tasks} tasks. A record needs ${exporter.needs}.`,
		"",
		"## Records",
		"",
		...table(
			["part", "records", "tasks"],
			card.parts.map((part) => [part.name, part.records, part.tasks]),
		),
		card.seed === null
			? "There is no split."
			: `Tasks are in one part each, by the hash of their name with the seed \`${cell(card.seed)}\`.`,
		"",
		"## Labels",
		"",
		`Steps of the agent: ${ratings.right} rated +1, ${ratings.neutral} rated 0, ${ratings.wrong} rated -1, ${ratings.unmarked} unmarked (unmarked is not neutral).`,
		"",
		...table(
			["annotator", "labels"],
			card.annotators.map(({ name, labels }) => [name, labels]),
		),
		card.guidelines.length === 0 ? "No guideline is named." : `Guidelines: ${card.guidelines.map(cell).join(", ")}.`,
		...(card.lost === 0 ? [] : ["", `${lostText(card.lost)}.`]),
		"",
		"## Left out",
		"",
		...table(
			["reason", "rollouts"],
			card.leftOut.map(({ reason, count }) => [reason, count]),
		),
		"## Redaction",
		"",
		...(card.redacted === null
			? ["Nothing was redacted."]
			: table(
					["rule", "pieces taken out"],
					card.redacted.map(({ rule, count }) => [rule, count]),
				)),
		"",
		"## Sources",
		"",
		...card.sources.map((source) => `- ${cell(source)}`),
	];
	return `${lines.join("\n").trimEnd()}\n`;
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
	if (rows.length === 0) return ["None.", ""];
	const line = (cells: readonly (string | number)[]) => `| ${cells.map((entry) => cell(String(entry))).join(" | ")} |`;
	return [line(head), line(head.map(() => "---")), ...rows.map(line), ""];
}

function cell(text: string): string {
	return text.replace(/[\r\n|]+/g, " ");
}
