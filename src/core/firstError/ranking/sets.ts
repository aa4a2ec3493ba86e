// Sets of answers that hold the right one with a stated probability: answers are taken in order of probability.
import type { Posterior } from "./posterior.ts";

/** Probability of the answer; null stands for "there is none". */
export function shareOf(posterior: Posterior, answer: number | null): number {
	return answer === null ? posterior.none : (posterior.steps[answer] ?? 0);
}

/** Mass of all answers down to this one: the score of adaptive prediction sets (Romano, Sesia and Candès 2020). */
export function massTo(posterior: Posterior, answer: number | null): number {
	const own = shareOf(posterior, answer);
	let mass = own;
	posterior.steps.forEach((share, index) => {
		if (index !== answer && share >= own) mass += share;
	});
	if (answer !== null && posterior.none >= own) mass += posterior.none;
	return mass;
}

export interface AnswerSet {
	/** Positions among the candidates, ascending. */
	steps: number[];
	/** Whether "there is none" is in it. */
	none: boolean;
}

/** All answers whose mass stays within `mass`, the likeliest in any case. In the order of a sort: n log n. */
export function answersWithin(posterior: Posterior, mass: number): AnswerSet {
	const answers: (number | null)[] = [...posterior.steps.keys(), null];
	answers.sort((a, b) => shareOf(posterior, b) - shareOf(posterior, a));
	const set: AnswerSet = { steps: [], none: false };
	let total = 0;
	for (const [rank, answer] of answers.entries()) {
		total += shareOf(posterior, answer);
		if (rank > 0 && total > mass + 1e-9) break;
		if (answer === null) set.none = posterior.none > 0;
		else set.steps.push(answer);
	}
	set.steps.sort((a, b) => a - b);
	return set;
}
