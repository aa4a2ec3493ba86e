// From frames to rows: reads each record as far as its summary needs and lets it go again.
import { collectProblems, type ProblemSink, type ReadContext, type RecordFormat } from "../formats/format.ts";
import { decodeRecord } from "../formats/frame.ts";
import { countErrors, readRollouts, summaryFields } from "../formats/read.ts";
import type { JsonRecord } from "../json/record.ts";
import type { Problem } from "../model/problem.ts";
import type { Place, Rollout } from "../model/trajectory.ts";
import type { Frame } from "./frames.ts";
import { type PackedTable, RolloutTable } from "./rolloutTable.ts";
import type { SlidingWindow } from "./window.ts";

/** Longer records are reported and left out: they would fill the memory of an editor. */
export const LARGEST_RECORD = 128 * 1024 * 1024;

/** Problems of one batch that are listed one by one. */
const MOST_LISTED = 1000;

export interface IndexerOptions {
	format: RecordFormat;
	/** Everything of the context that is the same for all records. */
	context: Pick<ReadContext, "file" | "header" | "companions">;
	/** Pointer of the array whose elements the records are; null for lines. */
	pointer: string | null;
	/** The file is being written: what a last line without a newline holds is left out unless it is sound. */
	live: boolean;
	isUtf8(bytes: Uint8Array): boolean;
	/** The bytes of a record that the window does not hold. */
	readRange(start: number, end: number): Uint8Array;
}

/** A last line without a newline: reading on begins with it again, and what was made of it before is void then. */
export interface OpenEnd {
	offset: number;
	line: number;
	/** Rows and problems before it. */
	rows: number;
	problems: number;
}

/** Rollouts and problems that stand next to each other in the file. */
export interface Found {
	table: PackedTable;
	problems: Problem[];
	/** Problems beyond those that are listed. */
	unlisted: number;
	/** Where reading goes on. Lines only: the start of a line that may not be there yet. */
	next: { offset: number; line: number };
	/** A last line that was read but is not ended: its `rows` and `problems` count within this batch. */
	open: OpenEnd | null;
}

/** Rows and problems in the order of the file. */
export class RecordIndexer {
	readonly table = new RolloutTable();
	readonly problems: Problem[] = [];
	/** Problems that were met and are not in the list: a file of a million broken lines must not fill the memory. */
	unlisted = 0;
	/** What was made of a last line that is not ended yet. */
	open: OpenEnd | null = null;
	private readonly options: IndexerOptions;

	constructor(options: IndexerOptions) {
		this.options = options;
	}

	/**
	 * Adds the rollouts of one frame.
	 * @param lines lines before the place where framing began
	 * @param records records before it
	 */
	addFrame(window: SlidingWindow, frame: Frame, lines: number, records: number): void {
		const { file } = this.options.context;
		const ordinal = records + frame.ordinal;
		const pointer = this.options.pointer === null ? "" : `${this.options.pointer}/${ordinal}`;
		const { start, end } = frame;
		const place: Place = { file, entry: null, start, end, line: lines + frame.line, pointer };
		const before = { rows: this.table.length, problems: this.problems.length };
		if (frame.open) this.open = { offset: start, line: place.line, ...before };
		if (!frame.held && end - start > LARGEST_RECORD) this.report(place, tooLong(end - start));
		else if (!frame.held || !this.skim(window, frame, place, ordinal)) this.readFrame(window, frame, place, ordinal);
		if (frame.open && this.options.live && this.problems.length > before.problems) {
			this.table.truncate(before.rows);
			this.problems.length = before.problems;
		}
	}

	/** Adds the rollouts of a record that was decoded elsewhere. */
	addRecord(record: JsonRecord): void {
		const sink = collectProblems();
		this.addRollouts(this.read(record, sink), record.place, record.ordinal, sink.places);
		this.list(sink.problems);
	}

	report(place: Place, reason: string): void {
		const sink = collectProblems();
		sink.problem(place, reason);
		this.list(sink.problems);
	}

	private list(problems: Problem[]): void {
		for (const problem of problems) {
			if (this.problems.length < MOST_LISTED) this.problems.push(problem);
			else this.unlisted++;
		}
	}

	/** False where the record must be read in full. */
	private skim(window: SlidingWindow, frame: Frame, place: Place, ordinal: number): boolean {
		const { format, context, isUtf8 } = this.options;
		if (format.skimRecord === undefined) return false;
		const { scanner } = window;
		const [start, end] = [window.indexOf(frame.start), window.indexOf(frame.end)];
		if (!isUtf8(scanner.bytes.subarray(start, end))) return false;
		let sound = true;
		const object = () => {
			sound = false;
		};
		const raw = { scanner, start, end, place, ordinal };
		const rollouts = format.skimRecord(raw, { ...context, locate: false, problem: object, notice: object });
		if (rollouts === null || !sound) return false;
		this.addRollouts(rollouts, place, ordinal, []);
		return true;
	}

	private readFrame(window: SlidingWindow, frame: Frame, place: Place, ordinal: number): void {
		const bytes = frame.held
			? window.scanner.bytes.subarray(window.indexOf(frame.start), window.indexOf(frame.end))
			: this.options.readRange(frame.start, frame.end);
		const sink = collectProblems();
		const record = decodeRecord(bytes, place, ordinal, sink.problem);
		if (record !== null) this.addRollouts(this.read(record, sink), place, ordinal, sink.places);
		this.list(sink.problems);
	}

	private read(record: JsonRecord, { problem, notice }: ProblemSink): Rollout[] {
		return readRollouts(this.options.format, [record], { ...this.options.context, locate: false, problem, notice });
	}

	private addRollouts(rollouts: Rollout[], place: Place, ordinal: number, problems: Place[]): void {
		const errors = problems.length === 0 ? [] : countErrors(rollouts, problems);
		rollouts.forEach((rollout, within) => {
			this.table.push({ summary: summaryFields(rollout, errors[within] ?? 0), record: { ...place, ordinal, within } });
		});
	}
}

export function tooLong(bytes: number): string {
	const size = Math.round(bytes / 1024 / 1024);
	return `a record of ${size} MB: only those of up to ${LARGEST_RECORD / 1024 / 1024} MB are read`;
}
