// Whether raw bytes of a log hold a text, however often it was escaped as JSON on its way there.

const STRING = /"(?:[^"\\]|\\.)*"/gs;
const MOST_ESCAPES = 4;

/** Texts that are put together of several pieces are looked for line by line. */
export function holdsText(raw: string, text: string): boolean {
	// texts that Inspect keeps apart, and pieces that only a decoder can put together
	if (raw.includes("attachment://")) return true;
	let layer = [raw];
	for (let round = 0; round <= MOST_ESCAPES; round++) {
		const all = folded(layer.join("\n"));
		if (piecesOf(text).every((piece) => all.includes(folded(piece)))) return true;
		layer = layer.flatMap(unescaped);
		if (layer.length === 0) return false;
	}
	return false;
}

/** Lines; or, of a value that was written out as JSON, the strings in it. */
function piecesOf(text: string): string[] {
	if (!/^\s*[[{]/.test(text)) return text.split("\n");
	const strings = [...text.matchAll(STRING)].flatMap(([string]) => decoded(string)?.split("\n") ?? []);
	return strings.length === 0 ? text.split("\n") : strings;
}

/** White space may be trimmed or folded where pieces are cut out of a text. */
function folded(text: string): string {
	return text.replace(/\s+/g, " ").trim();
}

/** What the JSON strings in a text say, and what the text says where it is the inside of one. */
function unescaped(text: string): string[] {
	const inside = decoded(`"${text}"`);
	const strings = [...text.matchAll(STRING)].flatMap(([string]) => decoded(string) ?? []);
	return [...(inside === null ? [] : [inside]), ...strings].filter((found) => found !== text);
}

function decoded(string: string): string | null {
	try {
		const value: unknown = JSON.parse(string);
		return typeof value === "string" ? value : null;
	} catch {
		return null;
	}
}
