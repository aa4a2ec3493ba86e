// Settings files are JSON with comments and trailing commas: made plain JSON here, places kept.

/** `text` with comments and trailing commas replaced by spaces, so that positions and line numbers stay the same. */
export function withoutComments(text: string): string {
	let result = "";
	let at = 0;
	while (at < text.length) {
		const end = tokenEnd(text, at);
		const token = text.slice(at, end);
		const isComment = token.startsWith("//") || token.startsWith("/*");
		result += isComment || (token === "," && isTrailing(text, end)) ? token.replace(/[^\n\r]/g, " ") : token;
		at = end;
	}
	return result;
}

/** One past the text, comment or single character that begins at `at`. */
function tokenEnd(text: string, at: number): number {
	if (text[at] === '"') return stringEnd(text, at);
	if (text.startsWith("//", at)) return endOr(text.indexOf("\n", at), text);
	if (text.startsWith("/*", at)) {
		const close = text.indexOf("*/", at + 2);
		return close === -1 ? text.length : close + 2;
	}
	return at + 1;
}

function stringEnd(text: string, at: number): number {
	let next = at + 1;
	while (next < text.length && text[next] !== '"') next += text[next] === "\\" ? 2 : 1;
	return Math.min(next + 1, text.length);
}

function endOr(found: number, text: string): number {
	return found === -1 ? text.length : found;
}

/** Whether nothing but space and comments stands between a comma and the bracket that closes. */
function isTrailing(text: string, from: number): boolean {
	let at = from;
	while (at < text.length) {
		const character = text[at] as string;
		if (character === "}" || character === "]") return true;
		const isComment = text.startsWith("//", at) || text.startsWith("/*", at);
		if (!isComment && character.trim() !== "") return false;
		at = tokenEnd(text, at);
	}
	return false;
}
