// Writes rollouts and, in a folder of its own beside them, their truth.
import { mkdir, open } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import type { Generated } from "./generate.ts";

export interface Written {
	log: string;
	truth: string;
	rollouts: number;
	successes: number;
	bytes: number;
}

/** `dir/name.jsonl` has its truth in `dir/truth/name.truth.jsonl`. */
export function truthPath(log: string): string {
	const name = basename(log, extname(log));
	return join(dirname(log), "truth", `${name}.truth.jsonl`);
}

export async function writeRollouts(
	log: string,
	rollouts: Iterable<Generated> | AsyncIterable<Generated>,
): Promise<Written> {
	const truth = truthPath(log);
	await mkdir(dirname(truth), { recursive: true });
	const logFile = await open(log, "w");
	const truthFile = await open(truth, "w");
	const written: Written = { log, truth, rollouts: 0, successes: 0, bytes: 0 };
	try {
		for await (const generated of rollouts) {
			const line = `${JSON.stringify(generated.record)}\n`;
			await logFile.write(line);
			await truthFile.write(`${JSON.stringify(generated.truth)}\n`);
			written.rollouts++;
			written.successes += generated.truth.success ? 1 : 0;
			written.bytes += Buffer.byteLength(line);
		}
	} finally {
		await logFile.close();
		await truthFile.close();
	}
	return written;
}
