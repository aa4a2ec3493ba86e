// `--where EXPRESSION`: keeps the rollouts that a filter accepts, and says how many it could not judge.
import { estimatorById } from "../core/advantages/registry.ts";
import { groupKey } from "../core/model/group.ts";
import type { RolloutSummary } from "../core/model/trajectory.ts";
import { compileQuery, type Query } from "../core/query/compile.ts";
import type { Subject } from "../core/query/fields.ts";
import { describeFiltered, filterSubjects } from "../core/query/filter.ts";
import { groupSubjects, summarySubject } from "../core/query/subjects.ts";
import type { OpenLogs } from "../io/openPaths.ts";

/** The compiled filter; null, after saying what is wrong and where, for a broken one. */
export function readWhere(source: string): Query | null {
	const compiled = compileQuery(source);
	if (compiled.ok) return compiled.query;
	process.stderr.write(`--where: ${compiled.error.reason}\n  ${source}\n  ${" ".repeat(compiled.error.at)}^\n`);
	return null;
}

/** The rollouts that the filter keeps, in the order of the logs. */
export async function keptBy(query: Query, logs: OpenLogs): Promise<Set<RolloutSummary>> {
	const filtered = filterSubjects(
		query,
		query.needsRollout ? await fullSubjects(logs) : logs.summaries.map(summarySubject),
	);
	process.stderr.write(`${describeFiltered(filtered)}\n`);
	return new Set(filtered.kept.map((subject) => subject.summary));
}

async function fullSubjects(logs: OpenLogs): Promise<Subject[]> {
	const estimator = estimatorById("grpo");
	const subjects: Subject[] = [];
	if (estimator === null) return subjects;
	for (const summaries of Map.groupBy(logs.summaries, (summary) => groupKey(summary)).values()) {
		const kept: RolloutSummary[] = [];
		const rollouts = [];
		for (const summary of summaries) {
			const rollout = await logs.readRollout(summary);
			if (rollout === null) continue;
			kept.push(summary);
			rollouts.push(rollout);
		}
		subjects.push(...groupSubjects(kept, rollouts, estimator));
	}
	return subjects;
}
