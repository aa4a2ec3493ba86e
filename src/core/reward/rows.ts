// The inputs that a rollout is scored by: rows of tokens with the places where the model's answer is read.
import type { Evaluation } from "./description.ts";
import { latestThatFit, overlappingWindows, type Window, withoutMiddle } from "./windows.ts";

export interface TokenisedStep {
	/** Index of the step in the rollout. */
	step: number;
	action: Int32Array;
	result: Int32Array;
	scored: boolean;
}

/** A rollout in the model's tokens, without the special tokens that frame an input. */
export interface TokenisedPrompt {
	head: Int32Array;
	steps: TokenisedStep[];
	/** What closes every input. */
	tail: Int32Array;
	references?: References<Int32Array>;
}

/** Labelled examples that a model judges by. */
export interface References<Text> {
	/** Before the task. */
	head: Text;
	/** Before each step, where that one is judged; one entry a step. */
	steps: readonly Text[];
}

export interface Frame {
	/** Special tokens that open and close every input of this model. */
	prefix: Int32Array;
	suffix: Int32Array;
	/** Token behind each scored action; null where there is none. */
	stepToken: number | null;
	/** Whether a judged prefix ends with what the step brought, or before it, as process reward models judge. */
	seesResult: boolean;
	maximumTokens: number;
}

export interface Row {
	tokens: Int32Array;
	/** Positions at which the answer is read, ascending. */
	picks: number[];
	/** For each pick the step that it scores; null: the rollout as a whole. */
	steps: (number | null)[];
}

export interface Rows {
	rows: Row[];
	/** What the model did not see, for the reader. */
	notes: string[];
}

/** Rows for one rollout. A rollout without a step to score has none. */
export function rowsOf(prompt: TokenisedPrompt, evaluation: Evaluation, frame: Frame): Rows {
	const notes = new Set<string>();
	if (!prompt.steps.some(({ scored }) => scored)) return { rows: [], notes: [] };
	const room = frame.maximumTokens - frame.prefix.length - frame.suffix.length - prompt.tail.length;
	const task = withoutMiddle(prompt.head, Math.floor(room / 2));
	if (task.length < prompt.head.length)
		notes.add(`the middle of task and tools is left out: ${prompt.head.length} tokens, room for ${task.length}`);
	const references = fitting(prompt.references, Math.floor(room / 2) - task.length, notes);
	const head = references === null ? task : Int32Array.from([...references.head, ...task]);
	const budget = room - head.length;
	const marks = frame.stepToken === null ? 0 : 1;
	const steps = prompt.steps.map((step) => shortened(step, budget, marks, notes));
	const lengths = steps.map((step) => lengthOf(step, marks));
	const before = (at: number) => (evaluation === "prefix" ? (references?.steps[at]?.length ?? 0) : 0);
	const windows = windowsOf(lengths, steps, evaluation, (at) => budget - Math.min(before(at), budget / 2));
	for (const window of windows) if (window.from > 0) notes.add(windowNote(evaluation));
	const shown = prompt.steps.map((_, at) =>
		before(at) > 0 && before(at) <= budget / 2 ? (references?.steps[at] ?? NOTHING) : NOTHING,
	);
	const parts = { ...prompt, head, steps, shown };
	return { rows: windows.map((window) => rowOf(parts, window, evaluation, frame)), notes: [...notes] };
}

const NOTHING = new Int32Array();

/** References give way before anything of the rollout does. */
function fitting(
	references: TokenisedPrompt["references"],
	room: number,
	notes: Set<string>,
): References<Int32Array> | null {
	if (references === undefined) return null;
	if (references.head.length <= room) return references;
	notes.add("reference questions do not fit and are left out");
	return { ...references, head: NOTHING };
}

function windowNote(evaluation: Evaluation): string {
	return evaluation === "positions"
		? "longer than the model reads: scored in overlapping windows, each with task and tools"
		: "longer than the model reads: the earliest steps are left out, task and tools are kept";
}

/** @param budget tokens for the steps of a window that ends with the step `at` */
function windowsOf(
	lengths: number[],
	steps: TokenisedStep[],
	evaluation: Evaluation,
	budget: (at: number) => number,
): Window[] {
	const last = lengths.length - 1;
	if (evaluation === "whole") return [latestThatFit(lengths, lengths.length, budget(last))];
	if (evaluation === "positions")
		return overlappingWindows(lengths, budget(last)).filter(({ scoredFrom, to }) =>
			steps.slice(scoredFrom, to).some(({ scored }) => scored),
		);
	return steps.flatMap(({ scored }, at) => (scored ? [latestThatFit(lengths, at + 1, budget(at))] : []));
}

function lengthOf(step: TokenisedStep, marks: number): number {
	return step.action.length + step.result.length + (step.scored ? marks : 0);
}

/** What the agent did comes before what it saw: observations give way first. */
function shortened(step: TokenisedStep, budget: number, marks: number, notes: Set<string>): TokenisedStep {
	if (lengthOf(step, marks) <= budget) return step;
	notes.add("a step is longer than the model reads: its middle is left out");
	const own = step.scored ? marks : 0;
	const action = withoutMiddle(step.action, budget - own);
	return { ...step, action, result: withoutMiddle(step.result, budget - own - action.length) };
}

function rowOf(
	prompt: TokenisedPrompt & { shown: readonly Int32Array[] },
	window: Window,
	evaluation: Evaluation,
	frame: Frame,
): Row {
	const tokens: number[] = [];
	const picks: number[] = [];
	const read: (number | null)[] = [];
	const add = (part: Int32Array) => {
		for (const token of part) tokens.push(token);
	};
	add(frame.prefix);
	add(prompt.head);
	for (let at = window.from; at < window.to; at++) {
		const step = prompt.steps[at] as TokenisedStep;
		const judged = evaluation === "prefix" && at === window.to - 1;
		if (judged) add(prompt.shown[at] ?? NOTHING);
		add(step.action);
		if (step.scored && frame.stepToken !== null) tokens.push(frame.stepToken);
		if (judged && frame.stepToken !== null) {
			picks.push(tokens.length - 1);
			read.push(step.step);
		}
		if (step.scored && evaluation === "positions" && at >= window.scoredFrom) {
			picks.push(tokens.length - 1);
			read.push(step.step);
		}
		if (!judged || frame.seesResult) add(step.result);
	}
	add(prompt.tail);
	add(frame.suffix);
	if (evaluation !== "positions" && picks.length === 0) {
		picks.push(tokens.length - 1);
		read.push(evaluation === "whole" ? null : (prompt.steps[window.to - 1] as TokenisedStep).step);
	}
	return { tokens: Int32Array.from(tokens), picks, steps: read };
}
