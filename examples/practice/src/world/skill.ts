// How good the agent is: rates of slips and oddities, and what it notices.
import { type OddityKind, odditiesOf, type Selection, type SlipKind, slipsOf } from "./kinds.ts";
import type { Task } from "./tasks.ts";

export interface Policy {
	/** Chance of a slip at a decision where one is possible. */
	slipRate: number;
	/** Chance of a harmless oddity at a decision where one is possible. */
	oddityRate: number;
	/** Chance to notice what a reading shows to be wrong, and to put right a failed call. */
	notice: number;
	slips: readonly SlipKind[];
	oddities: readonly OddityKind[];
	/** Sampling temperature: probabilities are raised to 1 / temperature and normalised; 0 takes the likeliest action. */
	temperature: number;
}

export const SKILLS = ["weak", "middle", "strong"] as const;
export type Skill = (typeof SKILLS)[number];

/** Slips that an agent of this skill would make in one run of the procedure if every kind were possible at every step. */
const SLIPS_PER_TASK: Record<Skill, number> = { weak: 7.5, middle: 3.6, strong: 1.5 };
const NOTICE: Record<Skill, number> = { weak: 0.35, middle: 0.6, strong: 0.85 };
const ODDITY_RATE = 0.06;

export interface PolicyOptions {
	skill: Skill;
	/** Which kinds of slips and oddities happen. */
	slips: Selection;
	temperature?: number;
}

/** The agent of a skill on a task. Longer tasks get rarer slips, so that a skill means the same chance of success. */
export function policyFor(task: Task, { skill, slips, temperature = 1 }: PolicyOptions): Policy {
	return {
		slipRate: SLIPS_PER_TASK[skill] / task.planSteps,
		oddityRate: ODDITY_RATE,
		notice: NOTICE[skill],
		slips: slipsOf(slips),
		oddities: odditiesOf(slips),
		temperature,
	};
}

export function isSkill(name: string): name is Skill {
	return (SKILLS as readonly string[]).includes(name);
}
