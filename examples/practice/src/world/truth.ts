// What is true of a rollout and cannot be seen in it: values of its prefixes and the steps that the five targets name.
import { type Action, actionKey } from "./actions.ts";
import { distance, isMisplaced, isUnfounded, usefulActions } from "./distance.ts";
import type { Motive } from "./kinds.ts";
import { isSlip } from "./kinds.ts";
import { type Message, walkMessages } from "./messages.ts";
import type { State } from "./state.ts";
import type { ValueGraph } from "./values.ts";

/** One agent step with the states around it. */
export interface WalkedStep {
	/** Index of the assistant message. */
	message: number;
	/** Index of the last message that the step brought about (its result or the customer's reply). */
	lastMessage: number;
	action: Action;
	motive: Motive;
	before: State;
	after: State;
}

/**
 * The agent steps of a conversation, made by the agent here or by anybody else. Motives that were not recorded are the likeliest
 * ones for what was done; an action that this agent would never take counts as `plan`.
 */
export function walkSteps(
	graph: ValueGraph,
	messages: readonly Message[],
	motives: readonly Motive[] = [],
): WalkedStep[] {
	const { turns } = walkMessages(graph.task, messages, graph.switches);
	return turns.map(({ message, lastMessage, before, after, parts }, index) => {
		const { action } = parts[0]!;
		return {
			message,
			lastMessage,
			action,
			before,
			after,
			motive: motives[index] ?? likeliestMotive(graph, before, action),
		};
	});
}

function likeliestMotive(graph: ValueGraph, state: State, action: Action): Motive {
	const key = actionKey(action);
	const motives = graph.choices(state).find((choice) => actionKey(choice.action) === key)?.motives ?? [];
	return motives.reduce((best, entry) => (entry.share > best.share ? entry : best), {
		motive: "plan" as Motive,
		share: 0,
	}).motive;
}

/** A step by both of the counts in use: ordinal among agent steps and index of its assistant message, both from 0. */
export interface StepPlace {
	step: number;
	message: number;
}

export interface StepTruth extends StepPlace {
	motive: Motive;
	/** Probability of success before the step, with the step taken but unanswered, and after it. */
	before: number;
	taken: number;
	after: number;
	/**
	 * 1 brings success nearer, 0 costs time only, -1 is wrong: it sets success back or makes it impossible, stakes it on a guess, or
	 * writes or says what no part of the task wants.
	 */
	verdict: 1 | 0 | -1;
}

/**
 * `firstWrong`: first step with verdict -1. `decisive`: earliest step with value at most 0.5 once taken, where an optimal action
 * would have brought it above 0.5. `irrecoverable`: first step after which the value is 0; `lowValue`: at most 0.05.
 * `largestDrop`: the step that cost most, the first of equals. `decisive` and the drops are null in successful rollouts.
 */
export interface Targets {
	firstWrong: StepPlace | null;
	decisive: StepPlace | null;
	irrecoverable: StepPlace | null;
	lowValue: StepPlace | null;
	largestDrop: StepPlace | null;
}

export interface Truth {
	success: boolean;
	/** Probability of success after each message; before anything is decided for system and first user message. */
	values: number[];
	steps: StepTruth[];
	targets: Targets;
	/** Steps that were slips, with their kinds. */
	slips: (StepPlace & { kind: Motive })[];
	/** Value just before the irrecoverable step, null where there is none: what its skill bin is decided by. */
	valueBefore: number | null;
}

const LOW_VALUE = 0.05;
const SAVED = 0.5;
/** Values are sums of products of doubles; what is equal on paper differs by less than this. */
const EQUAL = 1e-12;

export function truthOf(
	graph: ValueGraph,
	walked: readonly WalkedStep[],
	messageCount: number,
	success: boolean,
): Truth {
	const steps = walked.map((step, index) => stepTruth(graph, step, index));
	const irrecoverable = steps.find((step) => step.after === 0 && step.before > 0);
	return {
		success,
		values: messageValues(walked, steps, messageCount),
		steps,
		targets: {
			firstWrong: placeOf(steps.find((step) => step.verdict === -1)),
			decisive: success ? null : placeOf(findDecisive(graph, walked, steps)),
			irrecoverable: success ? null : placeOf(irrecoverable),
			lowValue: success ? null : placeOf(steps.find((step) => step.after <= LOW_VALUE)),
			largestDrop: success ? null : placeOf(findLargestDrop(steps)),
		},
		slips: steps
			.filter((step) => isSlip(step.motive))
			.map(({ step, message, motive }) => ({ step, message, kind: motive })),
		valueBefore: success ? null : (irrecoverable?.before ?? null),
	};
}

function stepTruth(graph: ValueGraph, walked: WalkedStep, step: number): StepTruth {
	return {
		step,
		message: walked.message,
		motive: walked.motive,
		before: graph.value(walked.before),
		taken: graph.actionValue(walked.before, walked.action),
		after: graph.value(walked.after),
		verdict: verdictOf(graph, walked),
	};
}

function verdictOf({ task }: ValueGraph, { before, after, action }: WalkedStep): 1 | 0 | -1 {
	if (before.desk.closed) return 0;
	const from = distance(task, before);
	const to = distance(task, after);
	if (to > from || isUnfounded(task, before.memory, action)) return -1;
	if (to < from) return 1;
	return isMisplaced(task, before, action) ? -1 : 0;
}

function findDecisive(graph: ValueGraph, walked: readonly WalkedStep[], steps: StepTruth[]): StepTruth | undefined {
	return steps.find(({ taken }, index) => taken <= SAVED && bestValue(graph, walked[index]!.before) > SAVED + EQUAL);
}

/** Value of the best action in a state, for an agent that goes on by its policy afterwards. */
export function bestValue(graph: ValueGraph, state: State): number {
	const actions = new Map<string, Action>();
	for (const { action } of graph.choices(state)) actions.set(actionKey(action), action);
	for (const action of usefulActions(graph.task, state)) actions.set(actionKey(action), action);
	let best = 0;
	for (const action of actions.values()) best = Math.max(best, graph.actionValue(state, action));
	return best;
}

function findLargestDrop(steps: StepTruth[]): StepTruth | undefined {
	let largest: StepTruth | undefined;
	for (const step of steps) {
		const drop = step.before - step.after;
		if (drop > EQUAL && (largest === undefined || drop > largest.before - largest.after + EQUAL)) largest = step;
	}
	return largest;
}

function placeOf(step: StepTruth | undefined): StepPlace | null {
	return step === undefined ? null : { step: step.step, message: step.message };
}

function messageValues(walked: readonly WalkedStep[], steps: StepTruth[], count: number): number[] {
	const start = steps[0]?.before ?? 0;
	const values = new Array<number>(count).fill(start);
	walked.forEach(({ message, lastMessage }, index) => {
		for (let at = message; at < lastMessage; at++) values[at] = steps[index]!.taken;
		for (let at = lastMessage; at < count; at++) values[at] = steps[index]!.after;
	});
	return values;
}
