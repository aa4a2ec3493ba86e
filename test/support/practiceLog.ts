// Logs of the practice world, played without their truth, which costs most of the time.
import { DEFAULT_OPTIONS } from "../../examples/practice/src/record/generate.ts";
import { PLAIN_SWITCHES, type Switches, toRecord } from "../../examples/practice/src/record/records.ts";
import { playRollout } from "../../examples/practice/src/world/rollout.ts";
import { policyFor } from "../../examples/practice/src/world/skill.ts";
import { TASKS } from "../../examples/practice/src/world/taskList.ts";

/** One line of a log for each task. */
export function practiceLog(switches: Partial<Switches> = {}, tasks = TASKS, trials = 1): string {
	const all = { ...PLAIN_SWITCHES, ...switches };
	const { skill, slips } = DEFAULT_OPTIONS;
	const lines = tasks.flatMap((task) =>
		Array.from({ length: trials }, (_, trial) => {
			const seed = 1000 + trial;
			const policy = policyFor(task, { skill, slips });
			const context = { task, trial, id: `${task.id}/${trial}`, seed, skill, slips, switches: all };
			return JSON.stringify(toRecord(context, playRollout({ task, policy, seed, switches: all })));
		}),
	);
	return `${lines.join("\n")}\n`;
}
