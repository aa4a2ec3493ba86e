// What a log format is to the rest of the product: how to recognise it, how its file is cut into records,
// and how records become rollouts. One format = one file beside this one + one line in the registry.
import type { JsonRecord } from "../json/record.ts";
import type { Scanner } from "../json/scanner.ts";
import type { JsonValue } from "../model/json.ts";
import type { Problem } from "../model/problem.ts";
import type { Place, Rollout } from "../model/trajectory.ts";

/** What a sniffer may look at: at most the first 256 KB of one file, already decoded as far as possible. */
export interface Sample {
	/** File name without its folder, in lower case, without .gz or .zst. A hint only, never the reason. */
	name: string;
	/** How the bytes are laid out. `lines`: JSON Lines; `document`: one JSON value; `rows`: Parquet; `entries`: zip. */
	layout: "lines" | "document" | "rows" | "entries" | "text";
	/** `lines`: the first complete records; `document`: the one value, cut-off parts closed; `rows`: first rows. */
	values: JsonValue[];
	/** The head as text; "" for binary files. */
	text: string;
	/** Names of the entries of a zip; empty otherwise. */
	entries: string[];
	/** The document is longer than what was looked at. */
	truncated: boolean;
}

/** How a file is cut into records. */
export type Framing =
	/** Each non-empty line is a record. */
	| { kind: "lines" }
	/** The whole file is one record. */
	| { kind: "document" }
	/** Each element of the array at `pointer` is a record; the document without that array is the header. */
	| { kind: "elements"; pointer: string }
	/** Each row of a Parquet file is a record. */
	| { kind: "rows" }
	/** Each zip entry whose name matches is a record; `header` names entries that are read first. */
	| { kind: "entries"; pattern: RegExp; header: string[] }
	/** The whole file as text: the record's value is one string. */
	| { kind: "text" };

/** What a reader gets besides its records. */
export interface ReadContext {
	/** Path of the file as the user gave it. */
	file: string;
	/** `elements`: the document without its records; `entries`: the header entries by name; null otherwise. */
	header: JsonValue;
	/** Files that the format asked for through `companions`, by the name it gave; absent where not found. */
	companions: ReadonlyMap<string, JsonRecord[]>;
	/** False where only summaries are wanted: places of steps may then be the record's own, which is faster. */
	locate: boolean;
	/** Adds an entry `file:line: reason`; reading goes on. */
	problem(place: Place, reason: string): void;
	/** Says how the file was read where a person should know: what was guessed. Nothing is wrong. */
	notice?(place: Place, text: string): void;
}

/** A record that nothing has decoded yet. Its bytes are valid UTF-8. */
export interface RawRecord {
	scanner: Scanner;
	/** First byte of the record in the scanner's bytes. */
	start: number;
	/** One past the last byte. */
	end: number;
	place: Place;
	/** 0-based number of the record within its file. */
	ordinal: number;
}

interface FormatBase {
	/** Stable name in lists, settings and `--format`: lower case with dashes. */
	id: string;
	title: string;
	/** One line each for docs/formats.md. */
	reads: string;
	leaves: string;
	/**
	 * Confidence that the sample is of this format: 0 = no, 1 = certain. Highest wins; a tie goes to the registry's
	 * order. Looks at content; the name may only break ties. Must be fast and must never throw.
	 */
	sniff(sample: Sample): number;
	framing(sample: Sample): Framing;
	/**
	 * Other files that belong to this one, relative to its folder ("metadata.json", "subagents/*.jsonl"); `*` matches
	 * within one name. `stem` is the file's name without extension; `folders` are the names of the folders around the
	 * file, innermost first.
	 */
	companions?(name: string, stem: string, folders?: readonly string[]): string[];
	/** True where the file, though valid, is not a trajectory (plain logs, configuration): it is listed as such and left alone. */
	notTrajectory?: boolean;
}

/** Each record holds its rollouts on its own, so that any of them can be read without the others. */
export interface RecordFormat extends FormatBase {
	unit: "record";
	readRecord(record: JsonRecord, context: ReadContext): Rollout[];
	/**
	 * The same rollouts as far as their summaries need them, without decoding the rest: for the index of large files.
	 * Null where the record is unusual or damaged in any way: then it is read in full. A problem has the same effect.
	 */
	skimRecord?(record: RawRecord, context: ReadContext): Rollout[] | null;
}

/** Rollouts span records (session logs, traces): the file is read as a whole. */
export interface FileFormat extends FormatBase {
	unit: "file";
	readFile(records: JsonRecord[], context: ReadContext): Rollout[];
}

export type Format = RecordFormat | FileFormat;

/** Problems in the order in which they were met, and where each stands in its file. */
export interface ProblemSink {
	problems: Problem[];
	places: Place[];
	problem(place: Place, reason: string): void;
	notice(place: Place, text: string): void;
}

export function collectProblems(): ProblemSink {
	const problems: Problem[] = [];
	const places: Place[] = [];
	const fileOf = (place: Place): string => (place.entry === null ? place.file : `${place.file}!${place.entry}`);
	return {
		problems,
		places,
		problem: (place, reason) => {
			problems.push({ file: fileOf(place), line: place.line, reason });
			places.push(place);
		},
		notice: (place, reason) => {
			problems.push({ file: fileOf(place), line: place.line, reason, severity: "notice" });
		},
	};
}
