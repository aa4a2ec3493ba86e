// Failures of the practice world to search: exact values after every step, the group's other rollouts, and what the evidence
// says. Continuations need not be played: one from a prefix succeeds with exactly the value of the prefix.
import {
	DEFAULT_OPTIONS,
	type GenerateOptions,
	generateFailures,
	TaskRecorder,
} from "../../examples/practice/src/record/generate.ts";
import type { RolloutRecord } from "../../examples/practice/src/record/records.ts";
import type { Skill } from "../../examples/practice/src/world/skill.ts";
import { findTask, TASKS } from "../../examples/practice/src/world/taskList.ts";
import { suggestFirstErrors } from "../../src/core/firstError/suggest.ts";
import { collectProblems } from "../../src/core/formats/format.ts";
import { openaiChat } from "../../src/core/formats/openaiChat.ts";
import { readRollouts } from "../../src/core/formats/read.ts";
import type { JsonValue } from "../../src/core/model/json.ts";
import type { Rollout } from "../../src/core/model/trajectory.ts";
import type { ProbeCase } from "./probeWorlds.ts";

export interface PracticeFailure extends ProbeCase {
	evidence: readonly number[];
	/** Place of the truth in the evidence's ranking, from 1; 0 where it is not ranked. */
	rank: number;
}

/** Siblings whose outcomes are known besides the failure itself. */
const SIBLINGS = 7;

/** `count` failures on held-out tasks with held-out kinds of slip, whose value before the step lies in the skill's bin. */
export function practiceFailures(skill: Skill, count: number, seed = 1): PracticeFailure[] {
	const options: GenerateOptions = { ...DEFAULT_OPTIONS, skill, slips: "held-out", seed };
	const tasks = TASKS.filter(({ split }) => split === "held-out");
	const recorders = new Map<string, TaskRecorder>();
	return [...generateFailures(tasks, count, options)].map(({ record: failed, truth }) => {
		const recorder = recorders.get(failed.task_id) ?? new TaskRecorder(findTask(failed.task_id)!, options);
		recorders.set(failed.task_id, recorder);
		const siblings = Array.from(
			{ length: SIBLINGS },
			(_, index) => recorder.play(1_000_000 + failed.trial * SIBLINGS + index)!.record,
		);
		const rollouts = [failed, ...siblings].map(readRecord);
		const successes = siblings.filter(({ reward }) => reward === 1).length;
		const suggestion = suggestFirstErrors(rollouts, { target: "irrecoverable" })[0]!;
		const positions = rollouts[0]!.steps.filter(({ role }) => role === "agent").map(({ step }) => step);
		const shares = new Map(suggestion.ranked.map(({ step, share }) => [step, share]));
		const truthStep = truth.targets.irrecoverable!.step + 1;
		return {
			steps: truth.steps.length,
			values: [truth.steps[0]!.before, ...truth.steps.map(({ after }) => after)],
			truth: truthStep,
			group: { successes, failures: SIBLINGS - successes },
			evidence: [...positions.map((step) => shares.get(step) ?? 0), suggestion.none],
			rank: 1 + suggestion.ranked.findIndex(({ step }) => step === positions[truthStep - 1]),
		};
	});
}

function readRecord(line: RolloutRecord): Rollout {
	const text = JSON.stringify(line);
	const place = { file: "practice.jsonl", entry: null, start: 0, end: text.length, line: 1, pointer: "" };
	const value = JSON.parse(text) as JsonValue;
	const context = { file: "practice.jsonl", header: null, companions: new Map(), locate: false, ...collectProblems() };
	return readRollouts(openaiChat, [{ value, bytes: new TextEncoder().encode(text), place, ordinal: 0 }], context)[0]!;
}
