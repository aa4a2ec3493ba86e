// A folder of many small logs, and how soon the format of a file is known.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Benchmark, BenchmarkRow } from "../support/benchmark.ts";
import { root } from "../support/paths.ts";
import { chatRollout, numbers } from "./support/chatLog.ts";
import { buildIndexPrograms } from "./support/indexPrograms.ts";

const FILES = 10_000;
const FILES_A_FOLDER = 500;
const ROLLOUT_BYTES = 6000;

const benchmark: Benchmark = { name: "Many logs", run };
export default benchmark;

const alone = { baseline: null, ratio: null };

async function run(): Promise<BenchmarkRow[]> {
	const programs = await buildIndexPrograms();
	try {
		const folder = path.join(programs.folder, "logs");
		writeFolder(folder);
		const opened = await programs.run("folder", folder);
		const sniffed = await programs.run("sniff", path.join(root, "test/fixtures/formats"));
		const what = `a folder of ${FILES.toLocaleString("en-US")} files`;
		return [
			{ measure: `first rollouts of ${what}`, value: opened.first ?? Number.NaN, unit: "ms", ...alone },
			{ measure: `all rollouts of ${what}`, value: opened.total ?? Number.NaN, unit: "ms", ...alone },
			{
				measure: "format of a file known, median over the fixtures",
				value: sniffed.median ?? Number.NaN,
				unit: "ms",
				...alone,
			},
			{ measure: "format of a file known, 99 of 100", value: sniffed.p99 ?? Number.NaN, unit: "ms", ...alone },
			{ measure: "most that is read for that", value: (sniffed.most ?? Number.NaN) / 1024, unit: "KB", ...alone },
		];
	} finally {
		await programs.dispose();
	}
}

function writeFolder(folder: string): void {
	const next = numbers(3);
	const patterns = Array.from({ length: 16 }, () => chatRollout(0, ROLLOUT_BYTES, next));
	for (let file = 0; file < FILES; file++) {
		const within = path.join(folder, `run-${Math.floor(file / FILES_A_FOLDER)}`);
		if (file % FILES_A_FOLDER === 0) mkdirSync(within, { recursive: true });
		const rollout = { ...patterns[file % patterns.length], task_id: file >> 3, trial: file & 7 };
		writeFileSync(path.join(within, `rollout-${file}.json`), JSON.stringify(rollout));
	}
}
