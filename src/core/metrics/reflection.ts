// ARLCP (arXiv 2602.12113; src/rm.py): a correct answer loses up to 0.2 for reflection words and length beyond what the
// correct answers of its group needed.
import { momentsOf } from "../advantages/moments.ts";
import type { Rollout } from "../model/trajectory.ts";
import { type Attempt, averaged, type Measured, type Metric, successOf, type TaskView } from "./metric.ts";

/** The official list; longer words stand first, so that one match is never counted twice. */
const KEYWORDS = [
	"another thought",
	"alternatively",
	"double-check",
	"think again",
	"alternative",
	"hold on",
	"however",
	"verify",
	"check",
	"wait",
	"but",
	"hmm",
	"oh",
] as const;
const PATTERN = new RegExp(`\\b(?:${KEYWORDS.join("|")})\\b`, "gi");

/** Occurrences of each reflection word in what the agent wrote. */
export function reflectionCounts(text: string): Map<string, number> {
	const counts = new Map<string, number>();
	for (const [match] of text.matchAll(PATTERN)) {
		const word = match.toLowerCase();
		counts.set(word, (counts.get(word) ?? 0) + 1);
	}
	return counts;
}

export interface Reflected {
	reflections: number;
	/** Tokens. */
	length: number;
	correct: boolean;
}

/** Rewards of a group: 1 - w1 p_ref - w2 p_len for correct answers, 0 for others. */
export function reflectionRewards(group: readonly Reflected[]): number[] {
	const correct = group.filter((entry) => entry.correct);
	const words = standard(correct.map((entry) => entry.reflections));
	const lengths = standard(correct.map((entry) => entry.length));
	return group.map(({ reflections, length, correct: right }) => {
		if (!right) return 0;
		const weight = reflections <= 40 ? 0.05 : reflections <= 80 ? 0.1 : 0.15;
		return 1 - weight * sigmoid(words(reflections)) - (0.2 - weight) * sigmoid(lengths(length));
	});
}

function sigmoid(z: number): number {
	return 1 / (1 + Math.exp(-z));
}

/** z-scores with the sample std; std 1 for a single number, mean 0 and std 1 for none. */
function standard(numbers: readonly number[]): (value: number) => number {
	const { mean, squares } = momentsOf(Float64Array.from(numbers), 0, numbers.length);
	const std = numbers.length < 2 ? 1 : Math.sqrt(squares / (numbers.length - 1));
	return (value) => (value - (numbers.length === 0 ? 0 : mean)) / (std + 1e-6);
}

function writtenBy(rollout: Rollout): string {
	return rollout.steps
		.filter((step) => step.role === "agent")
		.map((step) => `${step.reasoning}\n${step.text}`)
		.join("\n");
}

function total(counts: Map<string, number>): number {
	return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/** Tokens that the agent wrote; null where the log does not say. */
export function lengthOf(rollout: Rollout): number | null {
	if (rollout.tokens?.completion != null) return rollout.tokens.completion;
	let sum = 0;
	for (const step of rollout.steps) {
		if (step.role !== "agent") continue;
		const tokens = step.tokens?.completion ?? step.tokenDetail?.logprobs?.length ?? step.tokenDetail?.ids?.length;
		if (tokens === undefined) return null;
		sum += tokens;
	}
	return rollout.steps.length === 0 ? null : sum;
}

function count({ rollout }: Attempt): Measured {
	const counts = reflectionCounts(writtenBy(rollout));
	const byWord = [...counts].sort((a, b) => b[1] - a[1]).map(([word, number]) => `${word}: ${number}`);
	return { value: total(counts), detail: byWord };
}

/** Rewards of all attempts at a task at once: each depends on the whole group. */
function rewardsOf({ attempts }: TaskView): Measured[] {
	const group = attempts.map((attempt) => ({
		reflections: total(reflectionCounts(writtenBy(attempt.rollout))),
		length: lengthOf(attempt.rollout) ?? Number.NaN,
		correct: successOf(attempt) === 1,
	}));
	const unknownLength = group.some(({ correct, length }) => correct && Number.isNaN(length));
	const rewards = reflectionRewards(group);
	return attempts.map((attempt, index) => {
		if (successOf(attempt) === null) return { reason: "the outcome is unknown" };
		return unknownLength ? { reason: "the length in tokens is not logged" } : { value: rewards[index] as number };
	});
}

export const reflection: Metric = {
	id: "reflection",
	title: "Reflection and length penalty (ARLCP)",
	formulas: [
		"reflections = occurrences of 13 keywords in what the agent wrote",
		"reward = 1 \u2212 w1 \u03c3(z reflections) \u2212 (0.2 \u2212 w1) \u03c3(z length) if correct, else 0; w1 = 0.05, 0.10 above 40, 0.15 above 80",
	],
	source: { title: "ARLCP", reference: "arXiv 2602.12113; official code", where: "src/rm.py" },
	grade: "A",
	choice:
		"a docstring of the code speaks of -1 for wrong answers, the code gives 0; English keywords only, also where they are no reflection",
	needs: "texts; for the reward outcomes and lengths in tokens",
	better: "neither",
	parameters: [],
	compute: (run) => {
		const rewards = new Map(
			run.tasks.flatMap((task) => {
				const measured = rewardsOf(task);
				return task.attempts.map((attempt, index) => [attempt, measured[index] as Measured] as const);
			}),
		);
		return [
			...averaged(run, "reflections", count),
			...averaged(run, "reward", (attempt) => rewards.get(attempt) as Measured),
		];
	},
};
