// Orders of a group's rollouts, best first, as people say them in a few answers.

/** The named ones in their order; all others share the last place. */
export function ranking<Item>(all: readonly Item[], named: readonly Item[]): Item[][] {
	const known = new Set(named);
	const rest = all.filter((item) => !known.has(item));
	return [...[...known].map((item) => [item]), ...(rest.length === 0 ? [] : [rest])];
}

/** The best, the worst, and all others between them. */
export function bestAndWorst<Item>(all: readonly Item[], best: Item, worst: Item): Item[][] {
	const between = all.filter((item) => item !== best && item !== worst);
	return [[best], ...(between.length === 0 ? [] : [between]), [worst]];
}
