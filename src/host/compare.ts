// Comparing two rollouts in the built-in diff editor, opened where they part.
import * as vscode from "vscode";
import { actionKey } from "../core/model/action.ts";
import type { Rollout, RolloutSummary } from "../core/model/trajectory.ts";
import type { Documents } from "./documents.ts";
import type { Library } from "./library.ts";
import { rolloutUri } from "./rolloutUri.ts";

/** The first step at which two rollouts act differently; null where one is the beginning of the other. */
export function divergence(left: Rollout, right: Rollout): number | null {
	const shared = Math.min(left.steps.length, right.steps.length);
	for (let step = 0; step < shared; step++) {
		const a = left.steps[step];
		const b = right.steps[step];
		if (a !== undefined && b !== undefined && actionKey(a) !== actionKey(b)) return step;
	}
	return null;
}

export async function compareRollouts(
	library: Library,
	documents: Documents,
	left: RolloutSummary,
	right: RolloutSummary,
): Promise<void> {
	const [a, b] = [await library.rollout(left), await library.rollout(right)];
	if (a === null || b === null) return;
	const at = divergence(a, b);
	const title = `${left.id} ↔ ${right.id}${at === null ? "" : ` (part at #${at})`}`;
	const { line } = await documents.locate(right, at);
	const selection = new vscode.Range(line, 0, line, 0);
	await vscode.commands.executeCommand("vscode.diff", rolloutUri(left), rolloutUri(right), title, { selection });
}

/** The successful sibling that shares the longest beginning; among equals the shortest rollout. */
export async function bestSibling(library: Library, summary: RolloutSummary): Promise<RolloutSummary | null> {
	const group = library.group(summary);
	const own = await library.rollout(summary);
	if (own === null) return null;
	let best: { summary: RolloutSummary; shared: number } | null = null;
	for (const other of group.rollouts) {
		if (other.key === summary.key || other.outcome !== "success") continue;
		const rollout = await library.rollout(other);
		if (rollout === null) continue;
		const shared = divergence(own, rollout) ?? Math.min(own.steps.length, rollout.steps.length);
		if (best === null || shared > best.shared || (shared === best.shared && other.steps < best.summary.steps))
			best = { summary: other, shared };
	}
	return best?.summary ?? null;
}
