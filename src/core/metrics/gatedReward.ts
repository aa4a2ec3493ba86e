// RecGPT-V2's constrained reward (arXiv 2512.14503): accuracy counts only where alignment, diversity and length pass
// their gates, so that no secondary reward can buy a loss in accuracy.
import type { Parameter } from "../advantages/estimator.ts";
import { loggedNumbers } from "./logged.ts";
import { averaged, type Metric, metricNumber } from "./metric.ts";

export interface Gated {
	accuracy: number;
	alignment: number;
	diversity: number;
	length: number;
}

export function gatedReward(scores: Gated, gates: Omit<Gated, "accuracy">): { reward: number; closed: string[] } {
	const closed = (["alignment", "diversity", "length"] as const).filter((name) => scores[name] < gates[name]);
	return { reward: closed.length === 0 ? scores.accuracy : 0, closed };
}

/** R_len of tags: 1 for 6 to 11 words, 0.5 for 4 to 6 and 11 to 13, else 0. */
export function tagLengthReward(words: number): number {
	if (words >= 6 && words <= 11) return 1;
	return words >= 4 && words <= 13 ? 0.5 : 0;
}

/** Mean list-wise loss of a judge's scores by grade: S and A must beat all lower grades. */
export function gradeLoss(grades: { s: readonly number[]; a: readonly number[]; b: readonly number[] }): number {
	const loss = (score: number, lower: readonly number[]) =>
		Math.log(lower.reduce((sum, other) => sum + Math.exp(other - score), 1));
	const below = [...grades.a, ...grades.b];
	return (
		grades.s.reduce((sum, score) => sum + loss(score, below), 0) +
		grades.a.reduce((sum, score) => sum + loss(score, grades.b), 0)
	);
}

const GATES = ["alignment", "diversity", "length"].map(
	(name): Parameter => ({ name, default: 0.5, meaning: `least ${name} score that passes` }),
);

export const gatedRewardMetric: Metric = {
	id: "gated-reward",
	title: "Gated reward (RecGPT-V2)",
	formulas: ["reward = accuracy if alignment, diversity and length all reach their thresholds, else 0"],
	source: { title: "RecGPT-V2", reference: "arXiv 2512.14503", where: "constrained reward" },
	grade: "B",
	choice: "the thresholds are not published: 0.5 each until you set them",
	needs: "named rewards accuracy, alignment, diversity, length",
	better: "higher",
	parameters: GATES,
	compute: (run, context) => {
		const [alignment, diversity, length] = GATES.map((gate) => metricNumber("gated-reward", gate, context)) as [
			number,
			number,
			number,
		];
		return averaged(run, "reward", ({ rollout }) => {
			const scores = loggedNumbers(rollout, {
				accuracy: ["accuracy", "acc", "r_acc"],
				alignment: ["alignment", "align", "r_align"],
				diversity: ["diversity", "div", "r_div"],
				length: ["length_reward", "length", "len", "r_len"],
			});
			if (!scores.ok) return scores;
			const { reward, closed } = gatedReward(scores.numbers, { alignment, diversity, length });
			return { value: reward, detail: closed.map((name) => `gate closed: ${name}`) };
		});
	},
};
