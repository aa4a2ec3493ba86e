// A failed rollout of the practice world whose irrecoverable step is known exactly.
import { DEFAULT_OPTIONS, TaskRecorder } from "../../examples/practice/src/record/generate.ts";
import { findTask } from "../../examples/practice/src/world/taskList.ts";
import { customerPrompt } from "../../examples/practice/src/world/wording.ts";

export interface LostRollout {
	/** JSON Lines: it and seven other attempts of the strong agent. */
	log: string;
	id: string;
	/** Name of the agent that made it, at the served policy. */
	model: string;
	/** What the simulated customer is told. */
	customer: string;
	/** Index of the message after which no continuation succeeds. */
	message: number;
}

export function lostRollout(): LostRollout {
	const task = findTask("desk-10")!;
	const recorder = new TaskRecorder(task, { ...DEFAULT_OPTIONS, skill: "strong" });
	const played = Array.from({ length: 8 }, (_, trial) => recorder.play(trial)!);
	const lost = played.find(({ truth }) => truth.targets.irrecoverable !== null)!;
	return {
		log: played.map(({ record }) => `${JSON.stringify(record)}\n`).join(""),
		id: lost.record.rollout_id,
		model: lost.record.model,
		customer: customerPrompt(task),
		message: lost.truth.targets.irrecoverable!.message,
	};
}
