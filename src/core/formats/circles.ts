// Parent links that lead back to themselves: damaged logs have them, and nothing that follows parents may hang on one.

/**
 * One member of each circle among `parents` (id to parent id): without that member's link there is no circle left.
 * Linear in the number of ids. Links to ids that are not there are no concern of this function.
 */
export function circleBreaks(parents: ReadonlyMap<string, string | null>): Set<string> {
	const breaks = new Set<string>();
	const settled = new Set<string>();
	for (const start of parents.keys()) {
		const path = new Set<string>();
		let current: string | null | undefined = start;
		while (current !== null && current !== undefined && !settled.has(current)) {
			path.add(current);
			const next: string | null = parents.get(current) ?? null;
			if (next !== null && path.has(next)) {
				breaks.add(current);
				break;
			}
			current = next;
		}
		for (const passed of path) settled.add(passed);
	}
	return breaks;
}
