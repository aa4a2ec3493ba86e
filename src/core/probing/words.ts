// A verdict of a search in words, in steps of the rollout.
import { fewestRollouts } from "./bounds.ts";
import { type Search, spent } from "./search.ts";
import type { ValueBound, Verdict } from "./strategy.ts";
import type { ProbeSubject } from "./subject.ts";

/** A verdict with its places in the rollout: 0-based steps, null where it names none. */
export interface PlacedVerdict {
	/** The irrecoverable step. */
	step: number | null;
	/** First and last step that it may be, where it is unresolved. */
	from: number | null;
	to: number | null;
	/** Whether "none of them" is still possible, or is the verdict. */
	none: boolean;
}

export function placeVerdict(verdict: Verdict, { steps, forks }: ProbeSubject): PlacedVerdict {
	const at = (answer: number): number | null => steps[answer - 1] ?? null;
	const blank = { step: null, from: null, to: null, none: false };
	switch (verdict.kind) {
		case "step":
			return { ...blank, step: at(verdict.step) };
		case "none":
			return { ...blank, none: true };
		case "unresolved":
			return {
				...blank,
				from: at(verdict.from) ?? forks.at(-1) ?? null,
				to: at(Math.min(verdict.to, steps.length)),
				none: verdict.to > steps.length,
			};
		case "contradiction":
			return { ...blank, from: at(verdict.lost), to: at(verdict.recovered) };
	}
}

/** One line: what was found and how sure that is. */
export function verdictTitle(verdict: Verdict, subject: ProbeSubject): string {
	const { step, from, to, none } = placeVerdict(verdict, subject);
	const sure = verdict.probability === null ? "" : ` (${Math.round(verdict.probability * 100)} %)`;
	const last = subject.forks.at(-1);
	switch (verdict.kind) {
		case "step":
			return `#${step} is the first irrecoverable step${sure}`;
		case "none":
			return last === undefined
				? "no step to try"
				: `none before the last step #${last}: only that one was wrong${sure}`;
		case "unresolved": {
			const range = to === null || from === to ? `#${from}` : `#${from} to #${to}`;
			const others = none && from !== last ? `, or only the last step #${last}` : "";
			return `unresolved: ${range}${others}${sure}`;
		}
		case "contradiction":
			return `contradiction: lost after #${from}, and yet recovered after #${to}`;
	}
}

/** What the tries at one prefix say, as `after #4: 0 of 5 succeeded, value at most 0.45 (95 %)`. */
export function describeBound(
	{ prefix, successes, tries, interval, upper }: ValueBound,
	subject: ProbeSubject,
): string {
	const where = prefix === 0 ? "from the start" : `after #${subject.steps[prefix - 1]}`;
	if (tries === 0 || interval === null) return `${where}: not tried`;
	const said = `${where}: ${successes} of ${tries} succeeded`;
	if (upper !== null) return `${said}, value at most ${upper.toFixed(2)} (95 %)`;
	return `${said}, value ${interval.low.toFixed(2)} to ${interval.high.toFixed(2)} (95 %)`;
}

/** Rollouts and rounds both: many at a time save rounds and cost rollouts. */
export function describeEffort(search: Search): string {
	const { successes, failures } = search.settings.group;
	const value = search.settings.knownValue ?? (successes + 1) / (successes + failures + 2);
	const least = fewestRollouts(search.steps + 1, search.settings.confidence, value);
	const tries = spent(search);
	const rounds = `${tries} ${tries === 1 ? "rollout" : "rollouts"} in ${search.rounds} ${search.rounds === 1 ? "round" : "rounds"}`;
	if (search.steps === 0) return rounds;
	return `${rounds}; no search without evidence needs fewer than ${Math.ceil(least)} on average where values are ${value.toFixed(2)}`;
}
