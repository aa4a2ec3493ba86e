// Runs one format over text, as the product reads a file, without touching the disk.
import { collectProblems, type Format, type Sample } from "../../src/core/formats/format.ts";
import { frameBytes } from "../../src/core/formats/frame.ts";
import { readRollouts, reportDuplicates } from "../../src/core/formats/read.ts";
import { chooseFormat, DEFAULT_CHOICE, type FormatChoice } from "../../src/core/formats/registry.ts";
import { HEAD_BYTES, sampleOfHead } from "../../src/core/formats/sample.ts";
import type { JsonObject } from "../../src/core/model/json.ts";
import { describeProblem } from "../../src/core/model/problem.ts";
import type { Rollout } from "../../src/core/model/trajectory.ts";

export interface ReadText {
	format: Format | null;
	rollouts: Rollout[];
	/** As `file:line: reason`. */
	problems: string[];
	bytes: Uint8Array;
}

/**
 * Detects the format of `content` and reads it in full. The name tells nothing, so that content must decide.
 * @param beside contents of the companions by their name relative to the file
 * @param choice how the format is chosen, where not by detection alone
 */
export function readText(
	content: string | Uint8Array,
	name = "x.dat",
	beside: Record<string, string> = {},
	choice: Partial<FormatChoice> = {},
): ReadText {
	const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
	const sink = collectProblems();
	const sample = sampleOfHead(name, bytes.subarray(0, HEAD_BYTES), bytes.length <= HEAD_BYTES);
	const format = chooseFormat(sample, { ...DEFAULT_CHOICE, ...choice });
	if (format === null) return { format, rollouts: [], problems: [], bytes };
	const framed = frameBytes(name, bytes, format.framing(sample), sink.problem);
	const companions = new Map(
		Object.entries(beside).map(([path, text]) => {
			const kind = path.endsWith(".jsonl") ? "lines" : "document";
			return [path, frameBytes(path, new TextEncoder().encode(text), { kind }, sink.problem).records];
		}),
	);
	const context = {
		file: name,
		header: framed.header,
		companions,
		locate: true,
		problem: sink.problem,
		notice: sink.notice,
	};
	const rollouts = readRollouts(format, framed.records, context);
	reportDuplicates(rollouts, context);
	return { format, rollouts, problems: sink.problems.map(describeProblem), bytes };
}

/** Reads rows of a table, which have no text of their own on disk. */
export function readRows(rows: JsonObject[], name = "x.parquet", choice: Partial<FormatChoice> = {}): ReadText {
	const sink = collectProblems();
	const sample: Sample = { name, layout: "rows", values: rows.slice(0, 5), text: "", entries: [], truncated: false };
	const format = chooseFormat(sample, { ...DEFAULT_CHOICE, ...choice });
	const records = rows.map((value, ordinal) => {
		const bytes = new TextEncoder().encode(JSON.stringify(value));
		const place = { file: name, entry: `row ${ordinal}`, start: 0, end: bytes.length, line: 1, pointer: "" };
		return { value, place, bytes, ordinal };
	});
	const context = {
		file: name,
		header: null,
		companions: new Map(),
		locate: true,
		problem: sink.problem,
		notice: sink.notice,
	};
	const rollouts = format === null ? [] : readRollouts(format, records, context);
	return { format, rollouts, problems: sink.problems.map(describeProblem), bytes: new Uint8Array() };
}

/** The bytes that a step's place names, as text. */
export function sliceOf(read: ReadText, place: { start: number; end: number }): string {
	return new TextDecoder().decode(read.bytes.subarray(place.start, place.end));
}

/** Values as JSON Lines. */
export function jsonLines(values: readonly unknown[]): string {
	return values.map((value) => `${JSON.stringify(value)}\n`).join("");
}
