// Names in paths as users and logs write them: with either kind of slash, never resolved.

/** The last name of a path. */
export function fileName(path: string): string {
	return path.split(/[/\\]/).at(-1) ?? path;
}

/** The last name of a path without what follows its first dot. */
export function fileStem(path: string): string {
	const name = fileName(path);
	const dot = name.indexOf(".", 1);
	return dot === -1 ? name : name.slice(0, dot);
}
