// What a file test/bench/<name>.bench.ts exports by default; `npm run bench` runs each in a process of its own.

export interface Benchmark {
	/** Heading in docs/benchmarks.md. */
	readonly name: string;
	/** Measures; what it prints meanwhile is shown, not kept. */
	run(): Promise<readonly BenchmarkRow[]>;
}

export interface BenchmarkRow {
	readonly measure: string;
	readonly value: number;
	readonly unit: string;
	/** What one would use instead and its value in the same unit; null where nothing compares. */
	readonly baseline: { readonly name: string; readonly value: number } | null;
	/** How many times better than the baseline: above 1 is better, whichever way the unit counts. */
	readonly ratio: number | null;
}
