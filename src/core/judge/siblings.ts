// The attempts at a task compared with each other, a chunk at a time, with scores that mean the same in every chunk: one attempt
// is in all of them, and scores are fitted to the outcomes that are known.
import { type Random, randomIndex } from "../math/random.ts";
import type { Rollout } from "../model/trajectory.ts";
import { oneLine } from "../text/line.ts";
import { readScores } from "./answers.ts";
import { letterOf, partsOf } from "./candidates.ts";
import type { Ask } from "./judge.ts";
import { siblingsQuestion } from "./prompts.ts";

/** Attempts in one question, the shared one among them. */
const CHUNK = 4;
/** Longest attempt that is shown; its end matters most. */
const LONGEST = 6000;
const LONGEST_LINE = 300;
/** Known outcomes of each kind that a calibration needs. */
const FEWEST = 3;

export interface SiblingScore {
	id: string;
	/** 0 to 1, as the judge says; null where it never answered. */
	score: number | null;
	/** The same fitted to known outcomes; null where too few are known. */
	probability: number | null;
}

/** Questions for so many attempts. */
export function siblingQuestions(attempts: number, orders: number): number {
	return attempts < 2 ? 0 : orders * Math.ceil((attempts - 1) / (CHUNK - 1));
}

/** @param rollouts attempts at one task; nothing that says how they ended is shown */
export async function judgeSiblings(
	rollouts: readonly Rollout[],
	orders: number,
	random: Random,
	ask: Ask,
	isCancelled: () => boolean,
): Promise<{ scores: SiblingScore[]; trouble: string | null }> {
	const sums = rollouts.map(() => ({ sum: 0, count: 0 }));
	let trouble: string | null = null;
	for (let order = 0; order < orders && rollouts.length > 1; order++) {
		for (const chunk of chunksOf(rollouts.length, random)) {
			if (isCancelled()) trouble = "cancelled";
			if (trouble !== null) break;
			const attempts = chunk.map((member, index) => ({
				letter: letterOf(index),
				text: attemptText(rollouts[member] as Rollout),
			}));
			const answer = await ask(siblingsQuestion(rollouts[0]?.title ?? "", attempts));
			if (!answer.ok) {
				trouble = answer.error;
				break;
			}
			const read = readScores(
				answer.value,
				attempts.map(({ letter }) => letter),
			);
			if (!read.ok) continue;
			// the shared attempt is scored in every chunk: its scores say how strict this one was
			chunk.forEach((member, index) => {
				const score = read.value.get(letterOf(index));
				const own = sums[member] as (typeof sums)[number];
				if (score === undefined) return;
				own.sum += score;
				own.count++;
			});
		}
	}
	const scores = sums.map(({ sum, count }) => (count === 0 ? null : sum / count));
	const calibrated = fitted(
		rollouts.flatMap(({ outcome }, index) => {
			const score = scores[index] ?? null;
			return score === null || outcome === "unknown" ? [] : [{ score, success: outcome === "success" }];
		}),
	);
	return {
		scores: rollouts.map(({ id }, index) => {
			const score = scores[index] ?? null;
			return { id, score, probability: score === null || calibrated === null ? null : calibrated(score) };
		}),
		trouble,
	};
}

/** Members in a fresh order, cut into chunks; the first of the order is in every chunk, at a fresh place. */
function chunksOf(count: number, random: Random): number[][] {
	const order = shuffled(
		Array.from({ length: count }, (_, index) => index),
		random,
	);
	const [shared = 0, ...others] = order;
	const chunks: number[][] = [];
	for (let from = 0; from < others.length; from += CHUNK - 1)
		chunks.push(shuffled([shared, ...others.slice(from, from + CHUNK - 1)], random));
	return chunks;
}

function shuffled(values: number[], random: Random): number[] {
	for (let last = values.length - 1; last > 0; last--) {
		const other = randomIndex(random, last + 1);
		[values[last], values[other]] = [values[other] as number, values[last] as number];
	}
	return values;
}

function attemptText(rollout: Rollout): string {
	const lines = rollout.steps
		.filter(({ role }) => role !== "system")
		.flatMap((step) => partsOf(step).map((line) => oneLine(`${step.role} ${line}`, LONGEST_LINE)));
	const text = lines.join("\n");
	return text.length <= LONGEST ? text : `…${text.slice(-LONGEST)}`;
}

/** Logistic regression on one score, with a ridge so that separable outcomes give no infinite slope. Null where too few are known. */
export function fitted(known: readonly { score: number; success: boolean }[]): ((score: number) => number) | null {
	const successes = known.filter(({ success }) => success).length;
	if (successes < FEWEST || known.length - successes < FEWEST) return null;
	let [intercept, slope] = [0, 0];
	const probability = (score: number) => 1 / (1 + Math.exp(-(intercept + slope * (score - 0.5))));
	for (let round = 0; round < 50; round++) {
		let [g0, g1, h00, h01, h11] = [-RIDGE * intercept, -RIDGE * slope, RIDGE, 0, RIDGE];
		for (const { score, success } of known) {
			const p = probability(score);
			const x = score - 0.5;
			const weight = p * (1 - p);
			g0 += Number(success) - p;
			g1 += (Number(success) - p) * x;
			h00 += weight;
			h01 += weight * x;
			h11 += weight * x * x;
		}
		const determinant = h00 * h11 - h01 * h01;
		intercept += (h11 * g0 - h01 * g1) / determinant;
		slope += (h00 * g1 - h01 * g0) / determinant;
	}
	return probability;
}

const RIDGE = 0.1;
