// What views show of a search while it runs and afterwards: success rates by prefix, the belief over steps, the verdict.
import { beliefOf } from "./belief.ts";
import { valueBound } from "./bounds.ts";
import { type Search, spent } from "./search.ts";
import type { ProbeStrategy, Verdict } from "./strategy.ts";
import type { ProbeSubject } from "./subject.ts";
import { describeEffort, placeVerdict, verdictTitle } from "./words.ts";

export interface ProbeRun {
	subject: ProbeSubject;
	strategy: ProbeStrategy;
	search: Search;
	/** Prefixes that are being continued now. */
	running: readonly number[];
	ended: "running" | "done" | "cancelled" | "failed";
	/** Why the last try that could not be done was not; null where all could. */
	trouble: string | null;
}

export interface PrefixView {
	/** 0-based step that continuations take anew. */
	from: number;
	successes: number;
	tries: number;
	running: number;
	/** Wilson's 95 % interval of the value; null where it was never tried. */
	interval: { low: number; high: number } | null;
}

export interface ProbeView {
	strategy: string;
	ended: ProbeRun["ended"];
	trouble: string | null;
	title: string;
	note: string;
	effort: string;
	spent: number;
	budget: number;
	/** 0-based first irrecoverable step of the verdict; null for other verdicts. */
	step: number | null;
	/** One a prefix, in order. */
	prefixes: PrefixView[];
	/** Belief that each step is the irrecoverable one; the agent's last step stands for "none before it". */
	belief: { step: number; share: number }[];
}

export function probeView({ subject, strategy, search, running, ended, trouble }: ProbeRun): ProbeView {
	const verdict: Verdict = strategy.verdict(search);
	const { answers } = beliefOf(search);
	return {
		strategy: strategy.title,
		ended,
		trouble,
		title: verdictTitle(verdict, subject),
		note: verdict.note,
		effort: describeEffort(search),
		spent: spent(search),
		budget: search.settings.budget,
		step: placeVerdict(verdict, subject).step,
		prefixes: subject.forks.map((from, prefix) => {
			const { successes, tries, interval } = valueBound(search, prefix);
			return { from, successes, tries, interval, running: running.filter((other) => other === prefix).length };
		}),
		belief: subject.forks.map((step, answer) => ({ step, share: answers[answer] ?? 0 })),
	};
}
