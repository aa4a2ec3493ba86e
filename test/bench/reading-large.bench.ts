// Large logs: the index against parsing everything, how soon the first rollouts are there, any rollout, memory.
import { spawnSync } from "node:child_process";
import path from "node:path";
import type { Benchmark, BenchmarkRow } from "../support/benchmark.ts";
import { root } from "../support/paths.ts";
import { ONE_GIGABYTE, writeChatLog } from "./support/chatLog.ts";
import { buildIndexPrograms, type Figures, type IndexPrograms, type OtherReader } from "./support/indexPrograms.ts";

/** Other work on the machine slows single runs down: each is taken so often, in turns, and the best counts. */
const ROUNDS = 3;
const MEGABYTE = 1024 * 1024;

const benchmark: Benchmark = { name: "Large logs", run };
export default benchmark;

async function run(): Promise<BenchmarkRow[]> {
	const programs = await buildIndexPrograms();
	try {
		return [
			...(await linesRows(programs)),
			...(await prettyRows(programs, 200)),
			...(await prettyRows(programs, 1000)),
			listRow(programs),
		];
	} finally {
		await programs.dispose();
	}
}

const alone = { baseline: null, ratio: null };

async function linesRows(programs: IndexPrograms): Promise<BenchmarkRow[]> {
	const file = path.join(programs.folder, "log.jsonl");
	writeChatLog(file, ONE_GIGABYTE);
	const loop = { name: "JSON.parse line by line", ...(await best(programs, "parse-lines", file)) };
	const index = await best(programs, "index", file);
	const steps = await bestOther(programs, "duckdb-steps", file);
	const columns = await bestOther(programs, "duckdb-columns", file);
	const kept = path.join(programs.folder, "kept");
	await programs.run("index", file, kept);
	const again = await best(programs, "index", file, kept);
	const read = await programs.run("read", file);
	const what = "1 GB, 26,000 rollouts, one a line";
	return [
		compared(`full index of ${what}`, index.total, "ms", { name: loop.name, value: loop.total }),
		compared("the same", index.total, "ms", { name: "DuckDB, task, reward and number of messages", value: steps }),
		compared("the same", index.total, "ms", { name: "DuckDB, task and reward only", value: columns }),
		{ measure: `first 50 rollouts of ${what}`, value: index.first, unit: "ms", ...alone },
		{ measure: `index of ${what}, kept from the last time`, value: again.total, unit: "ms", ...alone },
		{ measure: `any rollout of ${what}, median`, value: read.median ?? 0, unit: "ms", ...alone },
		{ measure: `any rollout of ${what}, worst of 200`, value: read.worst ?? 0, unit: "ms", ...alone },
		{ measure: `memory above idle while indexing ${what}`, value: index.peak / MEGABYTE, unit: "MB", ...alone },
		{ measure: `memory above idle afterwards`, value: index.after / MEGABYTE, unit: "MB", ...alone },
	];
}

async function prettyRows(programs: IndexPrograms, megabytes: number): Promise<BenchmarkRow[]> {
	const file = path.join(programs.folder, `log-${megabytes}.json`);
	writeChatLog(file, { rollouts: megabytes * 26, bytes: megabytes * 1_000_000, layout: "pretty" });
	const index = await best(programs, "index", file);
	const what = `one indented array of ${megabytes} MB`;
	const first = { measure: `first 50 rollouts of ${what}`, value: index.first, unit: "ms", ...alone };
	// one string cannot hold more than 512 MB: then a reader of streams is what people have
	const baseline =
		megabytes > 500
			? { name: "stream-json, one element after the other", value: await programs.runOther("stream-json", file) }
			: { name: "JSON.parse of the whole", value: (await best(programs, "parse-whole", file)).total };
	return [compared(`index of ${what}`, index.total, "ms", baseline), first];
}

function listRow(programs: IndexPrograms): BenchmarkRow {
	const file = path.join(programs.folder, "log-100.jsonl");
	writeChatLog(file, { rollouts: 2600, bytes: 100_000_000, layout: "lines" });
	const cli = path.join(root, "dist/cli.js");
	const loop = path.join(programs.folder, "program.mjs");
	const times = Array.from({ length: 2 * ROUNDS }, () => ({
		list: timed([cli, "list", "--json", "--no-cache", file]),
		loop: timed([loop, "parse-lines", file]),
	}));
	const value = Math.min(...times.map((time) => time.list));
	const name = "a program that parses each line with JSON.parse";
	return compared("trajectory list of 100 MB, start to end", value, "ms", {
		name,
		value: Math.min(...times.map((time) => time.loop)),
	});
}

function timed(args: string[]): number {
	const started = performance.now();
	const { status } = spawnSync(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
	if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}`);
	return performance.now() - started;
}

async function best(
	programs: IndexPrograms,
	task: string,
	file: string,
	extra = "",
): Promise<Record<"total" | "first" | "peak" | "after", number>> {
	const runs: Figures[] = [];
	for (let round = 0; round < ROUNDS; round++) runs.push(await programs.run(task, file, extra));
	const least = (name: string) => Math.min(...runs.map((figures) => figures[name] ?? Number.POSITIVE_INFINITY));
	return { total: least("total"), first: least("first"), peak: least("peak"), after: least("after") };
}

async function bestOther(programs: IndexPrograms, reader: OtherReader, file: string): Promise<number> {
	const times: number[] = [];
	for (let round = 0; round < ROUNDS; round++) times.push(await programs.runOther(reader, file));
	return Math.min(...times);
}

function compared(
	measure: string,
	value: number,
	unit: string,
	baseline: { name: string; value: number },
): BenchmarkRow {
	return { measure, value, unit, baseline, ratio: baseline.value / value };
}
