// Reference paths made from rollouts, and data sets made of labels, from the palette.
import * as vscode from "vscode";
import type { DatasetExporter } from "../core/exports/dataset.ts";
import { REDACTION_RULES, type RedactionRule, redact } from "../core/exports/redaction.ts";
import { DATASET_EXPORTERS } from "../core/exports/registry.ts";
import { proposePlan } from "../core/labels/proposePlan.ts";
import type { ReferencePlan } from "../core/labels/referencePlan.ts";
import type { Rollout, RolloutSummary } from "../core/model/trajectory.ts";
import { plural } from "../core/text/format.ts";
import type { Labels } from "./labels.ts";
import type { Library } from "./library.ts";
import type { Navigation } from "./navigation.ts";
import type { References } from "./references.ts";

export interface LabelExportParts {
	library: Library;
	navigation: Navigation;
	labels: Labels;
	references: References;
}

type Handler = (...args: never[]) => unknown;

export function labelExportCommands(parts: LabelExportParts): Record<string, Handler> {
	return {
		"trajectory.makeReferencePath": (from?: "this" | "successes") => makeReferencePath(parts, from),
		"trajectory.editReferencePath": () => editReferencePath(parts),
		"trajectory.exportLabels": (format?: string, target?: vscode.Uri) => exportLabels(parts, format, target),
	};
}

/** Calls that this share of the successes made are proposed as essential. */
const ESSENTIAL = 0.6;

async function makeReferencePath(parts: LabelExportParts, given?: "this" | "successes"): Promise<void> {
	const here = parts.navigation.here();
	if (here === null) return;
	const { summary } = here.document;
	const group = parts.library.group(summary).rollouts;
	const successes = group.filter(({ outcome }) => outcome === "success");
	const from = given ?? (await askSource(successes.length));
	if (from === undefined) return;
	const rollouts: Rollout[] = [];
	for (const each of from === "this" ? [summary] : successes) {
		const rollout = await parts.library.rollout(each);
		if (rollout !== null) rollouts.push(rollout);
	}
	const proposed = proposePlan(rollouts, { threshold: ESSENTIAL, annotator: parts.labels.annotator });
	if (proposed === null) {
		void vscode.window.showInformationMessage("No call in it succeeded, so there is no path to propose.");
		return;
	}
	const known = await parts.references.plan(summary);
	const failure = await parts.references.save(summary, withWays(known, proposed));
	if (failure !== null) void vscode.window.showErrorMessage(`The reference path was not saved: ${failure}`);
	else if (given === undefined) await editReferencePath(parts);
}

/** A proposal becomes one more way beside those that people wrote already. */
function withWays(known: ReferencePlan | null, proposed: ReferencePlan): ReferencePlan {
	if (known === null) return proposed;
	const texts = new Set(known.ways.map((way) => JSON.stringify(way)));
	return { ...known, ways: [...known.ways, ...proposed.ways.filter((way) => !texts.has(JSON.stringify(way)))] };
}

async function askSource(successes: number): Promise<"this" | "successes" | undefined> {
	if (successes < 2) return "this";
	const choices = [
		{ label: "From this rollout", from: "this" },
		{ label: `From what ${successes} successful rollouts have in common`, from: "successes" },
	] as const;
	return (await vscode.window.showQuickPick([...choices], { placeHolder: "Reference path of the task" }))?.from;
}

async function editReferencePath(parts: LabelExportParts): Promise<void> {
	const here = parts.navigation.here();
	if (here === null) return;
	if ((await parts.references.plan(here.document.summary)) === null) {
		void vscode.window.showInformationMessage("The task has no reference path yet: make one from a rollout.");
		return;
	}
	const file = vscode.Uri.file(parts.references.fileOf(here.document.summary));
	await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(file));
}

/** Exports the rollouts of the log under the cursor, or of all open logs. Shows what would be taken out before writing. */
async function exportLabels(parts: LabelExportParts, format?: string, target?: vscode.Uri): Promise<void> {
	const exporter = DATASET_EXPORTERS.find(({ id }) => id === format) ?? (await askFormat());
	if (exporter === undefined) return;
	const file = parts.navigation.here()?.document.summary.file;
	const summaries = parts.library.allSummaries().filter((summary) => file === undefined || summary.file === file);
	const made = await lines(parts, exporter, summaries);
	if (made.lines.length === 0) {
		void vscode.window.showInformationMessage(`Nothing to export: a record needs ${exporter.needs}.`);
		return;
	}
	const redacted = target === undefined ? await askRedaction(made.found) : true;
	const to = redacted === undefined ? undefined : (target ?? (await askTarget(exporter)));
	if (to === undefined) return;
	const kept = redacted === true ? made : await lines(parts, exporter, summaries, []);
	await vscode.workspace.fs.writeFile(to, new TextEncoder().encode(kept.lines.map((line) => `${line}\n`).join("")));
	vscode.window.setStatusBarMessage(`${plural(kept.lines.length, "record")} written`, 4000);
}

async function lines(
	{ library, labels, references }: LabelExportParts,
	exporter: DatasetExporter,
	summaries: readonly RolloutSummary[],
	rules: readonly RedactionRule[] = REDACTION_RULES,
): Promise<{ lines: string[]; found: Map<string, number> }> {
	const made = { lines: [] as string[], found: new Map<string, number>() };
	const groups = new Set(summaries.map((summary) => library.group(summary)));
	for (const group of groups) {
		const [first] = group.rollouts;
		if (first === undefined) continue;
		await labels.ready(first.file);
		const rollouts = (await library.rolloutsOf(group)).map((rollout) => labels.annotated(rollout));
		const plan = await references.plan(first);
		for (const entry of exporter.records(rollouts, { plan: () => plan, prefixes: true })) {
			if (entry.kind === "left out") continue;
			const { value, found } = redact(entry.value, rules);
			made.lines.push(JSON.stringify(value));
			for (const [rule, pieces] of found) made.found.set(rule, (made.found.get(rule) ?? 0) + pieces.length);
		}
	}
	return made;
}

async function askFormat(): Promise<DatasetExporter | undefined> {
	const items = DATASET_EXPORTERS.map((exporter) => ({
		label: exporter.title,
		description: exporter.id,
		detail: `needs ${exporter.needs}`,
		exporter,
	}));
	return (await vscode.window.showQuickPick(items, { placeHolder: "Export as", matchOnDescription: true }))?.exporter;
}

/** Whether to take out what was found; undefined where the person would rather not export. */
async function askRedaction(found: ReadonlyMap<string, number>): Promise<boolean | undefined> {
	if (found.size === 0) return true;
	const pieces = [...found].map(([rule, count]) => `${rule}: ${count}`).join(", ");
	const choices = [
		{ label: "Take them out", out: true },
		{ label: "Leave them in", out: false },
	];
	return (await vscode.window.showQuickPick(choices, { placeHolder: `Found ${pieces}` }))?.out;
}

function askTarget(exporter: DatasetExporter): Thenable<vscode.Uri | undefined> {
	const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
	const name = `${exporter.id}.jsonl`;
	return vscode.window.showSaveDialog(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, name) });
}
