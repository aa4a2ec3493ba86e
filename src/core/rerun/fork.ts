// Where a rerun leaves a rollout, and what was changed there.
import { parseJson } from "../json/parse.ts";
import { isObject, type JsonObject } from "../model/json.ts";
import type { Rollout, Step } from "../model/trajectory.ts";

export const EDITS = ["message", "observation", "arguments"] as const;

export interface Edit {
	/** `message`: the text of the step; `observation`: its first result; `arguments`: those of its first call, as JSON. */
	what: (typeof EDITS)[number];
	text: string;
}

export interface Fork {
	/**
	 * 0-based. Without an edit this step is taken anew; with one it is kept, edited, and the next is taken anew. After
	 * edited arguments the step's calls are made first: their recorded results answer other calls.
	 */
	step: number;
	edit: Edit | null;
}

/** The steps that a continuation starts from. The rollout itself is never changed. */
export function forkSteps(rollout: Rollout, { step, edit }: Fork): Step[] {
	const kept = rollout.steps.slice(0, step);
	const edited = rollout.steps[step];
	return edit === null || edited === undefined ? kept : [...kept, editedStep(edited, edit)];
}

function editedStep(step: Step, { what, text }: Edit): Step {
	if (what === "message") return { ...step, text };
	if (what === "observation") {
		const observations = step.observations.map((observation, index) =>
			index === 0 ? { ...observation, text } : observation,
		);
		return { ...step, observations };
	}
	const given = argumentsIn(text) ?? {};
	const calls = step.calls.map((call, index) => (index === 0 ? { ...call, arguments: given } : call));
	return { ...step, calls, observations: [] };
}

/** The last recorded step whose calls have to be made again before a continuation begins; -1 where there is none. */
export function lastRepeatedStep({ step, edit }: Fork): number {
	return edit === null || edit.what === "arguments" ? step - 1 : step;
}

/** What an edit begins with: the text as it was recorded. */
export function editedText(step: Step, what: Edit["what"]): string {
	if (what === "message") return step.text;
	if (what === "observation") return step.observations[0]?.text ?? "";
	return JSON.stringify(step.calls[0]?.arguments ?? {});
}

/** The same fork with the step as it was recorded: what an edit is compared with. */
export function controlFork(rollout: Rollout, fork: Fork): Fork {
	const step = rollout.steps[fork.step];
	if (fork.edit === null || step === undefined) return fork;
	return { ...fork, edit: { ...fork.edit, text: editedText(step, fork.edit.what) } };
}

/** Why a fork makes no sense; null where it does. */
export function forkProblem(rollout: Rollout, { step, edit }: Fork): string | null {
	const at = rollout.steps[step];
	if (at === undefined) return `the rollout has steps 0 to ${rollout.steps.length - 1}`;
	if (edit?.what === "observation" && at.observations.length === 0) return `step #${step} has no observation`;
	if (edit?.what === "arguments" && at.calls.length === 0) return `step #${step} has no call`;
	if (edit?.what === "arguments" && argumentsIn(edit.text) === null) return "the arguments are no JSON object";
	if (edit === null && !rollout.steps.slice(0, step).some(({ role }) => role === "user" || role === "environment"))
		return "nothing was asked before this step";
	return null;
}

function argumentsIn(text: string): JsonObject | null {
	const parsed = parseJson(text);
	return parsed.ok && isObject(parsed.value) ? parsed.value : null;
}
