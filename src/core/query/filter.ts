// Applies a filter to many rollouts and says how many could not be judged: they are never dropped silently.
import type { RolloutSummary } from "../model/trajectory.ts";
import type { Query, Verdict } from "./compile.ts";
import type { Subject } from "./fields.ts";

export interface Filtered<Of> {
	kept: Of[];
	rejected: number;
	/** The log does not say what the filter asks about. */
	unjudged: Of[];
}

export function filterSubjects<Of extends Subject>(query: Query, subjects: Iterable<Of>): Filtered<Of> {
	const kept: Of[] = [];
	const unjudged: Of[] = [];
	let rejected = 0;
	for (const subject of subjects) {
		const verdict = query.judge(subject);
		if (verdict === true) kept.push(subject);
		else if (verdict === null) unjudged.push(subject);
		else rejected++;
	}
	return { kept, rejected, unjudged };
}

/** A filter over rollouts that come, change and go: each is judged once, and what was judged is counted along. */
export class RunningFilter {
	readonly query: Query;
	private readonly verdicts = new Map<string, Verdict>();
	private kept = 0;
	private unjudged = 0;

	constructor(query: Query) {
		this.query = query;
	}

	/** Judges a rollout, for the first time or anew. */
	judge(subject: Subject): void {
		this.set(subject.summary.key, this.query.judge(subject));
	}

	/** Counts a rollout as one that cannot be judged, because it cannot be read. */
	giveUp(summary: RolloutSummary): void {
		this.set(summary.key, null);
	}

	remove(summary: RolloutSummary): void {
		const before = this.verdicts.get(summary.key);
		this.verdicts.delete(summary.key);
		this.count(before, -1);
	}

	keeps(summary: RolloutSummary): boolean {
		return this.verdicts.get(summary.key) === true;
	}

	/** "12 of 80 rollouts; 3 could not be judged" */
	describe(): string {
		const open = this.unjudged === 0 ? "" : `; ${this.unjudged} could not be judged`;
		return `${this.kept} of ${this.verdicts.size} rollouts${open}`;
	}

	private set(key: string, verdict: Verdict): void {
		this.count(this.verdicts.get(key), -1);
		this.verdicts.set(key, verdict);
		this.count(verdict, 1);
	}

	private count(verdict: Verdict | undefined, by: number): void {
		if (verdict === true) this.kept += by;
		if (verdict === null) this.unjudged += by;
	}
}
