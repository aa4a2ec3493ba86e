// ProcessBench: a solution in steps with the 0-based index of the first wrong one, -1 where all are right.
import { type DatasetExporter, eachRollout } from "./dataset.ts";
import { agentSteps, plainText, problemText } from "./messages.ts";
import { firstErrorOf, wholeRating } from "./verdicts.ts";

export const processBenchSet: DatasetExporter = {
	id: "processbench",
	title: "ProcessBench",
	needs: "the first wrong step, or ratings of all steps of the agent",
	records: eachRollout(({ rollout }) => {
		const found = firstErrorOf(rollout, "firstWrong");
		if (found === null) return "nobody has said which step is the first wrong one, or people are divided";
		const steps = agentSteps(rollout);
		const whole = wholeRating(rollout);
		return {
			id: rollout.id,
			...(rollout.model === null ? {} : { generator: rollout.model }),
			problem: problemText(rollout),
			steps: steps.map(plainText),
			...(whole === null ? {} : { final_answer_correct: whole === 1 }),
			label: found === "none" ? -1 : steps.findIndex(({ step }) => step === found),
		};
	}),
};
