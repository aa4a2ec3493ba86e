// What the practice world writes: one rollout a line in the shape of chat logs, and its truth in a line of another file.

import type { Selection } from "../world/kinds.ts";
import type { Message } from "../world/messages.ts";
import type { Rollout } from "../world/rollout.ts";
import { PLAIN_SESSION, type SessionSwitches } from "../world/session.ts";
import type { Skill } from "../world/skill.ts";
import type { Task } from "../world/tasks.ts";
import { functionTools } from "../world/tools.ts";
import type { Truth } from "../world/truth.ts";
import { EXACT_VERIFIER, type VerifierSwitches, verify } from "../world/verifier.ts";

export interface Switches extends SessionSwitches, VerifierSwitches {}
export const PLAIN_SWITCHES: Switches = { ...PLAIN_SESSION, ...EXACT_VERIFIER };

export interface RolloutRecord {
	task_id: string;
	trial: number;
	rollout_id: string;
	model: string;
	seed: number;
	reward: number;
	reward_components: Record<string, number>;
	messages: Message[];
	tools: ReturnType<typeof functionTools>;
	/** Only in branches: the rollout whose first messages these are, how many agent steps and how many messages are shared. */
	parent_rollout?: string;
	branch_step?: number;
	branch_message?: number;
	info: RecordInfo;
}

export interface RecordInfo {
	split: Task["split"];
	skill: Skill;
	slips: Selection;
	budget: number;
	steps: number;
	ending: "closed" | "handed over";
	/** Natural logarithm of the probability of each action that the agent took here, in order. */
	action_logprobs: number[];
	switches: Switches;
}

export interface TruthRecord extends Truth {
	task_id: string;
	trial: number;
	rollout_id: string;
	skill: Skill;
	slips_from: Selection;
}

export interface RecordContext {
	task: Task;
	trial: number;
	id: string;
	seed: number;
	skill: Skill;
	slips: Selection;
	switches: Switches;
}

const TOOL_LIST = functionTools();
/** Enough digits to compare probabilities, few enough to keep logs small. */
const DIGITS = 6;

export function toRecord(context: RecordContext, rollout: Rollout): RolloutRecord {
	const { task, trial, id, seed, skill, slips, switches } = context;
	const verdict = verify(task, rollout.state, switches, seed);
	return {
		task_id: task.id,
		trial,
		rollout_id: id,
		model: modelName(skill, slips),
		seed,
		reward: verdict.reward,
		reward_components: verdict.components,
		messages: rollout.messages,
		tools: TOOL_LIST,
		info: {
			split: task.split,
			skill,
			slips,
			budget: rollout.state.memory.budget,
			steps: rollout.messages.filter((message) => message.role === "assistant").length,
			ending: rollout.state.desk.closed ? "closed" : "handed over",
			action_logprobs: rollout.logProbabilities.map((value) => Number(value.toFixed(DIGITS))),
			switches,
		},
	};
}

/** The name under which the policy endpoint offers this agent. */
export function modelName(skill: Skill, slips: Selection): string {
	return slips === "all" ? `desk-agent-${skill}` : `desk-agent-${skill}-${slips}`;
}
