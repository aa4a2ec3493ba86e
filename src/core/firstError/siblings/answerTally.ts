// The final answers of a group, put together where they say the same.

import type { RolloutFacts } from "../facts.ts";
import { contentWords, foldWords, overlap } from "../words.ts";

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
const VERDICT = /^(yes|no|true|false)\b/;

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
	return { members: [], successes: 0, failures: 0, text, words: new Set(contentWords(text)), folded: foldWords(text) };
}

/** Whether two answers say the same: the same words, mostly the same, or one short one inside the other. */
export function saysTheSame(
	a: Pick<AnswerCluster, "words" | "folded">,
	b: Pick<AnswerCluster, "words" | "folded">,
): boolean {
	if (a.folded === b.folded) return true;
	const verdicts = [VERDICT.exec(a.folded)?.[1], VERDICT.exec(b.folded)?.[1]];
	if (verdicts[0] !== undefined || verdicts[1] !== undefined) return verdicts[0] === verdicts[1];
	if (overlap(a.words, b.words) >= SAME_WORDS) return true;
	const [few, many] = a.words.size < b.words.size ? [a.words, b.words] : [b.words, a.words];
	return few.size > 0 && few.size <= SHORT && [...few].every((word) => many.has(word));
}
