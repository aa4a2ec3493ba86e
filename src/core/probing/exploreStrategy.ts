// V-STAR's exploration over the prefixes of one failed rollout, as one of the searches: it spends the whole budget and answers
// with what the grown tree shows.
import { boundsOf } from "./bounds.ts";
import { nextToExplore } from "./explore.ts";
import { left, type Search, tries } from "./search.ts";
import { NO_STEP, type ProbeStrategy, type Verdict } from "./strategy.ts";

export const explore: ProbeStrategy = {
	id: "explore",
	title: "Explore without a question",
	explanation:
		"Grows the tree where value, entropy and doubt are largest until the budget is spent; asks for no particular step.",
	next(search) {
		const { settings, steps } = search;
		if (steps === 0) return [];
		const nodes = Array.from({ length: steps + 1 }, (_, prefix) => ({
			depth: prefix,
			tries: tries(search, prefix),
			successes: search.successes[prefix] as number,
			value: null,
			entropy:
				settings.entropies === null
					? null
					: prefix === 0
						? settings.entropies.root
						: (settings.entropies.steps[prefix - 1] ?? null),
		}));
		return nextToExplore(nodes, Math.min(Math.max(1, settings.batch), left(search)));
	},
	verdict,
};

function verdict(search: Search): Verdict {
	if (search.steps === 0) return NO_STEP;
	const recovered = search.successes.findLastIndex((count) => count > 0);
	const from = Math.max(1, recovered + 1);
	const bounds = boundsOf(search, recovered, search.steps);
	return {
		kind: "unresolved",
		from,
		to: search.steps + 1,
		probability: null,
		bounds,
		note: "exploration asks for no step; the last prefix that recovered bounds it from below",
	};
}
