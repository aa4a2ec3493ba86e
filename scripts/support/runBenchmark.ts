// Runs the benchmark file named as the argument and sends its rows to the process that started this one. A file of its own,
// because what a benchmark forks inherits the flags of its process, and --eval is not among those that a fork can take.
import { pathToFileURL } from "node:url";
import type { Benchmark } from "../../test/support/benchmark.ts";

const [file = ""] = process.argv.slice(2);
const { default: benchmark } = (await import(pathToFileURL(file).href)) as { default: Benchmark };
const rows = await benchmark.run();
process.send?.({ name: benchmark.name, rows });
process.disconnect?.();
