// Reads .gz and .zst as what they contain, recognised by their first bytes, and never more of it than a limit.
import { pipeline } from "node:stream";
import zlib from "node:zlib";
import { type ByteSource, reasonOf } from "./byteSource.ts";

export type Compression = "gzip" | "zstd";

/** How the bytes that begin with `head` are compressed; null where they are not. */
export function compressionOf(head: Uint8Array): Compression | null {
	if (head[0] === 0x1f && head[1] === 0x8b && head[2] === 0x08) return "gzip";
	if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return "zstd";
	return null;
}

export interface Decompressed {
	bytes: Uint8Array;
	/** Why there is no more than `bytes`; null where everything is there. */
	reason: string | null;
}

const PIECE = 256 * 1024;

/**
 * Decompresses from the start until the end, a defect or `limit` bytes, whichever comes first. What came before a
 * defect is in the answer, so that the whole records before it can still be read.
 */
export async function decompress(source: ByteSource, compression: Compression, limit: number): Promise<Decompressed> {
	const stream = compression === "gzip" ? zlib.createGunzip() : zstdStream();
	if (stream === null) return { bytes: new Uint8Array(0), reason: NO_ZSTD };
	const pieces: Uint8Array[] = [];
	let length = 0;
	let reason: string | null = null;
	// the callback is where pipeline reports; the loop below sees the same error and words it
	pipeline(piecesOf(source), stream, () => undefined);
	try {
		for await (const piece of stream as AsyncIterable<Uint8Array>) {
			const room = limit - length;
			pieces.push(piece.length > room ? piece.subarray(0, room) : piece);
			length += Math.min(piece.length, room);
			if (piece.length >= room) {
				reason = tooLarge(limit);
				break;
			}
		}
	} catch (error) {
		reason = defect(error);
	} finally {
		stream.destroy();
	}
	return { bytes: joined(pieces, length), reason };
}

/** Decompresses one block, such as a zip entry; nothing but the reason where it is damaged or longer than `limit`. */
export async function decompressBlock(
	bytes: Uint8Array,
	compression: Compression,
	limit: number,
): Promise<Decompressed> {
	try {
		return { bytes: await inflate(bytes, compression, limit), reason: null };
	} catch (error) {
		return { bytes: new Uint8Array(0), reason: defect(error) };
	}
}

async function inflate(bytes: Uint8Array, compression: Compression, limit: number): Promise<Uint8Array> {
	if (compression === "gzip") return zlib.gunzipSync(bytes, { maxOutputLength: limit });
	if (typeof zlib.zstdDecompressSync === "function") return zlib.zstdDecompressSync(bytes, { maxOutputLength: limit });
	const { decompressZstd } = await import("hyparquet-compressors");
	return decompressZstd(bytes, new Uint8Array(limit));
}

const NO_ZSTD = "zstd needs Node 22.15 or newer, which newer editors carry";

/** Node has zstd from 22.15 on. */
function zstdStream(): ReturnType<typeof zlib.createZstdDecompress> | null {
	return typeof zlib.createZstdDecompress === "function" ? zlib.createZstdDecompress() : null;
}

async function* piecesOf(source: ByteSource): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < source.size; at += PIECE) {
		const piece = await source.read(at, Math.min(at + PIECE, source.size));
		if (piece.length === 0) return;
		yield piece;
	}
}

function joined(pieces: Uint8Array[], length: number): Uint8Array {
	const whole = new Uint8Array(length);
	let at = 0;
	for (const piece of pieces) {
		whole.set(piece, at);
		at += piece.length;
	}
	return whole;
}

export function tooLarge(limit: number): string {
	return `decompresses to more than ${Math.round(limit / 1024 / 1024)} MB: the rest is not read`;
}

function defect(error: unknown): string {
	const code = (error as NodeJS.ErrnoException).code;
	if (code === "Z_BUF_ERROR") return "the compressed data ends too early";
	if (code === "ERR_BUFFER_TOO_LARGE") return "decompresses to more than is allowed";
	return `the compressed data is damaged: ${reasonOf(error)}`;
}
