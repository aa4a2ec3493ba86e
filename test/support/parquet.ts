// Writes flat Parquet tables for tests: one row group, optional columns, plain encoding, compressed or not.
import zlib from "node:zlib";

export type Cell = string | number | bigint | boolean | null;

const CODECS = { none: 0, gzip: 2, zstd: 6 };
type Codec = keyof typeof CODECS;

/** Parquet's numbers for the physical type that holds a column's values. */
const BOOLEAN = 0;
const INT64 = 2;
const DOUBLE = 5;
const BYTE_ARRAY = 6;

/** A table with these columns; all must be equally long. Text, whole numbers (bigint), numbers and booleans are kept. */
export function parquetOf(columns: Record<string, Cell[]>, codec: Codec = "none"): Buffer {
	const names = Object.keys(columns);
	const rows = columns[names[0] as string]?.length ?? 0;
	const parts: Buffer[] = [Buffer.from("PAR1")];
	const chunks: Buffer[] = [];
	let offset = 4;
	for (const name of names) {
		const cells = columns[name] as Cell[];
		const plain = Buffer.concat([levels(cells), ...values(cells)]);
		const packed = compress(plain, codec);
		const header = struct([
			[1, i32(0)],
			[2, i32(plain.length)],
			[3, i32(packed.length)],
			[
				5,
				struct([
					[1, i32(rows)],
					[2, i32(0)],
					[3, i32(3)],
					[4, i32(3)],
				]),
			],
		]).bytes;
		const length = header.length + packed.length;
		const metadata = struct([
			[1, i32(physicalType(cells))],
			[2, list(5, [i32(0).bytes])],
			[3, list(8, [text(name).bytes])],
			[4, i32(CODECS[codec])],
			[5, i64(rows)],
			[6, i64(header.length + plain.length)],
			[7, i64(length)],
			[9, i64(offset)],
		]);
		chunks.push(
			struct([
				[2, i64(offset)],
				[3, metadata],
			]).bytes,
		);
		parts.push(header, packed);
		offset += length;
	}
	const schema = [
		struct([
			[4, text("schema")],
			[5, i32(names.length)],
		]).bytes,
		...names.map((name) => columnSchema(name, columns[name] as Cell[])),
	];
	const group = struct([
		[1, list(12, chunks)],
		[2, i64(offset)],
		[3, i64(rows)],
	]).bytes;
	const footer = struct([
		[1, i32(1)],
		[2, list(12, schema)],
		[3, i64(rows)],
		[4, list(12, [group])],
	]).bytes;
	const length = Buffer.alloc(4);
	length.writeUInt32LE(footer.length);
	return Buffer.concat([...parts, footer, length, Buffer.from("PAR1")]);
}

function physicalType(cells: Cell[]): number {
	const kind = typeof cells.find((cell) => cell !== null);
	if (kind === "boolean") return BOOLEAN;
	if (kind === "bigint") return INT64;
	return kind === "number" ? DOUBLE : BYTE_ARRAY;
}

function columnSchema(name: string, cells: Cell[]): Buffer {
	const type = physicalType(cells);
	const fields: [number, Thrift][] = [
		[1, i32(type)],
		[3, i32(1)],
		[4, text(name)],
	];
	if (type === BYTE_ARRAY) fields.push([6, i32(0)]);
	return struct(fields).bytes;
}

/** Definition levels: which cells are there, one bit each, as one bit-packed run. */
function levels(cells: Cell[]): Buffer {
	const groups = Math.ceil(cells.length / 8);
	const bits = Buffer.alloc(groups);
	cells.forEach((cell, index) => {
		if (cell !== null) bits[index >> 3] = (bits[index >> 3] as number) | (1 << (index & 7));
	});
	const run = Buffer.concat([varint(BigInt((groups << 1) | 1)), bits]);
	const length = Buffer.alloc(4);
	length.writeUInt32LE(run.length);
	return Buffer.concat([length, run]);
}

function values(cells: Cell[]): Buffer[] {
	const there = cells.filter((cell) => cell !== null);
	if (physicalType(cells) === BOOLEAN) {
		const bits = Buffer.alloc(Math.ceil(there.length / 8));
		there.forEach((cell, index) => {
			if (cell === true) bits[index >> 3] = (bits[index >> 3] as number) | (1 << (index & 7));
		});
		return [bits];
	}
	return there.map((cell) => {
		const bytes = Buffer.alloc(8);
		if (typeof cell === "bigint") bytes.writeBigInt64LE(cell);
		else if (typeof cell === "number") bytes.writeDoubleLE(cell);
		else {
			const content = Buffer.from(String(cell));
			const length = Buffer.alloc(4);
			length.writeUInt32LE(content.length);
			return Buffer.concat([length, content]);
		}
		return bytes;
	});
}

function compress(plain: Buffer, codec: Codec): Buffer {
	if (codec === "gzip") return zlib.gzipSync(plain);
	return codec === "zstd" ? zlib.zstdCompressSync(plain) : plain;
}

/** A value in Thrift's compact protocol: its type number and its bytes. */
interface Thrift {
	type: number;
	bytes: Buffer;
}

function varint(value: bigint): Buffer {
	const bytes: number[] = [];
	let rest = value;
	while (rest >= 128n) {
		bytes.push(Number(rest & 127n) | 128);
		rest >>= 7n;
	}
	return Buffer.from([...bytes, Number(rest)]);
}

function i32(value: number): Thrift {
	return { type: 5, bytes: varint(BigInt(value) << 1n) };
}

function i64(value: number): Thrift {
	return { type: 6, bytes: varint(BigInt(value) << 1n) };
}

function text(value: string): Thrift {
	const content = Buffer.from(value);
	return { type: 8, bytes: Buffer.concat([varint(BigInt(content.length)), content]) };
}

function list(elementType: number, elements: Buffer[]): Thrift {
	const head =
		elements.length < 15
			? Buffer.from([(elements.length << 4) | elementType])
			: Buffer.concat([Buffer.from([0xf0 | elementType]), varint(BigInt(elements.length))]);
	return { type: 9, bytes: Buffer.concat([head, ...elements]) };
}

/** Fields by ascending number. */
function struct(fields: [number, Thrift][]): Thrift {
	let previous = 0;
	const parts = fields.flatMap(([number, value]) => {
		const head = Buffer.from([((number - previous) << 4) | value.type]);
		previous = number;
		return [head, value.bytes];
	});
	return { type: 12, bytes: Buffer.concat([...parts, Buffer.from([0])]) };
}
