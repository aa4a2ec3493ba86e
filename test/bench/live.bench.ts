// A log that another process writes: every record is told once and in order, and how long after it was written.
import { fork } from "node:child_process";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import path from "node:path";
import type { Benchmark, BenchmarkRow } from "../support/benchmark.ts";
import { root } from "../support/paths.ts";
import { buildIndexPrograms } from "./support/indexPrograms.ts";

const PER_SECOND = 1000;
const SECONDS = 10;
const BYTES = 2048;

const benchmark: Benchmark = { name: "Live logs", run };
export default benchmark;

async function run(): Promise<BenchmarkRow[]> {
	const programs = await buildIndexPrograms();
	try {
		const file = path.join(programs.folder, "live.jsonl");
		appendFileSync(file, '{"task_id":"live","trial":"first","messages":[{"role":"user","content":"hi"}]}\n');
		const ready = Promise.withResolvers<void>();
		const following = programs.watch(file, ready.resolve);
		await ready.promise;
		const written = await append(file);
		const came = (await following).filter(([id]) => id !== "live/first");
		const expected = written.map(([id]) => id);
		const told = came.map(([id]) => id);
		const delays = came.map(([, time], index) => time - (written[index]?.[1] ?? 0)).sort((a, b) => a - b);
		const what = `${PER_SECOND} appends of ${BYTES / 1024} KB a second for ${SECONDS} s`;
		const alone = { baseline: null, ratio: null };
		return [
			{
				measure: `${what}: lost, repeated or out of order`,
				value: differing(expected, told),
				unit: "records",
				...alone,
			},
			{ measure: `${what}: from write to event, median`, value: at(delays, 0.5), unit: "ms", ...alone },
			{ measure: `${what}: from write to event, 99 of 100`, value: at(delays, 0.99), unit: "ms", ...alone },
			{ measure: `${what}: from write to event, worst`, value: at(delays, 1), unit: "ms", ...alone },
		];
	} finally {
		await programs.dispose();
	}
}

async function append(file: string): Promise<[string, number][]> {
	const program = path.join(root, "test/bench/support/appender.ts");
	const child = fork(program, [file, String(PER_SECOND), String(SECONDS), String(BYTES)]);
	const [written] = (await once(child, "message")) as [[string, number][]];
	child.disconnect();
	return written;
}

function differing(expected: string[], told: string[]): number {
	const places = expected.filter((id, index) => told[index] !== id).length;
	return places + Math.max(0, told.length - expected.length);
}

function at(sorted: number[], share: number): number {
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
