// Messages between whoever wants files indexed and the threads that do it. Both ends are this program: nothing here
// comes from outside, so the messages are not decoded again.
import type { Layout } from "../core/index/fileIndex.ts";
import type { Found } from "../core/index/indexer.ts";

/** What a file looked like when it was indexed. */
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

/** Index one file from its first byte to its last. */
export interface FileJob {
	kind: "file";
	id: number;
	file: string;
	live: boolean;
	/** One number: 1 ends the work early. Null where nobody will. */
	cancelled: SharedArrayBuffer | null;
}

/**
 * Index the lines of one file together with other threads: each takes the next range that nobody has, until none is
 * left. The format is known and each line is a record.
 */
export interface LinesJob {
	kind: "lines";
	id: number;
	file: string;
	format: string;
	/** First byte of the first line to read, and its number. */
	start: number;
	line: number;
	/** End of the file when the job was made. */
	size: number;
	/** Length of a range in bytes. */
	range: number;
	live: boolean;
	/** The memory of `SharedRanges`. */
	shared: SharedArrayBuffer;
}

export type IndexJob = FileJob | LinesJob;

export interface FoundFile {
	/** Id of the format; null where none recognises the file. */
	format: string | null;
	layout: Layout | null;
	/** Files beside it that belong to it. */
	companions: string[];
	/** Null where the file could not be opened. */
	stamp: FileStamp | null;
}

export type IndexAnswer =
	/** The thread has loaded and can take work. */
	| { kind: "ready" }
	/** `number` is that of the range, and 0 for a `file` job, whose batches come in order. */
	| { kind: "found"; id: number; number: number; found: Found }
	/** For a `file` job, before anything is found: what is known of the file so far. */
	| { kind: "recognised"; id: number; file: FoundFile }
	/** The thread has nothing left to do for the job. `file` is null for a `lines` job. */
	| { kind: "done"; id: number; file: FoundFile | null }
	/** What the file system refused in between. */
	| { kind: "failed"; id: number; reason: string };
