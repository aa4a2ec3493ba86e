// The report of agreement as a page of text: tables that read as they stand and as Markdown, and every disagreement on a
// line of its own that leads to its step.
import { plain, plural, signed } from "../text/format.ts";
import { oneLine, visible } from "../text/line.ts";
import { type AnnotatedRollout, lostText } from "./annotate.ts";
import { type GoldAccuracy, goldAccuracies } from "./gold.ts";
import { judgesIn, peopleOnly } from "./judges.ts";
import { type AgreementReport, agreementReports } from "./report.ts";

export interface AgreementDocument {
	text: string;
	/** What lines lead to; 0-based lines. */
	links: { line: number; hash: string; step: number | null }[];
}

/** Pairs of annotators and values for which a confusion is still a table that somebody reads. */
const CONFUSIONS = 6;
const CONFUSED_VALUES = 8;
const DISPUTES = 200;

const TITLES: Readonly<Record<AgreementReport["target"], string>> = {
	rating: "Ratings",
	errorType: "Kinds of errors",
	firstWrong: "First wrong step",
	decisive: "Decisive error",
	irrecoverable: "First irrecoverable step",
	firstAnnotated: "First annotated step",
};

/** @param rollouts with the labels of people, and those of judges, scorers and checks as labels of models */
export function agreementDocument(rollouts: readonly AnnotatedRollout[]): AgreementDocument {
	const page: AgreementDocument = { text: "", links: [] };
	const people = agreementReports(peopleOnly(rollouts));
	const judges = judgesIn(rollouts);
	const lines: string[] = ["# Agreement of annotators", ""];
	if (people.length === 0)
		lines.push("Nothing is labelled yet: open a rollout and press `1`, `0` or `-` on its steps.", "");
	for (const report of people) {
		lines.push(...measures(report), ...confusions(report));
		addDisagreements(report, lines, page);
	}
	lines.push(...againstJudges(judges.size === 0 ? [] : agreementReports(rollouts), judges));
	lines.push(...controlItems(goldAccuracies(rollouts)));
	const lost = lostText(rollouts.reduce((sum, of) => sum + of.lost, 0));
	if (lost !== "") lines.push(`${lost}.`);
	page.text = `${lines.join("\n").trimEnd()}\n`;
	return page;
}

function measures(report: AgreementReport): string[] {
	const { units, shared, annotators } = report;
	const what = report.within === null ? "step" : "rollout";
	const rows = report.alphas
		.filter(({ verdicts }) => verdicts > 0)
		.map(({ scale, alpha, interval }) => [
			`Krippendorff's alpha, ${scale}${report.within !== null && scale === "interval" ? " (positions only)" : ""}`,
			share(alpha),
			interval === null ? "" : `${plain(interval.low, 2)} to ${plain(interval.high, 2)}`,
		]);
	if (report.fleiss !== null)
		rows.push([
			`Fleiss' kappa of ${report.fleiss.raters}`,
			share(report.fleiss.kappa),
			`${report.fleiss.units} in common`,
		]);
	for (const { tolerance, share: agreeing } of report.within ?? [])
		if (agreeing !== null)
			rows.push([tolerance === 0 ? "same answer" : `within ${plural(tolerance, "step")}`, share(agreeing), ""]);
	if (report.distance !== null) rows.push(["mean distance in steps", plain(report.distance, 2), ""]);
	return [
		`## ${TITLES[report.target]}`,
		"",
		`${plural(units, what)} judged, ${shared} by two or more of ${plural(annotators.length, "annotator")}.`,
		"",
		...table(["measure", "value", "95 % interval"], rows, [1]),
		...table(
			["annotators", "in common", "the same", "Cohen's kappa"],
			report.pairs
				.filter((pair) => pair.units > 0)
				.map((pair) => [`${pair.first} / ${pair.second}`, pair.units, percent(pair.agreement), share(pair.kappa)]),
			[1, 2, 3],
		),
	];
}

function confusions({ target, pairs, values }: AgreementReport): string[] {
	if (values.length > CONFUSED_VALUES) return [];
	const common = pairs.filter((pair) => pair.units > 0).slice(0, CONFUSIONS);
	return common.flatMap(({ first, second, confusion }) =>
		table(
			[`${first} ↓  ${second} →`, ...values.map((value) => written(target, value))],
			values.map((value, row) => [written(target, value), ...(confusion[row] ?? [])]),
			values.map((_, column) => column + 1),
		),
	);
}

function addDisagreements({ target, disagreements }: AgreementReport, lines: string[], page: AgreementDocument): void {
	if (disagreements.length === 0) return;
	lines.push(`### To adjudicate (${plural(disagreements.length, "disagreement")})`, "");
	for (const { rollout, hash, step, verdicts } of disagreements.slice(0, DISPUTES)) {
		const said = verdicts
			.map(({ annotator, value }) => `${oneLine(annotator, 40)} ${written(target, value)}`)
			.join(", ");
		const named = verdicts.map(({ value }) => value).filter((value) => typeof value === "number");
		page.links.push({ line: lines.length, hash, step: step ?? named[0] ?? null });
		lines.push(`- ${oneLine(rollout, 60)}${step === null ? "" : ` #${step}`}: ${said}`);
	}
	if (disagreements.length > DISPUTES) lines.push(`- and ${disagreements.length - DISPUTES} more`);
	lines.push("");
}

function againstJudges(reports: readonly AgreementReport[], judges: ReadonlySet<string>): string[] {
	const rows = reports.flatMap(({ target, pairs }) =>
		pairs.flatMap((pair) => {
			const mixed = judges.has(pair.first) !== judges.has(pair.second);
			if (!mixed || pair.units === 0) return [];
			const [person, judge] = judges.has(pair.first) ? [pair.second, pair.first] : [pair.first, pair.second];
			return [[TITLES[target], person, judge, pair.units, percent(pair.agreement), share(pair.kappa)]];
		}),
	);
	if (rows.length === 0) return [];
	const head = ["judged", "person", "judge, scorer or checks", "in common", "the same", "Cohen's kappa"];
	return ["## People against judges, scorers and checks", "", ...table(head, rows, [3, 4, 5])];
}

function controlItems(accuracies: readonly GoldAccuracy[]): string[] {
	if (accuracies.length === 0) return [];
	const rows = accuracies.map(({ annotator, items, accuracy, interval, drift }) => [
		annotator,
		items,
		percent(accuracy),
		interval === null ? "" : `${percent(interval.low)} to ${percent(interval.high)}`,
		drift === null ? "" : `${signed(drift * 100, 0)} points`,
	]);
	const head = ["annotator", "answers", "as known", "95 % interval", "later half against earlier"];
	return ["## Control items", "", ...table(head, rows, [1, 2, 4])];
}

/** A verdict as people read it: ratings with a sign, steps with their mark. */
function written(target: AgreementReport["target"], value: string | number): string {
	if (typeof value === "string") return value;
	return target === "rating" ? signed(value, 0) : `#${value}`;
}

function share(value: number | null): string {
	return value === null ? "no variation" : plain(value, 2);
}

function percent(value: number | null): string {
	return value === null ? "" : `${plain(value * 100, 0)} %`;
}

/** A Markdown table with aligned columns; nothing where there are no rows. */
function table(
	head: readonly string[],
	rows: readonly (readonly (string | number)[])[],
	numeric: readonly number[],
): string[] {
	if (rows.length === 0) return [];
	const cells = [head, ...rows].map((row) => row.map((entry) => visible(String(entry)).replace(/[\r\n|]+/g, " ")));
	const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => (row[column] ?? "").length)));
	const line = (row: readonly string[]) =>
		`| ${row.map((entry, column) => (numeric.includes(column) ? entry.padStart(widths[column] ?? 0) : entry.padEnd(widths[column] ?? 0))).join(" | ")} |`;
	const rule = widths.map((width, column) =>
		numeric.includes(column) ? `${"-".repeat(width - 1)}:` : "-".repeat(width),
	);
	const [first = [], ...others] = cells;
	return [line(first), line(rule), ...others.map(line), ""];
}
