// Summaries of steps and histories, and what a compaction lost.
import { expect, test } from "vitest";
import { compactions } from "../../../../src/core/history/compaction.ts";
import { summaryFidelity, summaryHistory } from "../../../../src/core/history/fidelity.ts";
import { historyNotes } from "../../../../src/core/history/notes.ts";
import { stepSummary } from "../../../../src/core/history/stepSummary.ts";
import type { Rollout } from "../../../../src/core/model/trajectory.ts";
import { draw } from "../../../support/rollouts.ts";

const rollout = draw(
	"t/0",
	"user: Find the order. Then cancel it.\nfind(W-2210) = found in store 7\ncancel(W-2210) = !no right to\nagent: Sorry.",
);

test("a step is summed up by what it did and what came back", () => {
	expect(rollout.steps.map((step) => stepSummary(step))).toEqual([
		"Find the order.",
		'find(value: "W-2210") → found in store 7',
		'cancel(value: "W-2210") → error: no right to',
		"Sorry.",
	]);
	expect(stepSummary({ ...rollout.steps[1]!, summary: "I found it" })).toBe("I found it");
});

function withSummaries(base: Rollout, summaries: Record<number, string>): Rollout {
	return { ...base, steps: base.steps.map((step) => ({ ...step, summary: summaries[step.step] ?? null })) };
}

test("a faithful summary finds its own step first, a mixed-up one does not", () => {
	const faithful = withSummaries(rollout, { 1: "found order W-2210 in store 7", 2: "cancel failed: no right" });
	expect(summaryFidelity(faithful)).toEqual([
		{ step: 1, rank: 1, of: 3 },
		{ step: 2, rank: 1, of: 3 },
	]);
	const mixed = withSummaries(rollout, { 1: "cancel: no right to" });
	expect(summaryFidelity(mixed)[0]?.rank).toBeGreaterThan(1);
	expect(summaryFidelity(rollout)).toEqual([]);
});

test("consecutive summaries are shown with what came and went", () => {
	const history = summaryHistory(withSummaries(rollout, { 1: "order found", 2: "order cancelled" }));
	expect(history[0]?.changes).toBeNull();
	expect(history[1]?.changes?.filter((change) => change.added).map((change) => change.value)).toEqual(["cancelled"]);
});

test("facts that a compaction dropped are listed where they were needed again", () => {
	const long = draw(
		"t/1",
		"user: go\nfind(a) = order W-2210 in /data/orders.csv\nuser: summary\nread(/data/orders.csv) = W-2210;49.00\nrefund(W-2210) = ok\nagent: done",
	);
	const compacted = withSummaries(long, { 2: "The order was found." });
	expect(compactions(compacted)).toEqual([
		{
			step: 2,
			summary: "The order was found.",
			dropped: [
				{ fact: "/data/orders.csv", seen: 1, used: 3, lookedUpAgain: false },
				{ fact: "W-2210", seen: 1, used: 4, lookedUpAgain: true },
			],
		},
	]);
	const keeping = withSummaries(long, { 2: "Order W-2210 stands in /data/orders.csv." });
	expect(compactions(keeping)[0]?.dropped).toEqual([]);
});

test("the document shows summaries with what changed, and what a compaction dropped", () => {
	const notes = historyNotes(withSummaries(rollout, { 1: "order W-2210 found", 2: "order W-2210 not cancelled" }));
	expect([...notes]).toEqual([
		[1, ["summary: order W-2210 found"]],
		[2, ["summary: order W-2210 not cancelled", "+ not cancelled; − found"]],
	]);
	const long = draw("t/1", "user: go\nfind(a) = order W-2210\nuser: summary\nrefund(W-2210) = ok");
	expect(historyNotes(withSummaries(long, { 2: "Nothing." })).get(2)).toEqual([
		"compacted; dropped, but needed again:",
		"  W-2210  seen #1, used #3",
	]);
	expect(historyNotes(rollout).size).toBe(0);
});
