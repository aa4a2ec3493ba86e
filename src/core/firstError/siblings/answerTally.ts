// The final answers of a group, put together where they say the same.

import type { RolloutFacts } from "../facts.ts";
import { contentWords, overlap, wordsOf } from "../words.ts";

export interface AnswerCluster {
	/** Members that gave it. */
	members: number[];
	successes: number;
	failures: number;
	/** The shortest wording. */
	text: string;
	words: ReadonlySet<string>;
	folded: string;
}

/** Different answers kept apart; in larger groups the rest count as answers of their own. */
const MOST_CLUSTERS = 64;
const SAME_WORDS = 0.6;
/** Answers of so few words are the same when one holds the other. */
const SHORT = 6;
/** An answer is compared by its first words; what follows is explanation. */
const LONGEST = 600;
const VERDICT = /^(?:(yes|true)|(no|false))\b/;
/** In an answer to a yes-or-no question that says neither word, what makes it a no. */
const NEGATED = /\b(?:no|not|neither|nor|never|different|differ|isn t|aren t|wasn t|weren t|doesn t|don t|didn t)\b/;
const NEGATED_WITHIN = 200;
const NUMBER_WORDS =
	"zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty".split(
		" ",
	);
const ORDINAL_WORDS =
	"zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(
		" ",
	);
const DIGITS = new Map(
	[...NUMBER_WORDS.entries(), ...ORDINAL_WORDS.entries()].map(([number, word]) => [word, String(number)]),
);

export class AnswerTally {
	readonly clusters: readonly AnswerCluster[];
	private readonly byMember: ReadonlyMap<number, AnswerCluster>;

	constructor(members: readonly RolloutFacts[]) {
		const clusters: AnswerCluster[] = [];
		const byMember = new Map<number, AnswerCluster>();
		members.forEach((facts, member) => {
			if (facts.answer === null || !facts.answer.marked) return;
			const made = clusterOf(facts.answer.text);
			const same = clusters.find((cluster) => saysTheSame(cluster, made));
			const cluster = same ?? made;
			if (same === undefined && clusters.length < MOST_CLUSTERS) clusters.push(made);
			if (made.text.length < cluster.text.length)
				Object.assign(cluster, made, {
					members: cluster.members,
					successes: cluster.successes,
					failures: cluster.failures,
				});
			cluster.members.push(member);
			if (facts.rollout.outcome === "success") cluster.successes++;
			if (facts.rollout.outcome === "failure") cluster.failures++;
			byMember.set(member, cluster);
		});
		this.clusters = clusters;
		this.byMember = byMember;
	}

	/** The members that answered as this one did; null where it gave no answer. */
	of(member: number): AnswerCluster | null {
		return this.byMember.get(member) ?? null;
	}

	/** How many members gave an answer. */
	get answered(): number {
		return this.byMember.size;
	}
}

function clusterOf(answer: string): AnswerCluster {
	const text = answer.slice(0, LONGEST);
	const folded = wordsOf(text).map(inDigits).join(" ");
	return { members: [], successes: 0, failures: 0, text, words: new Set(contentWords(folded)), folded };
}

/** "third", "three" and "3rd" as "3": answers that count say the same in words and in digits. */
function inDigits(word: string): string {
	return DIGITS.get(word) ?? /^(\d+)(?:st|nd|rd|th)$/.exec(word)?.[1] ?? word;
}

/** Yes or no, as the answer says it, or where `asked` as its first sentence means it; null where it is no such answer. */
function verdictOf({ folded }: Pick<AnswerCluster, "folded">, asked: boolean): boolean | null {
	const said = VERDICT.exec(folded);
	if (said !== null) return said[1] !== undefined;
	return asked ? !NEGATED.test(folded.slice(0, NEGATED_WITHIN)) : null;
}

/** Whether two answers say the same: the same words, mostly the same, or one short one inside the other. */
export function saysTheSame(
	a: Pick<AnswerCluster, "words" | "folded">,
	b: Pick<AnswerCluster, "words" | "folded">,
): boolean {
	if (a.folded === b.folded) return true;
	if (verdictOf(a, false) !== null || verdictOf(b, false) !== null) return verdictOf(a, true) === verdictOf(b, true);
	if (overlap(a.words, b.words) >= SAME_WORDS) return true;
	const [few, many] = a.words.size < b.words.size ? [a.words, b.words] : [b.words, a.words];
	return few.size > 0 && few.size <= SHORT && [...few].every((word) => many.has(word));
}
