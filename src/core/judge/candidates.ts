// The steps that a judge is asked about, under letters in a shuffled order: where a step stands must not tell what it is.
import { type Random, randomIndex } from "../math/random.ts";
import type { Rollout, Step } from "../model/trajectory.ts";
import { oneLine } from "../text/line.ts";

/** Steps beyond this many are left to the ranking: only its best are asked about. */
export const MOST_CANDIDATES = 12;
/** Longest part of a step that is shown: its text, a call, a result. */
const LONGEST_PART = 1200;
/** Longest part of what came before it. */
const LONGEST_BEFORE = 400;

/** Steps of the agent to ask about, in the order of the rollout. `ranked` has the likeliest first. */
export function candidateSteps(ranked: readonly { step: number }[]): number[] {
	return ranked
		.slice(0, MOST_CANDIDATES)
		.map(({ step }) => step)
		.sort((a, b) => a - b);
}

export interface Lettered {
	letter: string;
	step: number;
}

/** A fresh order (Fisher and Yates), with letters instead of numbers. */
export function lettered(steps: readonly number[], random: Random): Lettered[] {
	const order = [...steps];
	for (let last = order.length - 1; last > 0; last--) {
		const other = randomIndex(random, last + 1);
		[order[last], order[other]] = [order[other] as number, order[last] as number];
	}
	return order.map((step, index) => ({ letter: letterOf(index), step }));
}

/** A, B, ... Z, AA, AB, ... */
export function letterOf(index: number): string {
	const last = String.fromCharCode(65 + (index % 26));
	return index < 26 ? last : letterOf(Math.floor(index / 26) - 1) + last;
}

/** A step as it is shown, with what came just before it; nothing in it says where it stands. */
export function describeCandidate(rollout: Rollout, step: number): string {
	const own = rollout.steps[step];
	if (own === undefined) return "";
	const before = rollout.steps[step - 1];
	const context = before === undefined ? [] : [`before: ${oneLine(lastWords(before), LONGEST_BEFORE)}`];
	return [...context, ...partsOf(own)].join("\n");
}

/** What a step says, does and gets back, in lines. */
export function partsOf(step: Step): string[] {
	return [
		step.reasoning === "" ? "" : `thinks: ${shorten(step.reasoning)}`,
		step.text === "" ? "" : `says: ${shorten(step.text)}`,
		...step.calls.map(({ name, arguments: given }) => `calls: ${name}(${shorten(JSON.stringify(given))})`),
		...step.observations.map(({ text, isError }) => `${isError ? "error" : "result"}: ${shorten(text)}`),
	].filter((line) => line !== "");
}

function lastWords({ observations, text }: Step): string {
	return observations.at(-1)?.text ?? text;
}

function shorten(text: string): string {
	return oneLine(text, LONGEST_PART);
}
