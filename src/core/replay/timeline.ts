// A recorded run as one line of time: the steps of a rollout, and after each step those of the sub-agents it started.
// Walking forward, backward, into and out of agents is then arithmetic on a position.
import type { Rollout } from "../model/trajectory.ts";

export interface Moment {
	/** Index into the rollouts that the timeline was made of. */
	rollout: number;
	/** 0-based. */
	step: number;
	/** 0 for the rollout itself, 1 for its sub-agents, and so on. */
	depth: number;
	/** Position of the step that started this agent; -1 at depth 0. */
	caller: number;
}

export interface Timeline {
	moments: Moment[];
	rollouts: readonly Rollout[];
}

/** Agents nested deeper than this are left out: a damaged log may name a rollout as its own ancestor. */
const DEEPEST = 32;

/** @param rollouts the rollout to walk through first, then all that may be its sub-agents */
export function timelineOf(rollouts: readonly Rollout[]): Timeline {
	const moments: Moment[] = [];
	const children = new Map<string, number[]>();
	rollouts.forEach((rollout, index) => {
		if (index === 0 || rollout.relation !== "sub-agent" || rollout.parent === null) return;
		children.set(rollout.parent, [...(children.get(rollout.parent) ?? []), index]);
	});
	const walked = new Set<number>();
	const walk = (index: number, depth: number, caller: number): void => {
		const rollout = rollouts[index];
		if (rollout === undefined || walked.has(index) || depth > DEEPEST) return;
		walked.add(index);
		const started = children.get(rollout.id) ?? [];
		for (const step of rollout.steps) {
			moments.push({ rollout: index, step: step.step, depth, caller });
			const here = moments.length - 1;
			const last = step.step === rollout.steps.length - 1;
			for (const child of started) {
				const at = rollouts[child]?.branchStep ?? null;
				if (at === step.step || (last && (at === null || at > step.step))) walk(child, depth + 1, here);
			}
		}
	};
	walk(0, 0, -1);
	return { moments, rollouts };
}

/** The agents that are at work at a position, innermost first, each with the step it is at. */
export function stackAt(timeline: Timeline, position: number): Moment[] {
	const stack: Moment[] = [];
	for (let at = position; at >= 0; ) {
		const moment = timeline.moments[at];
		if (moment === undefined) break;
		stack.push(moment);
		at = moment.caller;
	}
	return stack;
}

/** The next step of the same agent, or of the one that started it; null at the end. */
export function stepOver(timeline: Timeline, position: number): number | null {
	return firstFrom(timeline, position + 1, 1, depthAt(timeline, position));
}

/** The step before, of the same agent or of the one that started it; null at the start. */
export function stepBack(timeline: Timeline, position: number): number | null {
	return firstFrom(timeline, position - 1, -1, depthAt(timeline, position));
}

/** The first step of a sub-agent that starts here, else the next step. */
export function stepIn(timeline: Timeline, position: number): number | null {
	return position + 1 < timeline.moments.length ? position + 1 : null;
}

/** The step of the starting agent after this sub-agent has ended; null where there is none. */
export function stepOut(timeline: Timeline, position: number): number | null {
	return firstFrom(timeline, position + 1, 1, depthAt(timeline, position) - 1);
}

/** The nearest position in a direction at which `stops` answers true; null where none does. */
export function runTo(
	timeline: Timeline,
	position: number,
	direction: 1 | -1,
	stops: (moment: Moment) => boolean,
): number | null {
	for (let at = position + direction; at >= 0 && at < timeline.moments.length; at += direction) {
		if (stops(timeline.moments[at] as Moment)) return at;
	}
	return null;
}

function depthAt(timeline: Timeline, position: number): number {
	return timeline.moments[position]?.depth ?? 0;
}

function firstFrom(timeline: Timeline, from: number, direction: 1 | -1, deepest: number): number | null {
	for (let at = from; at >= 0 && at < timeline.moments.length; at += direction) {
		if ((timeline.moments[at] as Moment).depth <= deepest) return at;
	}
	return null;
}
