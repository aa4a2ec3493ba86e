// "Label" in the tree: the step's document with the cursor on the step, and what can be said about it to choose from.
import * as vscode from "vscode";
import type { RolloutSummary } from "../core/model/trajectory.ts";

const LABELS = [
	{ label: "Right", command: "trajectory.rateRight" },
	{ label: "Neutral", command: "trajectory.rateNeutral" },
	{ label: "Wrong", command: "trajectory.rateWrong" },
	{ label: "First error", command: "trajectory.markFirstError" },
	{ label: "Kind of error...", command: "trajectory.chooseErrorType" },
	{ label: "Milestone...", command: "trajectory.markMilestone" },
	{ label: "Should have asked...", command: "trajectory.markShouldAsk" },
	{ label: "Correct...", command: "trajectory.correctStep" },
	{ label: "Note...", command: "trajectory.addNote" },
] as const;

/** @param step 0-based; null opens the rollout alone, because labels belong to steps */
export async function labelStep({ key }: RolloutSummary, step: number | null): Promise<void> {
	await vscode.commands.executeCommand("_trajectory.openStep", key, step);
	if (step === null) return;
	const picked = await vscode.window.showQuickPick([...LABELS], {
		placeHolder: vscode.l10n.t("What about step #{0}?", step),
	});
	if (picked !== undefined) await vscode.commands.executeCommand(picked.command);
}
