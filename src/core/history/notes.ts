// What the history of a rollout adds to its readable document: the agent's own summaries with what changed, how
// faithful each is, and what a compaction lost.
import type { Change } from "diff";
import type { Rollout } from "../model/trajectory.ts";
import { oneLine } from "../text/line.ts";
import { compactions } from "./compaction.ts";
import { summaryFidelity, summaryHistory } from "./fidelity.ts";

const MOST_FACTS = 12;

/** Lines by step; empty for the many rollouts without summaries. */
export function historyNotes(rollout: Rollout): Map<number, string[]> {
	const notes = new Map<number, string[]>();
	const add = (step: number, line: string): void => {
		notes.set(step, [...(notes.get(step) ?? []), line]);
	};
	if (rollout.steps.every((step) => step.summary === null)) return notes;
	for (const { step, summary, changes } of summaryHistory(rollout)) {
		if (rollout.steps[step]?.role !== "agent") continue;
		add(step, `summary: ${oneLine(summary, 400)}`);
		if (changes !== null) add(step, changedWords(changes));
	}
	for (const { step, rank, of } of summaryFidelity(rollout)) {
		if (rank > 1) add(step, `this summary is more like other steps than its own: rank ${rank} of ${of}`);
	}
	for (const { step, dropped } of compactions(rollout)) {
		add(
			step,
			dropped.length === 0 ? "compacted; no dropped fact was needed again" : "compacted; dropped, but needed again:",
		);
		for (const fact of dropped.slice(0, MOST_FACTS)) {
			const again = fact.lookedUpAgain ? ", looked up again first" : "";
			add(step, `  ${oneLine(fact.fact, 80)}  seen #${fact.seen}, used #${fact.used}${again}`);
		}
		if (dropped.length > MOST_FACTS) add(step, `  and ${dropped.length - MOST_FACTS} more`);
	}
	return notes;
}

function changedWords(changes: Change[]): string {
	const words = (wanted: (change: Change) => boolean) =>
		changes
			.filter(wanted)
			.map((change) => change.value.trim())
			.join(" … ");
	const came = words((change) => change.added);
	const went = words((change) => change.removed);
	if (came === "" && went === "") return "unchanged since the summary before";
	return oneLine(
		[came === "" ? "" : `+ ${came}`, went === "" ? "" : `− ${went}`].filter((part) => part !== "").join("; "),
		300,
	);
}
