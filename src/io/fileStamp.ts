// What a file looked like when it was indexed, so that a later look can tell whether it is the same, has only grown, or
// is another file by now.
import { createHash } from "node:crypto";
import { promises as files } from "node:fs";
import { type ByteSource, fileSource } from "./byteSource.ts";

export interface FileStamp {
	size: number;
	/** Milliseconds since 1970, with fractions. */
	modified: number;
	inode: number;
	/** Hash over samples of the first `size` bytes. */
	samples: string;
	/** Written so shortly before that a further change may show neither in time nor in size. */
	fresh: boolean;
}

export type Change = "none" | "grown" | "replaced" | "removed";

/** The start, the end and pieces between them: what an append leaves alone and a rewrite hardly does. */
const SAMPLE_BYTES = 1024;
const SAMPLES = 16;
/** Coarser than any file system's clock that is in use. */
const FRESH_MS = 2000;

/** The stamp of a file as it is now; null where it cannot be read. */
export async function stampOf(file: string): Promise<FileStamp | null> {
	try {
		const { size, mtimeMs, ino } = await files.stat(file);
		const source = await fileSource(file);
		try {
			const fresh = Date.now() - mtimeMs < FRESH_MS;
			return { size, modified: mtimeMs, inode: ino, samples: await hashSamples(source, size), fresh };
		} finally {
			await source.close();
		}
	} catch {
		return null;
	}
}

/** How the file changed since `before`. A file whose size is the same but not its time counts as replaced. */
export async function changeSince(file: string, before: FileStamp): Promise<Change> {
	try {
		const { size, mtimeMs, ino } = await files.stat(file);
		const untouched = size === before.size && mtimeMs === before.modified;
		if (untouched && ino === before.inode && !before.fresh) return "none";
		if (size <= before.size && !untouched) return "replaced";
		const source = await fileSource(file);
		try {
			if ((await hashSamples(source, before.size)) !== before.samples) return "replaced";
			return untouched ? "none" : "grown";
		} finally {
			await source.close();
		}
	} catch {
		return "removed";
	}
}

async function hashSamples(source: ByteSource, size: number): Promise<string> {
	const hash = createHash("sha1").update(String(size));
	const room = Math.max(0, size - SAMPLE_BYTES);
	for (let sample = 0; sample < SAMPLES; sample++) {
		const start = Math.floor((room * sample) / (SAMPLES - 1));
		hash.update(await source.read(start, Math.min(size, start + SAMPLE_BYTES)));
		if (room === 0) break;
	}
	return hash.digest("hex");
}
