// What a search for the first irrecoverable step knows: how often continuations from each prefix succeeded.
// Pure data: every answer below is a function of it, so a search that was interrupted goes on where it stood.

/** Chances that the verifier is wrong. */
export interface VerifierErrors {
	/** A failure is called a success. */
	falsePositive: number;
	/** A success is called a failure. */
	falseNegative: number;
}

export interface SearchSettings {
	/** Most continuations in all. */
	budget: number;
	/** Most continuations that run at the same time. */
	batch: number;
	/** A verdict is stated when its probability reaches this. */
	confidence: number;
	/** A prefix whose success probability is at most this counts as irrecoverable; 0 for none but those that never succeed. */
	epsilon: number;
	verifier: VerifierErrors;
	/** Successes and failures of whole rollouts of the task, the failed one that is searched not counted. */
	group: { successes: number; failures: number };
	/** The success probability of recoverable prefixes where it is known; null where it is learned. */
	knownValue: number | null;
	/**
	 * What the evidence says before any probing: a share for each of the steps 1 to K and one more for "none of them". Null
	 * for nothing. It is mixed with a uniform share, because evidence that is surer than right would mislead the search.
	 */
	evidence: readonly number[] | null;
	/** Expected cost of a continuation from each prefix 0 to K, in any unit; null for all alike. */
	costs: readonly number[] | null;
	/** Mean token entropy of each step and of the start, for the searches that ask for it; null where not logged. */
	entropies: { root: number; steps: readonly (number | null)[] } | null;
}

export const DEFAULT_SETTINGS: SearchSettings = {
	budget: 32,
	batch: 1,
	confidence: 0.9,
	epsilon: 0.05,
	verifier: { falsePositive: 0.01, falseNegative: 0.01 },
	group: { successes: 0, failures: 0 },
	knownValue: null,
	evidence: null,
	costs: null,
	entropies: null,
};

export interface Search {
	/** Steps of the failed rollout that can be the irrecoverable one: 1 to K. The final answer comes after them. */
	readonly steps: number;
	readonly settings: SearchSettings;
	/** [K + 1] continuations that succeeded and failed, by prefix: prefix m holds steps 1 to m, prefix 0 none. */
	readonly successes: Int32Array;
	readonly failures: Int32Array;
	/** Rounds of continuations that ran together. */
	readonly rounds: number;
}

export function openSearch(steps: number, settings: Partial<SearchSettings> = {}): Search {
	const count = Math.max(0, Math.floor(steps));
	return {
		steps: count,
		settings: { ...DEFAULT_SETTINGS, ...settings },
		successes: new Int32Array(count + 1),
		failures: new Int32Array(count + 1),
		rounds: 0,
	};
}

export interface ProbeResult {
	prefix: number;
	success: boolean;
}

/** The search with one more round of results. Prefixes that the rollout does not have are left out. */
export function record(search: Search, results: readonly ProbeResult[]): Search {
	const successes = search.successes.slice();
	const failures = search.failures.slice();
	for (const { prefix, success } of results) {
		const counts = success ? successes : failures;
		if (prefix >= 0 && prefix <= search.steps) counts[prefix] = (counts[prefix] as number) + 1;
	}
	return { ...search, successes, failures, rounds: search.rounds + (results.length > 0 ? 1 : 0) };
}

export function tries(search: Search, prefix: number): number {
	return (search.successes[prefix] as number) + (search.failures[prefix] as number);
}

/** Continuations so far. */
export function spent(search: Search): number {
	let total = 0;
	for (let prefix = 0; prefix <= search.steps; prefix++) total += tries(search, prefix);
	return total;
}

export function left(search: Search): number {
	return Math.max(0, search.settings.budget - spent(search));
}
