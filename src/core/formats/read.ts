// From the bytes of one file to its rollouts: the one way in which every front end reads.
import type { JsonRecord } from "../json/record.ts";
import type { Place, Rollout, RolloutSummary } from "../model/trajectory.ts";
import type { Format, ReadContext } from "./format.ts";

/** Rollouts of these records. A record that is nested so deeply that reading it runs out of stack is reported. */
export function readRollouts(format: Format, records: JsonRecord[], context: ReadContext): Rollout[] {
	if (format.unit === "file") {
		const first = records[0];
		return first === undefined ? [] : guarded(() => format.readFile(records, context), first.place, context);
	}
	return records.flatMap((record) => guarded(() => format.readRecord(record, context), record.place, context));
}

function guarded(read: () => Rollout[], place: Place, context: ReadContext): Rollout[] {
	try {
		return read();
	} catch (error) {
		// hostile nesting exhausts the stack of any walk over a value; everything else is a bug and must be seen
		if (!(error instanceof RangeError)) throw error;
		context.problem(place, `cannot be read: ${error.message}`);
		return [];
	}
}

/** Reports rollout ids that occur more than once in a task; both rollouts stay. */
export function reportDuplicates(rollouts: Rollout[], context: ReadContext): void {
	const seen = new Set<string>();
	for (const rollout of rollouts) {
		const identity = JSON.stringify([rollout.run, rollout.task, rollout.id, rollout.parent]);
		if (seen.has(identity)) context.problem(rollout.place, `duplicate id ${rollout.id}`);
		seen.add(identity);
	}
}

/**
 * What lists and groups keep of the rollouts of one file.
 * @param defaultRun stands in where the log names no run
 * @param problems where problems were reported; each counts for the rollouts that it lies in
 */
export function summarizeAll(
	rollouts: Rollout[],
	format: string,
	defaultRun: string,
	problems: Place[],
): RolloutSummary[] {
	const starts = new Map<string | null, number[]>();
	for (const place of problems) {
		const known = starts.get(place.entry);
		if (known === undefined) starts.set(place.entry, [place.start]);
		else known.push(place.start);
	}
	for (const list of starts.values()) list.sort((a, b) => a - b);
	return rollouts.map((rollout, ordinal) => {
		const { entry, start, end } = rollout.place;
		const sorted = starts.get(entry) ?? [];
		return summarize(rollout, format, ordinal, defaultRun, countBelow(sorted, end) - countBelow(sorted, start));
	});
}

function countBelow(sorted: number[], limit: number): number {
	let low = 0;
	let high = sorted.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((sorted[middle] as number) < limit) low = middle + 1;
		else high = middle;
	}
	return low;
}

/** One rollout's summary. `errors` is the number of problems that were reported inside it. */
export function summarize(
	rollout: Rollout,
	format: string,
	ordinal: number,
	defaultRun: string,
	errors = 0,
): RolloutSummary {
	const { place } = rollout;
	return {
		key: `${place.file}${place.entry === null ? "" : `!${place.entry}`}#${ordinal}`,
		file: place.file,
		entry: place.entry,
		format,
		ordinal,
		place,
		id: rollout.id,
		task: rollout.task,
		run: rollout.run ?? defaultRun,
		trainingStep: rollout.trainingStep,
		parent: rollout.parent,
		branchStep: rollout.branchStep,
		relation: rollout.relation,
		title: rollout.title,
		agent: rollout.agent,
		model: rollout.model,
		steps: rollout.steps.length,
		outcome: rollout.outcome,
		truncated: rollout.truncated,
		reward: rollout.reward,
		rewards: rollout.rewards,
		time: rollout.time,
		durationMs: rollout.durationMs,
		tokens: totalTokens(rollout),
		cost: rollout.cost,
		errors,
	};
}

function totalTokens(rollout: Rollout): number | null {
	if (rollout.tokens === null) return null;
	const { prompt, completion } = rollout.tokens;
	return prompt === null && completion === null ? null : (prompt ?? 0) + (completion ?? 0);
}
