// Finds the end of one JSON value that is too large to be held, piece by piece. Like skipValue in json/scan.ts it
// trusts its input: it finds places, it does not validate.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const SPACE = 0x20;
/** Brackets and braces differ by this bit only. */
const CASE_BIT = 0x20;
const OPEN = 0x7b;
const CLOSE = 0x7d;

export class LooseSkipper {
	private depth = 0;
	private inText = false;
	private escaped = false;
	private started = false;

	/** Looks at the next bytes. Answers the index one past the value, or null where it goes on. */
	push(bytes: Uint8Array, from: number, to: number): number | null {
		let at = from;
		while (at < to) {
			if (this.inText) at = this.leaveText(bytes, at, to);
			else {
				if (this.endsBefore(bytes[at] as number)) return at;
				this.count(bytes[at] as number);
				at++;
			}
			if (this.started && this.depth === 0 && !this.inText && isClosing(bytes[at - 1] as number)) return at;
		}
		return null;
	}

	/** Behind the text's closing quote, or `to` where it goes on. */
	private leaveText(bytes: Uint8Array, from: number, to: number): number {
		for (let at = from; at < to; at++) {
			const byte = bytes[at] as number;
			if (this.escaped) this.escaped = false;
			else if (byte === BACKSLASH) this.escaped = true;
			else if (byte === QUOTE) {
				this.inText = false;
				return at + 1;
			}
		}
		return to;
	}

	/** A scalar ends before a comma, white space or the bracket that closes what it is in. */
	private endsBefore(byte: number): boolean {
		if (!this.started || this.depth > 0) return false;
		return byte === COMMA || byte <= SPACE || (byte | CASE_BIT) === CLOSE;
	}

	private count(byte: number): void {
		this.started = true;
		if (byte === QUOTE) this.inText = true;
		else if ((byte | CASE_BIT) === OPEN) this.depth++;
		else if ((byte | CASE_BIT) === CLOSE) this.depth--;
	}
}

function isClosing(byte: number): boolean {
	return byte === QUOTE || (byte | CASE_BIT) === CLOSE;
}
