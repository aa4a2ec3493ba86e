// What every labelling command starts from: the rollout and step under the cursor, and what the annotator said there.
import * as vscode from "vscode";
import type { LabelChange, Saw } from "../../core/labels/event.ts";
import { SIGHT_WORDS } from "../../core/labels/sight.ts";
import type { Rollout, RolloutSummary, Step } from "../../core/model/trajectory.ts";
import type { Documents } from "../documents.ts";
import type { FirstErrors } from "../firstErrors.ts";
import type { Labels } from "../labels.ts";
import type { Library } from "../library.ts";
import type { Navigation } from "../navigation.ts";
import type { References } from "../references.ts";
import type { Scores } from "../scores.ts";

export interface LabellingParts {
	library: Library;
	documents: Documents;
	navigation: Navigation;
	labels: Labels;
	firstErrors: FirstErrors;
	references: References;
	scores: Scores;
}

export type Handler = (...args: never[]) => unknown;

/** The whole rollout under the cursor, though the document may show only its beginning, and the step under the cursor. */
export interface Spot {
	summary: RolloutSummary;
	rollout: Rollout;
	/** Null above the first step: the rollout as a whole is meant. */
	step: Step | null;
}

export async function spot({ navigation, library, labels }: LabellingParts): Promise<Spot | null> {
	const here = navigation.here();
	if (here === null) return null;
	const { summary } = here.document;
	const rollout = await library.rollout(summary);
	if (rollout === null) return null;
	await labels.ready(summary.file);
	return { summary, rollout, step: here.block === null ? null : (rollout.steps[here.block.step] ?? null) };
}

/** Acts on the step under the cursor or, above the first step, on the rollout as a whole. */
export async function withSpot(parts: LabellingParts, act: (spot: Spot) => Promise<void>): Promise<void> {
	const at = await spot(parts);
	if (at !== null) await act(at);
}

export async function withStep(
	parts: LabellingParts,
	act: (spot: Spot & { step: Step }) => Promise<void>,
): Promise<void> {
	const at = await spot(parts);
	if (at === null) return;
	if (at.step === null) say("Put the cursor on a step to label it");
	else await act({ ...at, step: at.step });
}

/** Saves what the annotator says about the spot. */
export function add({ labels }: LabellingParts, at: Spot, change: LabelChange): Promise<boolean> {
	return labels.add(at.summary, at.rollout, at.step?.step ?? null, change);
}

/** What the annotator said of this kind about the spot, oldest first. */
export function own<Kind extends LabelChange["kind"]>(
	{ labels }: LabellingParts,
	{ rollout, step }: Spot,
	kind: Kind,
): Extract<LabelChange, { kind: Kind }>[] {
	return labels
		.of(rollout)
		.filter((label) => label.step === (step?.step ?? null) && label.event.annotator === labels.annotator)
		.flatMap(({ event }) => (event.change.kind === kind ? [event.change as Extract<LabelChange, { kind: Kind }>] : []));
}

/** Says so and answers false where what the command needs is kept out of sight. */
export function inSight({ sight }: Labels, what: keyof Saw): boolean {
	if (!sight[what]) say(`Hidden while labelling this way: ${SIGHT_WORDS[what]}`);
	return sight[what];
}

export function say(text: string): void {
	vscode.window.setStatusBarMessage(text, 4000);
}

export function askText(prompt: string, value = ""): Thenable<string | undefined> {
	return vscode.window.showInputBox({ prompt, value });
}

export function choose<Item extends vscode.QuickPickItem>(
	items: readonly Item[],
	placeHolder: string,
): Thenable<Item | undefined> {
	return vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true, matchOnDetail: true });
}

/** How people call a place in messages. */
export function nameOf(step: Step | null): string {
	return step === null ? "the rollout" : `step ${step.step}`;
}
