// Labelling by keyboard in a readable document: each command labels the step under the cursor.
import * as vscode from "vscode";
import type { FirstErrorTarget, LabelChange, Rating } from "../core/labels/event.ts";
import { FIRST_ERROR_WORDS } from "../core/labels/marks.ts";
import { disputedSteps, nextUnrated, queueOf } from "../core/labels/queue.ts";
import { agreementReports } from "../core/labels/report.ts";
import { rolloutHash } from "../core/labels/subject.ts";
import { taxonomiesWith } from "../core/labels/taxonomies.ts";
import { seededRandom } from "../core/math/random.ts";
import type { JsonValue } from "../core/model/json.ts";
import type { Rollout, RolloutSummary, Step } from "../core/model/trajectory.ts";
import { plural } from "../core/text/format.ts";
import { oneLine } from "../core/text/line.ts";
import type { Documents } from "./documents.ts";
import type { Labels } from "./labels.ts";
import type { Library } from "./library.ts";
import type { Navigation } from "./navigation.ts";

export interface LabellingParts {
	library: Library;
	documents: Documents;
	navigation: Navigation;
	labels: Labels;
}

type Handler = (...args: never[]) => unknown;

export function labellingCommands(parts: LabellingParts): Record<string, Handler> {
	const { labels } = parts;
	return {
		"trajectory.rateRight": () => rate(parts, 1),
		"trajectory.rateNeutral": () => rate(parts, 0),
		"trajectory.rateWrong": () => rate(parts, -1),
		"trajectory.markFirstError": () => markFirstError(parts, "step"),
		"trajectory.markNoError": () => markFirstError(parts, "none"),
		"trajectory.markMilestone": (name?: string) => milestone(parts, name),
		"trajectory.markShouldAsk": () => shouldAsk(parts),
		"trajectory.addNote": (text?: string) => addNote(parts, text),
		"trajectory.chooseErrorType": () => chooseErrorType(parts),
		"trajectory.confirmSuggestions": () => confirmSuggestions(parts),
		"trajectory.correctStep": (text?: string) => correctStep(parts, text),
		"trajectory.preferRollout": () => preferRollout(parts),
		"trajectory.undoLabel": () => takeBack(parts, "undo"),
		"trajectory.redoLabel": () => takeBack(parts, "redo"),
		"trajectory.nextUnlabelled": () => nextUnlabelled(parts),
		"trajectory.nextDisagreement": () => nextDisagreement(parts),
		"trajectory.showAgreement": () => showAgreement(parts),
		"trajectory.toggleBlind": () => setMode(labels, { ...labels.mode, blind: !labels.mode.blind }),
		"trajectory.toggleNoHindsight": () => setMode(labels, { ...labels.mode, noHindsight: !labels.mode.noHindsight }),
	};
}

/** The whole rollout under the cursor, though the document may show only its beginning, and the step under the cursor. */
interface Spot {
	summary: RolloutSummary;
	rollout: Rollout;
	step: Step | null;
}

async function spot({ navigation, library, labels }: LabellingParts): Promise<Spot | null> {
	const here = navigation.here();
	if (here === null) return null;
	const { summary } = here.document;
	const rollout = await library.rollout(summary);
	if (rollout === null) return null;
	await labels.ready(summary.file);
	return { summary, rollout, step: here.block === null ? null : (rollout.steps[here.block.step] ?? null) };
}

async function withStep(parts: LabellingParts, act: (spot: Spot & { step: Step }) => Promise<void>): Promise<void> {
	const at = await spot(parts);
	if (at === null) return;
	if (at.step === null) say("Put the cursor on a step to label it");
	else await act({ ...at, step: at.step });
}

function say(text: string): void {
	vscode.window.setStatusBarMessage(text, 4000);
}

/** Rates the step and goes on to the next one of the agent; the same rating again takes it away and stays. */
async function rate(parts: LabellingParts, rating: Rating): Promise<void> {
	await withStep(parts, async ({ summary, rollout, step }) => {
		const { labels } = parts;
		const before = own(labels, rollout, step.step, "rating");
		const same = before?.kind === "rating" && before.rating === rating;
		const saved = await labels.add(summary, rollout, step.step, { kind: "rating", rating: same ? null : rating });
		const next = rollout.steps.find((other) => other.role === "agent" && other.step > step.step);
		if (!saved || same) return;
		if (next === undefined) say("That was the last step of the agent");
		else await parts.navigation.show(summary, next.step);
	});
}

/** What the annotator said of this kind about the step; null where nothing. */
function own<Kind extends LabelChange["kind"]>(
	labels: Labels,
	rollout: Rollout,
	step: number,
	kind: Kind,
): Extract<LabelChange, { kind: Kind }> | null {
	const found = labels
		.of(rollout)
		.find(
			(label) => label.step === step && label.event.annotator === labels.annotator && label.event.change.kind === kind,
		);
	return found === undefined ? null : (found.event.change as Extract<LabelChange, { kind: Kind }>);
}

function firstErrorTarget(): FirstErrorTarget {
	return vscode.workspace.getConfiguration("trajectory").get<FirstErrorTarget>("labels.target", "firstWrong");
}

async function markFirstError(parts: LabellingParts, verdict: "step" | "none"): Promise<void> {
	const target = firstErrorTarget();
	const mark = async ({ summary, rollout }: Spot, step: number | null, as: "step" | "none" | "open") => {
		await parts.labels.add(summary, rollout, step, {
			kind: "firstError",
			target,
			verdict: as,
			reason: "",
			agent: null,
		});
		if (as === "none") say(`Marked: there is no ${FIRST_ERROR_WORDS[target]}`);
	};
	if (verdict === "none") {
		const at = await spot(parts);
		if (at !== null) await mark(at, null, "none");
		return;
	}
	await withStep(parts, async (at) => {
		const before = own(parts.labels, at.rollout, at.step.step, "firstError");
		await mark(at, at.step.step, before?.target === target ? "open" : "step");
	});
}

/** `paid 50 %` is a milestone called "paid" after which half of the task is done. */
async function milestone(parts: LabellingParts, given?: string): Promise<void> {
	await withStep(parts, async ({ summary, rollout, step }) => {
		const before = own(parts.labels, rollout, step.step, "milestone");
		const text = given ?? (await askText("Milestone, as in: paid 50 %. Empty takes it away.", before?.name ?? ""));
		if (text === undefined) return;
		const [, name = "", percent] = /^(.*?)\s*(?:(\d{1,3})\s*%)?$/.exec(text.trim()) ?? [];
		const progress = percent === undefined ? null : Math.min(1, Number(percent) / 100);
		await parts.labels.add(summary, rollout, step.step, { kind: "milestone", name, progress });
	});
}

async function shouldAsk(parts: LabellingParts): Promise<void> {
	await withStep(parts, async ({ summary, rollout, step }) => {
		const before = own(parts.labels, rollout, step.step, "askUser");
		await parts.labels.add(summary, rollout, step.step, { kind: "askUser", should: before === null, question: "" });
	});
}

async function addNote(parts: LabellingParts, given?: string): Promise<void> {
	await withStep(parts, async ({ summary, rollout, step }) => {
		const before = own(parts.labels, rollout, step.step, "note");
		const text = given ?? (await askText(`Note on step ${step.step}. Empty takes it away.`, before?.text ?? ""));
		const note = before?.note ?? crypto.randomUUID();
		if (text !== undefined) await parts.labels.add(summary, rollout, step.step, { kind: "note", note, text });
	});
}

async function chooseErrorType(parts: LabellingParts): Promise<void> {
	await withStep(parts, async ({ summary, rollout, step }) => {
		const setting = vscode.workspace.getConfiguration("trajectory").get<JsonValue>("labels.taxonomies", []);
		const items = taxonomiesWith(setting).flatMap(({ id, title, categories }) =>
			categories.map((category) => ({
				label: category.title,
				description: title,
				detail: category.meaning,
				id,
				category,
			})),
		);
		const picked = await vscode.window.showQuickPick(items, { placeHolder: "Kind of error", matchOnDetail: true });
		if (picked === undefined) return;
		const severities = ["high", "medium", "low"] as const;
		const severity = await vscode.window.showQuickPick([...severities], { placeHolder: "How severe" });
		const rationale = severity === undefined ? undefined : await askText("Why? May stay empty.", "");
		if (rationale === undefined) return;
		await parts.labels.add(summary, rollout, step.step, {
			kind: "errorType",
			error: crypto.randomUUID(),
			taxonomy: picked.id,
			category: picked.category.id,
			severity: severities.find((word) => word === severity) ?? null,
			rationale,
			agent: null,
		});
	});
}

/** Makes the suggestions at the step count. */
async function confirmSuggestions(parts: LabellingParts): Promise<void> {
	await withStep(parts, async ({ summary, rollout, step }) => {
		const pending = parts.labels.pending(rollout).filter((label) => label.step === step.step);
		for (const { event } of pending)
			await parts.labels.add(summary, rollout, step.step, { kind: "confirm", of: event.id });
		say(pending.length === 0 ? "No suggestion to confirm here" : `${plural(pending.length, "suggestion")} confirmed`);
	});
}

async function correctStep(parts: LabellingParts, given?: string): Promise<void> {
	await withStep(parts, async ({ summary, rollout, step }) => {
		const before = own(parts.labels, rollout, step.step, "correction");
		const text = given ?? (await askText("What the step should have said", before?.text ?? step.text));
		if (text === undefined) return;
		const change = { kind: "correction", text: text === "" ? null : text, calls: null } as const;
		await parts.labels.add(summary, rollout, step.step, change);
	});
}

async function preferRollout(parts: LabellingParts): Promise<void> {
	const at = await spot(parts);
	if (at === null) return;
	const siblings = parts.library.group(at.summary).rollouts.filter(({ key }) => key !== at.summary.key);
	const items = siblings.map((summary) => ({
		label: oneLine(summary.id, 60),
		description: oneLine(summary.title, 80),
		summary,
	}));
	const other = await vscode.window.showQuickPick(items, { placeHolder: "Compare this rollout with" });
	const rollout = other === undefined ? null : await parts.library.rollout(other.summary);
	if (rollout === null) return;
	const answers = [
		{ label: "This one is better", preferred: "this" },
		{ label: "The other one is better", preferred: "other" },
		{ label: "They are equally good", preferred: "tie" },
	] as const;
	const answer = await vscode.window.showQuickPick([...answers], { placeHolder: "Which one is better?" });
	const reasons = answer === undefined ? undefined : await askText("Why? May stay empty.", "");
	if (answer === undefined || reasons === undefined) return;
	const { preferred } = answer;
	await parts.labels.add(at.summary, at.rollout, null, {
		kind: "preference",
		other: rolloutHash(rollout),
		preferred,
		reasons,
	});
}

async function takeBack(parts: LabellingParts, kind: "undo" | "redo"): Promise<void> {
	const at = await spot(parts);
	if (at === null) return;
	const event = await parts.labels.step(at.summary, kind);
	if (event === null) say(`No label to ${kind}`);
	else if (event.subject.rollout === rolloutHash(at.rollout) && event.subject.step !== null)
		await parts.navigation.show(at.summary, event.subject.step);
}

/** Goes to the agent's next step without an own rating: in this rollout, then in others, urgent ones first. */
async function nextUnlabelled(parts: LabellingParts): Promise<void> {
	const at = await spot(parts);
	const { library, labels, navigation } = parts;
	if (at !== null) {
		// without hindsight nothing after the first open step is in sight
		const from = labels.mode.noHindsight ? -1 : (at.step?.step ?? -1);
		const next = nextUnrated(at.rollout.steps, labels.of(at.rollout), labels.annotator, from);
		if (next !== null) return navigation.show(at.summary, next);
	}
	const urgency = (summary: RolloutSummary) => (labels.mode.noHindsight || summary.outcome !== "failure" ? 0 : 1);
	const others = library.allSummaries().filter(({ key }) => key !== at?.summary.key);
	for (const summary of queueOf(others, urgency, seededRandom(others.length))) {
		await labels.ready(summary.file);
		const rollout = await library.rollout(summary);
		const next = rollout === null ? null : nextUnrated(rollout.steps, labels.of(rollout), labels.annotator, -1);
		if (next !== null) return navigation.show(summary, next);
	}
	say("Every step of the agent is rated");
}

/** Goes to the next step that annotators rated differently: in this rollout after the cursor, then in the ones after it. */
async function nextDisagreement(parts: LabellingParts): Promise<void> {
	const at = await spot(parts);
	const { library, labels, navigation } = parts;
	if (labels.mode.blind) return say("Disagreements are hidden in blind mode");
	const after = at?.step?.step ?? -1;
	const here = at === null ? undefined : disputedSteps(labels.of(at.rollout)).find((step) => step > after);
	if (at !== null && here !== undefined) return navigation.show(at.summary, here);
	const all = library.allSummaries();
	const start = all.findIndex(({ key }) => key === at?.summary.key) + 1;
	for (const summary of [...all.slice(start), ...all.slice(0, start)]) {
		await labels.ready(summary.file);
		const rollout = await library.rollout(summary);
		const [first] = rollout === null ? [] : disputedSteps(labels.of(rollout));
		if (first !== undefined) return navigation.show(summary, first);
	}
	say("Annotators do not disagree on any step");
}

/** The report of agreement over all that is open, as a JSON document. */
async function showAgreement({ library, labels }: LabellingParts): Promise<void> {
	const annotated = [];
	for (const summary of library.allSummaries()) {
		await labels.ready(summary.file);
		const rollout = await library.rollout(summary);
		if (rollout !== null) annotated.push(labels.annotated(rollout));
	}
	const content = JSON.stringify(agreementReports(annotated), null, "\t");
	await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: "json", content }));
}

function setMode(labels: Labels, mode: Labels["mode"]): void {
	labels.setMode(mode);
	const words = [mode.blind ? "others' labels hidden" : "", mode.noHindsight ? "no hindsight" : ""].filter(Boolean);
	say(`Labelling: ${words.length === 0 ? "everything in sight" : words.join(", ")}`);
}

function askText(prompt: string, value: string): Thenable<string | undefined> {
	return vscode.window.showInputBox({ prompt, value });
}
