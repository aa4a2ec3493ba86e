// Math-Shepherd: one text with a tag behind each step, and the same text with + or - in the tags' places.
import { type DatasetExporter, eachRollout } from "./dataset.ts";
import { agentSteps, plainText, problemText } from "./messages.ts";
import { stepRatings } from "./verdicts.ts";

const TAG = "ки";

export const mathShepherdSet: DatasetExporter = {
	id: "math-shepherd",
	title: "Math-Shepherd",
	needs: "a rating +1 or -1 of every step of the agent: the format knows no neutral and no unmarked step",
	records: eachRollout(({ rollout }) => {
		const ratings = stepRatings(rollout);
		const steps = agentSteps(rollout);
		const marks = steps.map(({ step }) => ratings.get(step));
		if (steps.length === 0 || marks.some((mark) => mark !== 1 && mark !== -1))
			return "not every step is rated +1 or -1";
		const tagged = (tag: (index: number) => string) =>
			`${problemText(rollout)} ${steps.map((step, index) => `${numbered(plainText(step), index)} ${tag(index)}`).join("\n")}`;
		return {
			...rollout.extra,
			input: tagged(() => TAG),
			label: tagged((index) => (marks[index] === 1 ? "+" : "-")),
		};
	}),
};

/** The format's texts count their steps themselves. */
function numbered(text: string, index: number): string {
	return /^Step \d+\s*:/.test(text) ? text : `Step ${index + 1}: ${text}`;
}
