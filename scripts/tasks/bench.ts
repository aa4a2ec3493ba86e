// npm run bench: runs every test/bench/*.bench.ts and writes docs/benchmarks.md. With words behind `--` it runs only the
// files whose names contain one of them, and writes nothing.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import type { BenchmarkRow } from "../../test/support/benchmark.ts";
import { root } from "../../test/support/paths.ts";
import { stopOnSignal, stopProcess } from "../../test/support/processes.ts";
import { buildAll } from "../support/bundles.ts";

interface Measured {
	readonly name: string;
	readonly file: string;
	readonly rows: readonly BenchmarkRow[];
}

const words = process.argv.slice(2);
const folder = join(root, "test/bench");
const files = (await readdir(folder).catch(() => []))
	.filter((file) => file.endsWith(".bench.ts"))
	.filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
	.sort();
if (files.length === 0) {
	console.error(`no benchmark in test/bench is named ${words.join(" or ") || "*.bench.ts"}`);
	process.exit(2);
}

stopOnSignal(130);
await buildAll(true);
const measured: Measured[] = [];
const failed: string[] = [];
for (const file of files) {
	console.log(`=== ${file}`);
	const result = await runInOwnProcess(file);
	if (result === null) failed.push(file);
	else {
		measured.push(result);
		console.log(table(result.rows));
	}
}
for (const file of failed) console.error(`FAILED: ${file}`);
if (words.length === 0 && failed.length === 0) {
	await mkdir(join(root, "docs"), { recursive: true });
	await writeFile(join(root, "docs/benchmarks.md"), page());
	console.log("written to docs/benchmarks.md");
}
process.exitCode = failed.length > 0 ? 1 : 0;

/** In a process of its own, so that no benchmark inherits the heap or the compiled code of another. */
async function runInOwnProcess(file: string): Promise<Measured | null> {
	const runner = join(root, "scripts/support/runBenchmark.ts");
	const child = spawn(process.execPath, ["--expose-gc", runner, join(folder, file)], {
		cwd: root,
		stdio: ["ignore", "inherit", "inherit", "ipc"],
	});
	stopOnSignal(130, () => stopProcess(child));
	let measured: Measured | null = null;
	child.on("message", (message: Omit<Measured, "file">) => {
		measured = { ...message, file };
	});
	const [code] = await once(child, "exit");
	return code === 0 ? measured : null;
}

function page(): string {
	const sections = measured.map(({ name, file, rows }) => {
		const word = file.replace(".bench.ts", "");
		return `## ${name}\n\n\`npm run bench -- ${word}\`\n\n${table(rows)}\n`;
	});
	const date = new Date().toISOString().slice(0, 10);
	return `# Benchmarks

Written by \`npm run bench\`, which takes them all again. A ratio above 1 says how many times better than the baseline.

Measured ${date} on ${machine()}.

${sections.join("\n")}`;
}

function machine(): string {
	const [first] = cpus();
	const gigabytes = Math.round(totalmem() / 1e9);
	return `${cpus().length} × ${first?.model.trim() ?? process.arch}, ${gigabytes} GB, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}

function table(rows: readonly BenchmarkRow[]): string {
	const cells = rows.map(({ measure, value, unit, baseline, ratio }) => [
		measure,
		quantity(value, unit),
		baseline === null ? "" : `${baseline.name}: ${quantity(baseline.value, unit)}`,
		ratio === null ? "" : `${digits(ratio)} ×`,
	]);
	const lines = [["measure", "result", "baseline", "ratio"], ["---", "---:", "---", "---:"], ...cells];
	return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}

function quantity(value: number, unit: string): string {
	return `${digits(value)} ${unit}`;
}

/** Three significant digits, and no exponent. */
function digits(value: number): string {
	return Number(value.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 20 });
}
