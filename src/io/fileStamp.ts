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
	return (await lookAgain(file, null)).stamp;
}

/**
 * How a file changed since `before`, and its stamp now; no stamp where it is gone. A file that was touched but has the
 * same size counts as replaced.
 */
export async function lookAgain(
	file: string,
	before: FileStamp | null,
): Promise<{ change: Change; stamp: FileStamp | null }> {
	try {
		const { size, mtimeMs: modified, ino: inode } = await files.stat(file);
		const untouched = before !== null && size === before.size && modified === before.modified;
		if (untouched && inode === before.inode && !before.fresh) return { change: "none", stamp: before };
		const source = await fileSource(file);
		try {
			const samples = await hashSamples(source, size);
			const stamp = { size, modified, inode, samples, fresh: Date.now() - modified < FRESH_MS };
			return { change: await changeBetween(source, before, stamp, untouched), stamp };
		} finally {
			await source.close();
		}
	} catch {
		return { change: "removed", stamp: null };
	}
}

async function changeBetween(
	source: ByteSource,
	before: FileStamp | null,
	now: FileStamp,
	untouched: boolean,
): Promise<Change> {
	if (before === null) return "replaced";
	if (untouched) return now.samples === before.samples ? "none" : "replaced";
	if (now.size <= before.size) return "replaced";
	return (await hashSamples(source, before.size)) === before.samples ? "grown" : "replaced";
}

async function hashSamples(source: ByteSource, size: number): Promise<string> {
	const room = Math.max(0, size - SAMPLE_BYTES);
	const starts = new Set(Array.from({ length: SAMPLES }, (_, sample) => Math.floor((room * sample) / (SAMPLES - 1))));
	const pieces = await Promise.all(
		[...starts].map((start) => source.read(start, Math.min(size, start + SAMPLE_BYTES))),
	);
	const hash = createHash("sha1").update(String(size));
	for (const piece of pieces) hash.update(piece);
	return hash.digest("hex");
}
