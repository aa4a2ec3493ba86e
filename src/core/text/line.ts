// Text of logs made fit for one line of a list: control characters shown, white space folded, length bounded.

/** Characters that could move the cursor, change direction or hide text, shown as their picture or code point. */
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Makes every control, zero-width and direction character of `text` visible; tabs and newlines stay. */
export function visible(text: string): string {
	return text.replace(UNSAFE, (character) => {
		const code = character.charCodeAt(0);
		if (code < 0x20) return String.fromCharCode(0x2400 + code);
		if (code === 0x7f) return "\u2421";
		return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, "0")}\u27e9`;
	});
}

/** Words that are set apart by single spaces, in characters that need no care: most texts begin like that. */
const EASY = /^[!-~]+(?: [!-~]+)*$/;

/** The first `limit` characters of `text` on one line, control characters visible, an ellipsis where cut. */
export function oneLine(text: string, limit: number): string {
	const head = text.slice(0, limit + 1);
	if (EASY.test(head)) return head.length > limit ? `${head.slice(0, limit - 1)}…` : head;
	const folded = visible(
		text
			.slice(0, limit * 4)
			.replace(/\s+/g, " ")
			.trim(),
	);
	return folded.length > limit ? `${folded.slice(0, limit - 1)}…` : folded;
}
