// Bundles the program that benchmarks of reading run, and runs it: built, as people run the product.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as esbuild from "esbuild";
import { moduleOptions } from "../../../scripts/support/bundles.ts";
import { root } from "../../support/paths.ts";

export interface IndexPrograms {
	/** A folder for files; it goes with the programs. */
	folder: string;
	/** Runs one task in a process of its own and answers its figures. `line` is told what it prints before. */
	run(task: string, file: string, extra?: string): Promise<Figures>;
	/** Runs one of the readers that people use today, in a process of its own; answers its time in milliseconds. */
	runOther(reader: OtherReader, file: string): Promise<number>;
	/** Runs the task that follows a file; `ready` is called when it does. Answers when each rollout came, by id. */
	watch(file: string, ready: () => void): Promise<[string, number][]>;
	dispose(): Promise<void>;
}

/** The tasks of otherReaders.ts. */
export type OtherReader = "duckdb-columns" | "duckdb-steps" | "stream-json";

/** By name: times in milliseconds, sizes in bytes. */
export type Figures = Record<string, number>;

const support = path.join(root, "test/bench/support");

export async function buildIndexPrograms(): Promise<IndexPrograms> {
	const folder = await mkdtemp(path.join(tmpdir(), "trajectory-bench-"));
	const program = path.join(folder, "program.mjs");
	const entry = path.join(support, "indexProgram.ts");
	await esbuild.build({ ...moduleOptions, entryPoints: [entry], outfile: program, bundle: true, minify: true });
	await copyFile(path.join(root, "dist/indexWorker.cjs"), path.join(folder, "indexWorker.cjs"));
	return {
		folder,
		run: async (task, file, extra = "") => JSON.parse(await printed(program, [task, file, extra])) as Figures,
		runOther: async (reader, file) => {
			const { total } = JSON.parse(await printed(path.join(support, "otherReaders.ts"), [reader, file])) as Figures;
			return total ?? Number.NaN;
		},
		watch: async (file, ready) => {
			const text = await printed(program, ["watch", file], ready);
			return (JSON.parse(text.slice(text.indexOf("\n"))) as { came: [string, number][] }).came;
		},
		dispose: () => rm(folder, { recursive: true, force: true }),
	};
}

/** What the program prints; `begun` is called with the first of it. */
async function printed(program: string, args: string[], begun: () => void = () => undefined): Promise<string> {
	const child = spawn(process.execPath, ["--expose-gc", "--max-old-space-size=8192", program, ...args], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	child.stdout.setEncoding("utf8");
	child.stdout.once("data", begun);
	let text = "";
	child.stdout.on("data", (piece: string) => {
		text += piece;
	});
	const [code] = await once(child, "close");
	if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}`);
	return text;
}
