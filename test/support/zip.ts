// Writes zip archives for tests, also ones that no honest program writes.
import zlib from "node:zlib";

export interface EntryToWrite {
	name: string;
	content: string | Uint8Array;
	method?: "stored" | "deflate" | "zstd";
	/** What the headers state instead of the true uncompressed length. */
	claimedSize?: number;
}

const METHODS = { stored: 0, deflate: 8, zstd: 93 };

export function zipOf(entries: EntryToWrite[]): Buffer {
	const locals: Buffer[] = [];
	const directory: Buffer[] = [];
	let offset = 0;
	for (const entry of entries) {
		const content = Buffer.from(entry.content);
		const data = compress(content, entry.method ?? "deflate");
		const name = Buffer.from(entry.name);
		const shared = Buffer.alloc(26);
		shared.writeUInt16LE(20, 0);
		shared.writeUInt16LE(METHODS[entry.method ?? "deflate"], 4);
		shared.writeUInt32LE(zlib.crc32(content), 10);
		shared.writeUInt32LE(data.length, 14);
		shared.writeUInt32LE(entry.claimedSize ?? content.length, 18);
		shared.writeUInt16LE(name.length, 22);
		const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), shared, name, data]);
		const rest = Buffer.alloc(14);
		rest.writeUInt32LE(offset, 10);
		directory.push(Buffer.concat([Buffer.from("PK\u0001\u0002"), Buffer.from([20, 0]), shared, rest, name]));
		locals.push(local);
		offset += local.length;
	}
	const central = Buffer.concat(directory);
	const end = Buffer.alloc(22);
	end.write("PK\u0005\u0006");
	end.writeUInt16LE(entries.length, 8);
	end.writeUInt16LE(entries.length, 10);
	end.writeUInt32LE(central.length, 12);
	end.writeUInt32LE(offset, 16);
	return Buffer.concat([...locals, central, end]);
}

function compress(content: Buffer, method: "stored" | "deflate" | "zstd"): Buffer {
	if (method === "deflate") return zlib.deflateRawSync(content);
	return method === "zstd" ? zlib.zstdCompressSync(content) : content;
}
