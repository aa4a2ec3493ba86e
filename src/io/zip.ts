// Zip archives such as Inspect's .eval: names from the directory, entries read one at a time and only within limits.
import type { Entry, ZipFile } from "yauzl";
import yauzl from "yauzl";
import { reasonOf } from "./byteSource.ts";
import { decompressBlock } from "./compressed.ts";

/** Larger entries are not expanded: they are a bomb, or more than an editor should hold at once. */
export const LARGEST_ENTRY = 256 * 1024 * 1024;
/** More entries than this are not listed. */
const MOST_ENTRIES = 1_000_000;
const ZSTD_METHOD = 93;

export interface ZipEntry {
	name: string;
	/** Uncompressed length in bytes, as the directory states it. */
	size: number;
}

export interface ZipArchive {
	/** In the directory's order, without folders and without names that lead outside. */
	entries: ZipEntry[];
	/** What is wrong with the directory; the entries that could be read are there all the same. */
	reasons: string[];
	/** The bytes of an entry, or why there are none. */
	read(name: string): Promise<{ bytes: Uint8Array } | { reason: string }>;
	close(): Promise<void>;
}

export function isZip(head: Uint8Array): boolean {
	return head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5) && head[3] === head[2] + 1;
}

/** Opens an archive. @throws where there is no directory at all, or what the file system refuses */
export async function openZip(path: string): Promise<ZipArchive> {
	const file = await yauzl.openPromise(path, { autoClose: false, decodeStrings: false });
	// a truncated file makes streams fail after they were handed out; each of them reports by itself
	file.on("error", () => undefined);
	const found = new Map<string, Entry>();
	const reasons: string[] = [];
	try {
		for await (const entry of file.eachEntry()) {
			const name = nameOf(entry);
			const unsafe = yauzl.validateFileName(name);
			if (unsafe !== null) reasons.push(`entry left out: ${unsafe}`);
			else if (!name.endsWith("/")) found.set(name, entry);
			if (found.size + reasons.length > MOST_ENTRIES) {
				reasons.push(`more than ${MOST_ENTRIES} entries: the rest is left out`);
				break;
			}
		}
	} catch (error) {
		reasons.push(`the directory of the archive is damaged: ${reasonOf(error)}`);
	}
	return {
		entries: [...found].map(([name, entry]) => ({ name, size: entry.uncompressedSize })),
		reasons,
		read: async (name) => {
			const entry = found.get(name);
			return entry === undefined ? { reason: "no such entry" } : readEntry(file, entry);
		},
		close: async () => file.close(),
	};
}

function nameOf(entry: Entry): string {
	return yauzl.getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);
}

async function readEntry(file: ZipFile, entry: Entry): Promise<{ bytes: Uint8Array } | { reason: string }> {
	if (entry.uncompressedSize > LARGEST_ENTRY || entry.compressedSize > LARGEST_ENTRY) {
		return { reason: `would expand to ${Math.round(entry.uncompressedSize / 1024 / 1024)} MB: not read` };
	}
	if (entry.isEncrypted()) return { reason: "is encrypted" };
	const zstd = entry.compressionMethod === ZSTD_METHOD;
	if (!zstd && !entry.canDecodeFileData()) {
		return { reason: `is compressed by method ${entry.compressionMethod}, which is not supported` };
	}
	try {
		const raw = await collect(file, entry, zstd);
		if (!zstd) return { bytes: raw };
		const plain = await decompressBlock(raw, "zstd", entry.uncompressedSize);
		return plain.reason === null ? { bytes: plain.bytes } : { reason: plain.reason };
	} catch (error) {
		return { reason: `is damaged: ${reasonOf(error)}` };
	}
}

/** The declared sizes bound what is collected: yauzl ends a stream that exceeds them with an error. */
async function collect(file: ZipFile, entry: Entry, asStored: boolean): Promise<Uint8Array> {
	// yauzl 3.4 hands deflated data out as it is when asked for `true`; its default decodes
	const stream = await file.openReadStreamPromise(entry, { decodeFileData: asStored ? false : null });
	const pieces: Buffer[] = [];
	for await (const piece of stream as AsyncIterable<Buffer>) pieces.push(piece);
	return Buffer.concat(pieces);
}
