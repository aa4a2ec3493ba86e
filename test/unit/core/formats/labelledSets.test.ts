// Labelled sets: every stored verdict at the step that it speaks of, whatever the set counts from.
import { describe, expect, test } from "vitest";
import type { Rollout } from "../../../../src/core/model/trajectory.ts";
import { fixture } from "../../../support/fixtures.ts";
import { jsonLines, type ReadText, readText, sliceOf } from "../../../support/records.ts";

function read(name: string, beside: Record<string, string> = {}): ReadText {
	return readText(fixture(name).text, "x.dat", beside);
}

/** Target, step, the index as stored and the rating of every label. */
function verdicts(rollout: Rollout | undefined): unknown[] {
	return (rollout?.labels ?? []).map(({ target, step, originalIndex, rating }) => [
		target,
		step,
		originalIndex,
		rating,
	]);
}

/** The text of the step that a label points to. */
function blamed(rollout: Rollout | undefined): string | undefined {
	const [label] = rollout?.labels ?? [];
	return label?.step === null || label === undefined ? undefined : rollout?.steps[label.step]?.text;
}

/** The fixture's JSON with one change. */
function changed(name: string, change: (record: Record<string, unknown>) => void): ReadText {
	const record = JSON.parse(fixture(name).text.split("\n")[0] ?? "") as Record<string, unknown>;
	change(record);
	return readText(jsonLines([record]));
}

describe("ProcessBench", () => {
	const { rollouts } = read("processbench.jsonl");

	test("counts solution steps from 0; the problem before them is no step of the solution", () => {
		expect(verdicts(rollouts[0])).toEqual([["firstWrong", 2, 1, null]]);
		expect(blamed(rollouts[0])).toBe("Three plus four is seven.");
		expect(blamed(rollouts[2])).toBe("Six is eleven halves.");
	});

	test("says -1 where no step is wrong", () => {
		expect(rollouts[1]?.labels).toMatchObject([{ target: "firstWrong", none: true, step: null, originalIndex: -1 }]);
		expect(rollouts.map((rollout) => rollout.outcome)).toEqual(["failure", "success", "success"]);
	});

	test("keeps a verdict about a step that is not there, and reports it", () => {
		const read = changed("processbench.jsonl", (record) => Object.assign(record, { label: 8 }));
		expect(verdicts(read.rollouts[0])).toEqual([["firstWrong", null, 8, null]]);
		expect(read.problems).toEqual(["x.dat:1: a label speaks of step 8, which arith-7 does not have"]);
	});
});

describe("PRM800K", () => {
	const { rollouts } = read("prm800k.jsonl");

	test("makes a rollout of the chosen path and of each alternative, after the step that they share last", () => {
		const ends = rollouts.map((rollout) => rollout.steps.at(-1)?.text);
		expect(ends).toEqual(["They are six numbers.", "Nobody judged this.", "The sum is thirty.", "So twenty five."]);
		expect(rollouts.slice(1).map(({ parent, branchStep }) => [parent, branchStep])).toEqual([
			[rollouts[0]?.id, 1],
			[rollouts[0]?.id, 1],
			[rollouts[2]?.id, 2],
		]);
	});

	test("rates every completion once, with the number of its step", () => {
		expect(rollouts.flatMap(verdicts)).toEqual([
			["rating", 1, 0, 1],
			["rating", 2, 1, -1],
			["rating", 2, 1, 0],
			["rating", 3, 2, -1],
			["rating", 4, 3, 1],
		]);
	});

	test("goes on with the labeler's own completion where none was chosen", () => {
		expect(rollouts[3]?.steps[3]).toMatchObject({ agent: "labeler", text: "Five times five gives the answer." });
	});

	test("tells the reference answer and who labelled", () => {
		expect(rollouts[0]).toMatchObject({ reference: "25", ending: "solution", durationMs: 81000 });
		expect(rollouts[0]?.labels[0]).toMatchObject({ annotator: "labeler-3", annotatorKind: "human" });
	});
});

describe("Math-Shepherd", () => {
	const { rollouts } = read("math-shepherd.jsonl");

	test("takes the verdict that stands in a tag's place, counted from 1", () => {
		expect(verdicts(rollouts[0])).toEqual([
			["rating", 1, 1, 1],
			["rating", 2, 2, -1],
			["rating", 3, 3, -1],
		]);
		expect(rollouts[0]?.steps.map((step) => step.text)).toEqual([
			"How many legs do four cats have?",
			"Step 1: A cat has four legs.",
			"Step 2: Four plus four is eight legs.",
			"Step 3: The answer is eight.",
		]);
	});

	test("does not take a plus or minus of the text for a verdict", () => {
		expect(verdicts(rollouts[1])).toEqual([["rating", 1, 1, 1]]);
	});

	test("reports steps that have no verdict", () => {
		const read = changed("math-shepherd.jsonl", (record) => {
			record.label = "How many legs?\nStep 1: Other words. +";
		});
		expect(read.problems).toEqual(["x.dat:1: steps without a verdict: input and label differ"]);
	});
});

describe("Who&When", () => {
	test("reads the index in a string as an index of the history, with agent and reason", () => {
		const [rollout] = read("whowhen.json").rollouts;
		expect(rollout?.labels).toMatchObject([
			{
				target: "decisive",
				step: 2,
				originalIndex: "2",
				agent: "Geography_Expert",
				text: "It measured the wrong road.",
			},
		]);
		expect(blamed(rollout)).toBe("The road to Bregenz is shortest.");
		expect(rollout).toMatchObject({ task: "q-12", outcome: "failure", reference: "Lindau" });
	});

	test("keeps what a terminal says as a step of its own, so that indices stay those of the history", () => {
		const [rollout] = read("whowhen.json").rollouts;
		expect(rollout?.steps.map((step) => step.role)).toEqual(["agent", "agent", "agent", "environment", "agent"]);
		expect(rollout?.steps.map((step) => step.agent)).toEqual([
			"Planner",
			"Geography_Expert",
			"Geography_Expert",
			null,
			"Planner",
		]);
	});

	test("reads speakers in the role of hand-made runs", () => {
		const [rollout] = read("whowhen.roles.json").rollouts;
		expect(rollout?.steps.map((step) => step.agent ?? step.role)).toEqual([
			"user",
			"Orchestrator (thought)",
			"Orchestrator (-> WebSurfer)",
			"WebSurfer",
		]);
		expect(verdicts(rollout)).toEqual([["decisive", 3, "3", null]]);
	});

	test.each(["5", "-1", "two", "1.5", "__proto__"])("keeps the index %s, which is none, and reports it", (index) => {
		const history = [{ role: "assistant", name: "Planner", content: "I plan." }];
		const read = readText(JSON.stringify({ history, question: "q", mistake_agent: "Planner", mistake_step: index }));
		expect(verdicts(read.rollouts[0])).toEqual([["decisive", null, index, null]]);
		expect(read.problems[0]).toContain(`a label speaks of step ${index}`);
	});
});

describe("TRAIL", () => {
	const annotations = fixture("trail-annotations.json").text;
	const beside = { "../../processed_annotations_gaia/x.json": annotations };

	test("labels the step that a span belongs to; the earliest span is the target", () => {
		const { rollouts, problems } = read("trail.json", beside);
		expect(problems).toEqual([]);
		const [rollout] = rollouts;
		const steps = rollout?.labels.map((label) => rollout.steps[label.step ?? -1]);
		expect(steps).toMatchObject([{ text: "The ferry leaves at noon." }, { calls: [{ name: "search" }] }]);
		expect(rollout?.labels).toMatchObject([
			{ target: "rating", rating: -1, originalIndex: "aa05", category: "Hallucination", severity: "HIGH" },
			{ target: "firstAnnotated", originalIndex: "aa04", category: "Tool error", text: "The search was too short." },
		]);
	});

	test("reads a row that holds trace and annotations as text alike", () => {
		const [apart] = read("trail.json", beside).rollouts;
		const [row] = read("trail.rows.jsonl").rollouts;
		expect(row?.labels).toEqual(apart?.labels);
		expect(row?.steps.map((step) => step.text)).toEqual(apart?.steps.map((step) => step.text));
		expect(row?.rewards).toMatchObject({ reliability_score: 2, overall: 3.5 });
	});

	test("keeps an error whose span is not in the trace", () => {
		const broken = annotations.replace('"aa05"', '"ffff"');
		const { rollouts, problems } = read("trail.json", { "annotations/x.json": broken });
		expect(verdicts(rollouts[0])[0]).toEqual(["rating", null, "ffff", -1]);
		expect(problems).toEqual(["x.dat:4: a label speaks of step ffff, which trace-4 does not have"]);
	});

	test("says when no annotations are beside a trace, and when no trace is beside annotations", () => {
		expect(read("trail.json").problems).toEqual(["x.dat:1: note: a trace without annotations: none are beside it"]);
		const alone = read("trail-annotations.json");
		expect(verdicts(alone.rollouts[0])).toEqual([
			["rating", null, "aa05", -1],
			["rating", null, "aa04", -1],
		]);
		expect(alone.problems).toEqual([
			"x.dat:1: note: 2 labels of trace-4, but no steps: open the trajectories with them",
		]);
	});

	test("of very deep spans is cut and says so", () => {
		const levels = 1500;
		const open = '{"span_id":"s","timestamp":"2025-03-01T10:00:00Z","span_attributes":{},"child_spans":['.repeat(
			levels,
		);
		const read = readText(`{"trace_id":"t","spans":[${open}${"]}".repeat(levels)}]}`);
		expect(read.format?.id).toBe("trail");
		expect(read.problems[0]).toContain("too deep");
	});
});

describe("AgentProcessBench", () => {
	const messages = [
		{ role: "user", content: "Book the ferry." },
		{ role: "assistant", content: "I book Monday." },
		{ role: "user", content: "I said Tuesday." },
		{ role: "assistant", content: "Then it stays Monday." },
	];

	test("counts messages, in strings, and speaks of the whole without an index", () => {
		const row = { question: "q", messages, step_labels: { "1": 0, "3": -1 }, final_label: -1, data_source: "travel" };
		const [rollout] = readText(jsonLines([row])).rollouts;
		expect(verdicts(rollout)).toEqual([
			["rating", 1, "1", 0],
			["rating", 3, "3", -1],
			["rating", null, null, -1],
		]);
	});

	test("keeps what a model judged of runs in other files", () => {
		const { rollouts, problems } = read("step-judgements.jsonl");
		expect(verdicts(rollouts[0])).toEqual([
			["rating", null, "2", 1],
			["rating", null, "4", -1],
			["rating", null, null, -1],
		]);
		expect(rollouts[0]?.labels[1]).toMatchObject({ annotator: "tiny-judge", text: "It booked the wrong day." });
		expect(problems).toEqual([
			"x.dat:1: note: 5 labels of 2 trajectories, but no steps: open the trajectories with them",
		]);
	});
});

describe("AgentErrorBench", () => {
	const labels = fixture("agenterrorbench-labels.json").text;

	test("counts answers of the agent from 1", () => {
		const [rollout] = read("agenterrorbench.rows.jsonl").rollouts;
		expect(verdicts(rollout)).toEqual([
			["decisive", 3, 2, null],
			["rating", 1, 1, -1],
			["rating", 3, 2, -1],
			["rating", 3, 2, -1],
		]);
		expect(blamed(rollout)).toBe("I take the plate.");
		expect(rollout?.labels.map((label) => label.category)).toEqual([
			"planning",
			"memory: retrieval",
			"planning: inefficient",
			"action: misalignment",
		]);
		expect(rollout?.labels[0]?.text).toBe("It planned with the wrong thing.");
	});

	test("takes the labels from the file beside a run, by the run's name", () => {
		const beside = { "../alfworld_labels.json": labels };
		const run = readText(fixture("agenterrorbench.json").text, "alfworld_3.json", beside);
		expect(run.problems).toEqual([]);
		expect(verdicts(run.rollouts[0])[0]).toEqual(["decisive", 3, 2, null]);
		const other = readText(fixture("agenterrorbench.json").text, "alfworld_4.json", beside);
		expect(other.problems).toEqual([
			"alfworld_4.json:1: note: a trajectory without labels: none for alfworld_4 are beside it",
		]);
	});

	test("counts history entries from 0 where the split came from Who&When, answers from 1 elsewhere", () => {
		const { rollouts } = read("agenterrorbench.splits.jsonl");
		expect(rollouts.map(blamed)).toEqual(["The archive is closed.", "I stay here."]);
		expect(rollouts.map((rollout) => rollout.labels[0]?.originalIndex)).toEqual(["1", 2]);
		expect(rollouts[0]?.labels[0]).toMatchObject({ target: "decisive", category: "system: tool", agent: "Planner" });
	});

	test("keeps labels whose runs are in other files", () => {
		const alone = readText(labels);
		expect(alone.rollouts[0]).toMatchObject({ id: "alfworld_3", steps: [] });
		expect(alone.rollouts[0]?.labels.map((label) => label.originalIndex)).toEqual([2, 1, 2, 2]);
	});

	test.each([0, -1, 9])("keeps step %d, which there is none of, and reports it", (step) => {
		const read = changed("agenterrorbench.rows.jsonl", (record) =>
			Object.assign(record, { critical_failure_step: step, step_annotations: [] }),
		);
		expect(verdicts(read.rollouts[0])).toEqual([["decisive", null, step, null]]);
		expect(read.problems[0]).toContain(`a label speaks of step ${step},`);
	});
});

describe("AgentRx", () => {
	test("counts messages from 1; a result belongs to the step that called for it", () => {
		const [rollout] = read("agentrx.jsonl").rollouts;
		expect(verdicts(rollout)).toEqual([
			["irrecoverable", 1, 3, null],
			["rating", 3, 5, -1],
		]);
		expect(rollout?.labels[0]).toMatchObject({ category: "Misread tool output", agent: "clerk" });
		expect(rollout).toMatchObject({ outcome: "failure", ending: "Sent the parcel to the wrong town." });
	});

	test("keeps failures whose run is in another file, the root cause under its target", () => {
		const { rollouts } = read("agentrx.alone.jsonl");
		expect(verdicts(rollouts[0])).toEqual([
			["rating", null, 4, -1],
			["irrecoverable", null, 9, null],
		]);
	});

	test("keeps a step number beyond the last message, and reports it", () => {
		const read = changed("agentrx.jsonl", (record) => {
			(record.failures as { step_number: number }[])[1] = { step_number: 6 };
		});
		expect(verdicts(read.rollouts[0])[1]).toEqual(["rating", null, 6, -1]);
		expect(read.problems).toEqual(["x.dat:1: a label speaks of step 6, which shop-17 does not have"]);
	});
});

test("a labelled step is placed at its own bytes", () => {
	const set = read("whowhen.json");
	const place = set.rollouts[0]?.steps[2]?.origin;
	expect(sliceOf(set, place ?? { start: 0, end: 0 })).toContain("The road to Bregenz is shortest.");
	expect(place?.pointer).toBe("/history/2");
});
