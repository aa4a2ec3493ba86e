// MG-GRPO's multi-grained reward (E-VAds, arXiv 2602.08355): a judge's five-point score seen at three grains.
import { loggedNumber, loggedNumbers } from "./logged.ts";
import { averaged, type Metric } from "./metric.ts";

/** (strict + three-level + five-level) / 3 of a judge's score in {0, 0.25, 0.5, 0.75, 1}; NaN for any other score. */
export function multiGrained(score: number): number {
	const threeLevel = new Map([
		[0, 0],
		[0.25, 0],
		[0.5, 0.5],
		[0.75, 0.5],
		[1, 1],
	]).get(score);
	return threeLevel === undefined ? Number.NaN : ((score === 1 ? 1 : 0) + threeLevel + score) / 3;
}

/** 0.8 answer + 0.2 trace + format. */
export function multiGrainedReward(answer: number, trace: number, format: number): number {
	return 0.8 * multiGrained(answer) + 0.2 * multiGrained(trace) + format;
}

export const multiGrainedMetric: Metric = {
	id: "multi-grained",
	title: "Multi-grained reward (MG-GRPO)",
	formulas: ["G(x) = (1[x = 1] + three-level(x) + x) / 3", "reward = 0.8 G(answer) + 0.2 G(trace) + format"],
	source: { title: "E-VAds", reference: "arXiv 2602.08355; README", where: "MG-GRPO reward" },
	grade: "A",
	choice: "the three-level score of 0.5 is 0.5 and of 0 is 0 (inferred)",
	needs: "answer_score and trace_score in steps of 0.25; format_reward",
	better: "higher",
	parameters: [],
	compute: (run) =>
		averaged(run, "reward", ({ rollout }) => {
			const scores = loggedNumbers(rollout, { answer: ["answer_score"], trace: ["trace_score"] });
			if (!scores.ok) return scores;
			const value = multiGrainedReward(
				scores.numbers.answer,
				scores.numbers.trace,
				loggedNumber(rollout, "format_reward") ?? 0,
			);
			return Number.isNaN(value) ? { reason: "a score is not one of 0, 0.25, 0.5, 0.75, 1" } : { value };
		}),
};
