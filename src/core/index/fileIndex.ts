// What is known of one file: its format, its rollouts' summaries, and what could not be read. Grows while the file is
// indexed and while it is written.
import type { Format, Framing } from "../formats/format.ts";
import { defaultRun } from "../formats/read.ts";
import type { Span } from "../json/scan.ts";
import type { Problem } from "../model/problem.ts";
import type { RolloutSummary } from "../model/trajectory.ts";
import type { Found } from "./indexer.ts";
import { type RecordPlace, RolloutTable } from "./rolloutTable.ts";

/** How the file's records are found again. */
export interface Layout {
	framing: Framing;
	/** `elements`: where the array stands, so that the document around it can be read; null otherwise. */
	array: Span | null;
	/** Whether offsets are those of the file itself: it is neither compressed nor a container. */
	plain: boolean;
}

/** The index where the last line of the file is not ended: how much of it stays when reading goes on. */
interface Settled {
	rows: number;
	problems: number;
	/** Of the rows that do not stay. */
	identities: string[];
}

export class FileIndex {
	readonly file: string;
	/** Null where no format recognises the file. */
	format: Format | null = null;
	/** Known before `format` is, where another thread chose it. */
	formatId: string | null = null;
	layout: Layout | null = null;
	/** Files beside it that belong to it. */
	companions: string[] = [];
	/** Where reading goes on when the file grows. */
	next: Found["next"] = { offset: 0, line: 1 };
	readonly table = new RolloutTable();
	private readonly found: Problem[] = [];
	private readonly identities = new Set<string>();
	private settled: Settled | null = null;
	private listed: RolloutSummary[] = [];

	constructor(file: string) {
		this.file = file;
	}

	/** Sorted by line. */
	get problems(): Problem[] {
		return this.found.toSorted((a, b) => a.line - b.line);
	}

	/** Adds what was read next, in the file's order. A rollout id that was there before is reported; both rollouts stay. */
	add({ table, problems, next, open }: Found): void {
		this.dropUnsettled();
		const [rows, found] = [this.table.length, this.found.length];
		this.table.append(table);
		this.found.push(...problems);
		this.next = next;
		if (open !== null) this.settled = { rows: rows + open.rows, problems: found + open.problems, identities: [] };
		for (let row = rows; row < this.table.length; row++) this.checkIdentity(row);
	}

	report(problem: Problem): void {
		this.found.push(problem);
	}

	/** All summaries, each made once. The array is another when the index has grown. */
	get summaries(): RolloutSummary[] {
		const { length } = this.table;
		const run = defaultRun(this.file, length);
		// the second rollout changes what stands in for the run of the first
		const kept = this.listed.length === 1 && length > 1 ? [] : this.listed;
		if (kept.length === length) return this.listed;
		const added = Array.from({ length: length - kept.length }, (_, index) => this.summary(kept.length + index, run));
		this.listed = [...kept, ...added];
		return this.listed;
	}

	/** Rows that stay as they are when the file grows. */
	get settledRows(): number {
		return this.settled?.rows ?? this.table.length;
	}

	record(ordinal: number): RecordPlace {
		return this.table.record(ordinal);
	}

	/** Takes back what was made of a last line that was not ended: it is read again now. */
	private dropUnsettled(): void {
		if (this.settled === null) return;
		const { rows, problems, identities } = this.settled;
		this.settled = null;
		this.table.truncate(rows);
		this.found.length = Math.min(this.found.length, problems);
		this.listed = this.listed.slice(0, rows);
		for (const identity of identities) this.identities.delete(identity);
	}

	private summary(row: number, run: string): RolloutSummary {
		return this.table.summary(row, this.file, this.formatId ?? "", run);
	}

	private checkIdentity(row: number): void {
		const identity = this.table.identity(row);
		if (this.identities.has(identity)) {
			const { entry } = this.table.record(row);
			const file = entry === null ? this.file : `${this.file}!${entry}`;
			this.found.push({ file, line: this.table.line(row), reason: `duplicate id ${this.table.id(row)}` });
			this.table.addError(row);
			return;
		}
		this.identities.add(identity);
		if (this.settled !== null && row >= this.settled.rows) this.settled.identities.push(identity);
	}
}
