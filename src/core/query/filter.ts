// Applies a filter to many rollouts and says how many could not be judged: they are never dropped silently.
import type { Query } from "./compile.ts";
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

/** "12 of 80 rollouts; 3 could not be judged (no reward)" */
export function describeFiltered(filtered: Filtered<Subject>): string {
	const all = filtered.kept.length + filtered.rejected + filtered.unjudged.length;
	const open = filtered.unjudged.length === 0 ? "" : `; ${filtered.unjudged.length} could not be judged`;
	return `${filtered.kept.length} of ${all} rollouts${open}`;
}
