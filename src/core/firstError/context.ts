// What is known beside the rollout itself: its siblings, a reference path, scores. Worked out once for a whole group.

import type { ReferencePlan } from "../labels/referencePlan.ts";
import { canonicalJson } from "../model/action.ts";
import type { Outcome, Rollout, ToolCall } from "../model/trajectory.ts";
import { DEFAULT_NORMALISATION, stepKeys, usesTools } from "../tree/normalise.ts";
import { changesTheWorld } from "./effects.ts";
import { factsOf, type RolloutFacts } from "./facts.ts";
import { AnswerTally } from "./siblings/answerTally.ts";
import type { StepScores } from "./stepScores.ts";
import { foldWords } from "./words.ts";

/** Successes and failures among rollouts whose outcome is known. */
export interface Tally {
	successes: number;
	failures: number;
}

/** A prefix of actions that some members share. */
export interface PathNode {
	tally: Tally;
	/** Members that took this path, of whatever outcome. */
	passed: number;
	/** A member and step that show the action. */
	example: { member: number; step: number };
	children: Map<string, PathNode>;
}

/** The rollouts of one task with what their comparison needs. */
export interface GroupFacts {
	members: readonly RolloutFacts[];
	tally: Tally;
	root: PathNode;
	/** For each member the nodes that it passes, one a step. */
	paths: readonly (readonly PathNode[])[];
	/** Calls that change the world, by `writeKey`: who made them. */
	writes: ReadonlyMap<string, Tally>;
	answers: AnswerTally;
}

export interface EvidenceContext {
	group: GroupFacts;
	/** Position of the rollout in the group. */
	member: number;
	reference: ReferencePlan | null;
	scores: readonly StepScores[];
}

/** @param rollouts all attempts at one task, each once */
export function groupFacts(rollouts: readonly Rollout[]): GroupFacts {
	return groupFactsOf(rollouts.map(factsOf));
}

/** The same from facts that were worked out before. */
export function groupFactsOf(members: readonly RolloutFacts[]): GroupFacts {
	const tally = { successes: 0, failures: 0 };
	const root: PathNode = {
		tally: { successes: 0, failures: 0 },
		passed: 0,
		example: { member: 0, step: 0 },
		children: new Map(),
	};
	const writes = new Map<string, Tally>();
	const tools = usesTools(members.map(({ rollout }) => rollout));
	const paths = members.map((facts, member) => {
		const { outcome } = facts.rollout;
		count(tally, outcome);
		count(root.tally, outcome);
		root.passed++;
		for (const key of new Set(writesOf(facts).map(({ call }) => writeKey(call)))) {
			const known = writes.get(key) ?? { successes: 0, failures: 0 };
			count(known, outcome);
			writes.set(key, known);
		}
		return walk(root, facts.rollout, member, tools);
	});
	return { members, tally, root, paths, writes, answers: new AnswerTally(members) };
}

function walk(root: PathNode, rollout: Rollout, member: number, tools: boolean): PathNode[] {
	let node = root;
	return stepKeys(DEFAULT_NORMALISATION, rollout, tools).map((key, index) => {
		const known = node.children.get(key);
		const next = known ?? {
			tally: { successes: 0, failures: 0 },
			passed: 0,
			example: { member, step: index },
			children: new Map(),
		};
		if (known === undefined) node.children.set(key, next);
		count(next.tally, rollout.outcome);
		next.passed++;
		node = next;
		return next;
	});
}

function count(tally: Tally, outcome: Outcome): void {
	if (outcome === "success") tally.successes++;
	else if (outcome === "failure") tally.failures++;
}

/** The same without one rollout of that outcome: what its siblings did. */
export function without(tally: Tally, outcome: Outcome): Tally {
	return {
		successes: tally.successes - (outcome === "success" ? 1 : 0),
		failures: tally.failures - (outcome === "failure" ? 1 : 0),
	};
}

/** Calls of the rollout that changed something: known by their names, and not refused. */
export function writesOf(facts: RolloutFacts): RolloutFacts["calls"] {
	return facts.calls.filter(({ call, observation }) => changesTheWorld(call.name) && observation?.isError !== true);
}

/** Equal for calls that do the same, whatever the punctuation and letter case of their arguments. */
export function writeKey(call: ToolCall): string {
	return `${call.name}(${foldWords(canonicalJson(call.arguments))})`;
}
