// Runs a search: asks a strategy what to try, has it tried, records the results. What continues a prefix is a port, so that
// simulations, the practice world and real agents all run the same search.
import { type ProbeResult, record, type Search } from "./search.ts";
import type { ProbeStrategy, Verdict } from "./strategy.ts";

/** A failed try: the endpoint did not answer, the prefix cannot be replayed. */
export interface ProbeFailure {
	prefix: number;
	reason: string;
}

export interface ContinuationPort {
	/**
	 * Continues the rollout after its first `prefix` steps to the end and has the result judged.
	 * @returns whether it succeeded, or why it could not be done; never throws for what may happen outside
	 */
	continueFrom(prefix: number): Promise<{ success: boolean } | { reason: string }>;
}

export interface ProbeProgress {
	search: Search;
	/** Prefixes that run now. */
	running: readonly number[];
	/** Tries that failed to run. They cost no budget, as they say nothing. */
	failures: readonly ProbeFailure[];
}

export interface ProbeOutcome {
	/** Goes on from here when it is handed in again. */
	search: Search;
	verdict: Verdict;
	failures: readonly ProbeFailure[];
	/** `done`: nothing more to ask. `cancelled`, `failed`: it keeps what it has. */
	ended: "done" | "cancelled" | "failed";
}

/** So many rounds in a row in which nothing could be tried end the search. */
const PATIENCE = 2;

/**
 * @param start a fresh search, or one that was interrupted
 * @param isCancelled asked before every round
 * @param onProgress told before and after every round
 */
export async function runProbing(
	start: Search,
	strategy: ProbeStrategy,
	port: ContinuationPort,
	isCancelled: () => boolean = () => false,
	onProgress: (progress: ProbeProgress) => void = () => {},
): Promise<ProbeOutcome> {
	let search = start;
	const failures: ProbeFailure[] = [];
	let barren = 0;
	let ended: ProbeOutcome["ended"] = "done";
	for (let next = strategy.next(search); next.length > 0; next = strategy.next(search)) {
		if (isCancelled()) {
			ended = "cancelled";
			break;
		}
		onProgress({ search, running: next, failures });
		const results = await tryAll(next, port, failures);
		search = record(search, results);
		onProgress({ search, running: [], failures });
		barren = results.length === 0 ? barren + 1 : 0;
		if (barren >= PATIENCE) {
			ended = "failed";
			break;
		}
	}
	return { search, verdict: strategy.verdict(search), failures, ended };
}

async function tryAll(
	prefixes: readonly number[],
	port: ContinuationPort,
	failures: ProbeFailure[],
): Promise<ProbeResult[]> {
	const tried = await Promise.all(
		prefixes.map(async (prefix) => ({ prefix, result: await port.continueFrom(prefix) })),
	);
	return tried.flatMap(({ prefix, result }) => {
		if ("success" in result) return [{ prefix, success: result.success }];
		failures.push({ prefix, reason: result.reason });
		return [];
	});
}
