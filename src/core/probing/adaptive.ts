// The adaptive search: a belief over the answers is updated by every try, the next prefix is the one whose try is expected to
// tell most for its cost, and the search ends when an answer is as probable as asked.

import { answersOf, beliefOf } from "./belief.ts";
import { boundsOf, falseLoss } from "./bounds.ts";
import { chooseTries } from "./information.ts";
import { left, type Search, tries } from "./search.ts";
import { NO_STEP, type ProbeStrategy, type Verdict } from "./strategy.ts";

/** So unlikely a run of failures below a later success contradicts the assumption that what is lost stays lost. */
const CONTRADICTORY = 0.001;
/** Share of the doubt that is allowed which the model may use: the rest is for what it does not know of values and verifiers. */
const DOUBT = 0.7;

export const adaptive: ProbeStrategy = {
	id: "adaptive",
	title: "Adaptive search",
	explanation:
		"Starts from the evidence, tries the prefix that tells most for its cost, and stops at the chosen confidence.",
	next(search) {
		if (search.steps === 0 || left(search) === 0) return [];
		if (Math.max(...answersOf(search)) >= sureEnough(search)) return [];
		const count = Math.min(Math.max(1, search.settings.batch), left(search));
		return chooseTries(beliefOf(search, "choice"), costsOf(search), count);
	},
	verdict,
};

/** Probability under the model at which a verdict is stated, so that it is right as often as asked. */
function sureEnough({ settings }: Search): number {
	return 1 - DOUBT * (1 - settings.confidence);
}

function costsOf({ settings, steps }: Search): ArrayLike<number> {
	const { costs } = settings;
	const usable =
		costs !== null && costs.length === steps + 1 && costs.every((cost) => cost > 0 && Number.isFinite(cost));
	return usable ? costs : new Float64Array(steps + 1).fill(1);
}

function verdict(search: Search): Verdict {
	const { steps, settings } = search;
	if (steps === 0) return NO_STEP;
	const contradiction = contradictionIn(search);
	if (contradiction !== null) return contradiction;
	const answers = answersOf(search);
	const probability = Math.max(...answers);
	const best = answers.indexOf(probability);
	if (probability >= sureEnough(search)) {
		const note = `stated with probability ${probability.toFixed(2)} under the search's model of values`;
		if (best === steps)
			return {
				kind: "none",
				probability,
				bounds: boundsOf(search, steps, steps),
				note: `${note}: only the final answer was wrong`,
			};
		return { kind: "step", step: best + 1, probability, bounds: boundsOf(search, best, best + 1), note };
	}
	const { from, to, mass } = interval(answers, settings.confidence);
	return {
		kind: "unresolved",
		from: from + 1,
		to: to + 1,
		probability: mass,
		bounds: boundsOf(search, from, to + 1),
		note: "no single step is probable enough",
	};
}

/** The shortest run of answers that holds the mass. */
function interval(answers: Float64Array, mass: number): { from: number; to: number; mass: number } {
	let best = { from: 0, to: answers.length - 1, mass: 1 };
	let from = 0;
	let held = 0;
	for (let to = 0; to < answers.length; to++) {
		held += answers[to] as number;
		while (from < to && held - (answers[from] as number) >= mass) held -= answers[from++] as number;
		const shorter = to - from < best.to - best.from;
		if (held >= mass && (shorter || (to - from === best.to - best.from && held > best.mass)))
			best = { from, to, mass: held };
	}
	return best;
}

/** A prefix that failed far too often for one that lies before a success. */
function contradictionIn(search: Search): Verdict | null {
	const width = search.steps + 1;
	let recovered = -1;
	for (let prefix = width - 1; prefix > 0; prefix--) {
		if ((search.successes[prefix] as number) >= certainSuccesses(search)) {
			recovered = prefix;
			break;
		}
	}
	if (recovered === -1) return null;
	const belief = beliefOf(search);
	const none = search.steps * width;
	for (let prefix = 1; prefix < recovered; prefix++) {
		if (search.successes[prefix] !== 0 || tries(search, prefix) === 0) continue;
		// what its neighbours say of its value, had it not been tried itself
		const value = belief.success[none + recovered] as number;
		if (falseLoss(value, tries(search, prefix)) > CONTRADICTORY) continue;
		const bounds = [...boundsOf(search, prefix, prefix), ...boundsOf(search, recovered, recovered)];
		return {
			kind: "contradiction",
			lost: prefix,
			recovered,
			probability: null,
			bounds,
			note: "a later prefix recovers although an earlier one failed too often for chance: what was lost came back",
		};
	}
	return null;
}

/** Successes that the verifier's false positives cannot explain. */
function certainSuccesses({ settings }: Search): number {
	return settings.verifier.falsePositive > 0 ? 2 : 1;
}
