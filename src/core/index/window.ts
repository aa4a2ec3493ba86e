// A part of a file in memory that slides forward over it: whoever frames records looks through it.
import type { Scanner } from "../json/scanner.ts";

/** Reads bytes at `position` of the file into `target` and answers how many came; 0 at the end. */
export type Fill = (target: Uint8Array, position: number) => number;

/** Index 0 stays free: the scanner answers 0 where it fails. */
const FIRST = 1;
/** Bytes read at a time: few calls, and what was read is still in the processor's cache when it is scanned. */
const PIECE = 512 * 1024;

export class SlidingWindow {
	readonly scanner: Scanner;
	/** One past the last index that holds a byte of the file. */
	end = FIRST;
	/** Whether the last byte in the window is the file's last. */
	ended = false;
	/** Offset in the file of the byte at index `FIRST`. */
	private base = 0;
	private readonly fill: Fill;

	constructor(scanner: Scanner, fill: Fill) {
		this.scanner = scanner;
		this.fill = fill;
	}

	/** Index in the scanner's bytes of a byte of the file. */
	indexOf(offset: number): number {
		return offset - this.base + FIRST;
	}

	/** Offset in the file of an index in the scanner's bytes. */
	offsetOf(index: number): number {
		return index - FIRST + this.base;
	}

	/** Whether the byte at `offset` is in the window, or would be the next to come. */
	holds(offset: number): boolean {
		const index = this.indexOf(offset);
		return index >= FIRST && index <= this.end;
	}

	startsAt(offset: number): boolean {
		return this.base === offset;
	}

	/** Whether the window can hold no more from where it starts. */
	get full(): boolean {
		return this.end >= this.scanner.bytes.length;
	}

	/** Lets go of everything before `offset`; what is there already from it on is kept. */
	slideTo(offset: number): void {
		const index = this.indexOf(offset);
		if (this.holds(offset)) {
			this.scanner.bytes.copyWithin(FIRST, index, this.end);
			this.end -= index - FIRST;
		} else {
			this.end = FIRST;
			this.ended = false;
		}
		this.base = offset;
	}

	/** Reads on. Answers whether anything came: nothing does at the file's end and where the window is full. */
	more(): boolean {
		const { bytes } = this.scanner;
		if (this.full || this.ended) return false;
		const came = this.fill(bytes.subarray(this.end, this.end + PIECE), this.offsetOf(this.end));
		this.end += came;
		if (came === 0) this.ended = true;
		return came > 0;
	}
}
