// What a file on disk holds before any format looks at it: bytes (compressed or not), a zip archive or a Parquet table.

import type { Framing, Sample } from "../core/formats/format.ts";
import { decodeRecord, type Framed, frameBytes } from "../core/formats/frame.ts";
import { baseName, HEAD_BYTES, sampleOfHead } from "../core/formats/sample.ts";
import type { JsonRecord } from "../core/json/record.ts";
import type { JsonObject } from "../core/model/json.ts";
import type { Place } from "../core/model/trajectory.ts";
import { type ByteSource, fileSource, memorySource, reasonOf } from "./byteSource.ts";
import { compressionOf, decompress } from "./compressed.ts";
import { matcher } from "./glob.ts";
import { isParquet, openParquet, type ParquetTable, parquetRows } from "./parquet.ts";
import { isZip, openZip, type ZipArchive } from "./zip.ts";

export type Container = { file: string; close(): Promise<void> } & (
	| { kind: "bytes"; source: ByteSource /** Why a compressed file is not there in full. */; reason: string | null }
	| { kind: "zip"; archive: ZipArchive }
	| { kind: "parquet"; table: ParquetTable }
);

type Report = (place: Place, reason: string) => void;

/** A compressed file that expands to more is read up to here. */
const LARGEST_EXPANSION = 1024 * 1024 * 1024;
const SAMPLE_ROWS = 5;

/** Opens a file as what it is. @throws what the file system refuses, or that an archive or table cannot be opened */
export async function openContainer(file: string): Promise<Container> {
	const source = await fileSource(file);
	try {
		return await opened(file, source);
	} catch (error) {
		await source.close();
		throw error;
	}
}

async function opened(file: string, source: ByteSource): Promise<Container> {
	const magic = await source.read(0, 4);
	if (isZip(magic)) {
		await source.close();
		const archive = await openZip(file);
		return { kind: "zip", file, archive, close: () => archive.close() };
	}
	if (isParquet(magic)) {
		return { kind: "parquet", file, table: await openParquet(source), close: () => source.close() };
	}
	const compression = compressionOf(magic);
	if (compression === null) return { kind: "bytes", file, source, reason: null, close: () => source.close() };
	const { bytes, reason } = await decompress(source, compression, LARGEST_EXPANSION);
	await source.close();
	const expanded = memorySource(bytes);
	return { kind: "bytes", file, source: expanded, reason, close: () => expanded.close() };
}

/** What sniffers may look at. */
export async function sampleOf(container: Container): Promise<Sample> {
	const { file } = container;
	if (container.kind === "bytes") {
		const head = await container.source.read(0, HEAD_BYTES);
		return sampleOfHead(file, head, container.source.size <= HEAD_BYTES);
	}
	const sample: Sample = {
		name: baseName(file),
		layout: "entries",
		values: [],
		text: "",
		entries: [],
		truncated: false,
	};
	if (container.kind === "zip") return { ...sample, entries: container.archive.entries.map((entry) => entry.name) };
	return { ...sample, layout: "rows", values: await container.table.read(0, SAMPLE_ROWS) };
}

/** Cuts the whole file into records. What cannot be read is reported, the rest is there. */
export async function readRecords(container: Container, framing: Framing, report: Report): Promise<Framed> {
	const whole = { file: container.file, entry: null, start: 0, end: 0, line: 1, pointer: "" };
	if (container.kind === "zip") return readEntries(container.file, container.archive, framing, report);
	if (container.kind === "parquet") return readRows(container.file, container.table, report);
	if (container.reason !== null) report(whole, container.reason);
	const bytes = await container.source.read(0, container.source.size);
	if (bytes.length === 0) report(whole, "the file is empty");
	if (bytes.length < container.source.size) report(whole, "the file became shorter while it was read");
	return frameBytes(container.file, bytes, framing, report);
}

async function readEntries(file: string, archive: ZipArchive, framing: Framing, report: Report): Promise<Framed> {
	if (framing.kind !== "entries") return { records: [], header: null };
	for (const reason of archive.reasons) report(placeOfEntry(file, null, 0), reason);
	const header: JsonObject = {};
	for (const { name } of archive.entries.filter((entry) =>
		framing.header.some((pattern) => matcher(pattern)(entry.name)),
	)) {
		const record = await readEntry(file, archive, name, 0, report);
		if (record !== null) header[name] = record.value;
	}
	const records: JsonRecord[] = [];
	for (const { name } of archive.entries.filter((entry) => framing.pattern.test(entry.name))) {
		const record = await readEntry(file, archive, name, records.length, report);
		if (record !== null) records.push(record);
	}
	return { records, header };
}

async function readEntry(
	file: string,
	archive: ZipArchive,
	name: string,
	ordinal: number,
	report: Report,
): Promise<JsonRecord | null> {
	const read = await archive.read(name);
	if ("reason" in read) {
		report(placeOfEntry(file, name, 0), read.reason);
		return null;
	}
	return decodeRecord(read.bytes, placeOfEntry(file, name, read.bytes.length), ordinal, report);
}

/** Rows have no bytes of their own that a person could read: each counts as an entry that holds the row as JSON. */
async function readRows(file: string, table: ParquetTable, report: Report): Promise<Framed> {
	const records: JsonRecord[] = [];
	try {
		for await (const { row, value } of parquetRows(table)) {
			const bytes = new TextEncoder().encode(JSON.stringify(value));
			records.push({ value, place: placeOfEntry(file, `row ${row}`, bytes.length), bytes, ordinal: row });
		}
	} catch (error) {
		report(placeOfEntry(file, `row ${records.length}`, 0), reasonOf(error));
	}
	return { records, header: null };
}

function placeOfEntry(file: string, entry: string | null, end: number): Place {
	return { file, entry, start: 0, end, line: 1, pointer: "" };
}
