// What the "First error" view asks for: the ranking of one rollout's steps, the evidence with its quotes, what people and
// logs say, and the search that probes it.
import type { Evidence, EvidenceLink } from "../core/firstError/evidence.ts";
import type { Suggestion } from "../core/firstError/suggest.ts";
import { FIRST_ERROR_TARGETS } from "../core/labels/event.ts";
import type { ProbeView } from "../core/probing/view.ts";
import { visible } from "../core/text/line.ts";
import { fileName } from "../core/text/path.ts";
import { type Decoded, flag, integer, list, nullable, number, oneOf, record, text } from "./decode.ts";

/** The meanings that a person can label, so that each answer has a verdict. */
export const TARGET = oneOf(...FIRST_ERROR_TARGETS);

const interval = record({ low: number, high: number });

const probe = record({
	strategy: text,
	ended: oneOf("running", "done", "cancelled", "failed"),
	trouble: nullable(text),
	title: text,
	note: text,
	effort: text,
	spent: integer,
	budget: integer,
	step: nullable(integer),
	prefixes: list(
		record({ from: integer, successes: integer, tries: integer, running: integer, interval: nullable(interval) }),
	),
	belief: list(record({ step: integer, share: number })),
});

const link = record({
	step: integer,
	/** Number of the rollout that holds the passage; null where it is no longer in the group. */
	rollout: nullable(integer),
	/** Id of that rollout where it is a sibling; null for the rollout itself. */
	sibling: nullable(text),
	quote: text,
	/** `name:line`, for reading; the host knows the whole path. */
	place: text,
});

export const firstErrorReport = record({
	/** 0-based; null where the answer is that there is none, or not enough evidence for one. */
	step: nullable(integer),
	/** Calibrated probability of the answer; null where nothing calibrates it. */
	probability: nullable(number),
	/** Smallest set that holds it with 90 %; null where it cannot be stated. */
	set: nullable(list(integer)),
	setAdmitsNone: flag,
	/** Every step of the agent in order, with its share. */
	shares: list(record({ step: integer, share: number })),
	none: number,
	basis: text,
	evidence: list(record({ step: nullable(integer), kind: text, strength: number, text, links: list(link) })),
	/** Verdicts of people, and those that stand in the log: never mixed with findings of our own. */
	said: list(record({ who: text, step: nullable(integer), none: flag, text, own: flag, person: flag })),
	probe: nullable(probe),
});

export type FirstErrorReport = Decoded<typeof firstErrorReport>;
export type FirstErrorTargetId = Decoded<typeof TARGET>;

export interface Said {
	who: string;
	/** 0-based; null for a verdict on the whole rollout. */
	step: number | null;
	none: boolean;
	text: string;
	/** Whether it was said here, by the annotator who sits at this editor. */
	own: boolean;
	/** A label of this product; false for verdicts that stand in the log. The last one of a person outranks every suggestion. */
	person: boolean;
}

/** What the last person said; null where nobody did. */
export function settledBy(said: readonly Said[]): Said | null {
	return said.findLast(({ person }) => person) ?? null;
}

/** What the host knows of a rollout's first error. */
export interface FirstErrorKnowledge {
	suggestion: Suggestion;
	said: Said[];
	probe: ProbeView | null;
}

/** @param numberOf number in the group of the rollout with this id; null for the rollout itself and for unknown ones */
export function reportOf(
	{ suggestion, said, probe: search }: FirstErrorKnowledge,
	own: number,
	numberOf: (id: string) => number | null,
): FirstErrorReport {
	const { step, probability, set, setAdmitsNone, ranked, none, basis, evidence } = suggestion;
	const linkOf = ({
		step: at,
		rollout,
		quote,
		place,
	}: EvidenceLink): FirstErrorReport["evidence"][number]["links"][0] => ({
		step: at,
		rollout: rollout === null ? own : numberOf(rollout),
		sibling: rollout === null ? null : visible(rollout),
		quote: visible(quote),
		place: visible(`${fileName(place.file)}:${place.line}`),
	});
	return {
		step,
		probability,
		set,
		setAdmitsNone,
		shares: ranked.map(({ step: at, share }) => ({ step: at, share })).sort((a, b) => a.step - b.step),
		none,
		basis,
		evidence: evidence.map(({ step: at, kind, strength, text: words, links }: Evidence) => ({
			step: at,
			kind,
			strength,
			text: visible(words),
			links: links.map(linkOf),
		})),
		said: said.map(({ who, text: words, ...rest }) => ({ ...rest, who: visible(who), text: visible(words) })),
		probe:
			search === null
				? null
				: {
						...search,
						trouble: search.trouble === null ? null : visible(search.trouble),
						title: visible(search.title),
					},
	};
}
