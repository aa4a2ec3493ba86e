// The messages that the extension gives to `vscode.l10n.t`, as translators get them.

const MESSAGE = /l10n\.t\(\s*("(?:[^"\\\n]|\\.)*")/g;

/** Each message of the sources by itself, in alphabetical order. */
export function messagesIn(sources: string): Record<string, string> {
	const found = [...sources.matchAll(MESSAGE)].map(([, literal]) => JSON.parse(literal as string) as string);
	return Object.fromEntries([...new Set(found)].sort().map((message) => [message, message]));
}
