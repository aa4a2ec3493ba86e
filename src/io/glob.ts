// The small pattern language of companions and header entries: `*` stands for any part of one name.

/** Whether a path with forward slashes matches `pattern`. */
export function matcher(pattern: string): (path: string) => boolean {
	const source = pattern
		.split("*")
		.map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
		.join("[^/]*");
	const expression = new RegExp(`^${source}$`);
	return (path) => expression.test(path);
}
