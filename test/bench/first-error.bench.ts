// First errors: evidence and ranking of a thousand rollouts, and how long an adaptive search takes to choose its next try.
import { suggestFirstErrors } from "../../src/core/firstError/suggest.ts";
import { type Random, randomIndex, seededRandom } from "../../src/core/math/random.ts";
import type { Rollout } from "../../src/core/model/trajectory.ts";
import { adaptive } from "../../src/core/probing/adaptive.ts";
import { openSearch, record, type Search } from "../../src/core/probing/search.ts";
import type { Benchmark, BenchmarkRow } from "../support/benchmark.ts";
import { generateGroup } from "./support/treeGroups.ts";

const GROUPS = 125;
const MEMBERS = 8;
const STEPS = 30;
const SEARCH_STEPS = 64;
const BUDGET = 48;

function row(measure: string, value: number, unit = "ms"): BenchmarkRow {
	return { measure, value, unit, baseline: null, ratio: null };
}

const SYLLABLES = ["ba", "der", "fi", "gon", "lu", "mar", "ne", "pol", "ri", "sta", "ten", "vo"];

/** Text of a vocabulary of some thousand words, with a number or a name now and then. */
function wordsFrom(random: Random): (count: number) => string {
	const syllable = () => SYLLABLES[randomIndex(random, SYLLABLES.length)] as string;
	const word = () => {
		const kind = random();
		if (kind < 0.04) return String(randomIndex(random, 5000));
		const plain = syllable() + syllable() + syllable();
		return kind < 0.08 ? plain[0]?.toUpperCase() + plain.slice(1) : plain;
	};
	return (count) => Array.from({ length: count }, word).join(" ");
}

/** Groups whose steps all say and see something else: about 700 characters a step. */
function groups(): Rollout[][] {
	const words = wordsFrom(seededRandom(11));
	return Array.from({ length: GROUPS }, (_, seed) =>
		generateGroup({ rollouts: MEMBERS, steps: STEPS, agreement: 0.8, seed }).map(({ rollout }) => ({
			...rollout,
			steps: rollout.steps.map((step) => ({
				...step,
				text: words(25),
				observations: step.observations.map((observation) => ({ ...observation, text: words(70) })),
			})),
		})),
	);
}

function measureRanking(): BenchmarkRow[] {
	const all = groups();
	const start = performance.now();
	let first = 0;
	for (const rollouts of all) {
		suggestFirstErrors(rollouts);
		if (first === 0) first = performance.now() - start;
	}
	const total = performance.now() - start;
	return [
		row(`evidence and ranking of ${GROUPS * MEMBERS} rollouts of ${STEPS} steps, one core`, total),
		row("the first group of them, nothing warm", first),
	];
}

/** A search in which everything before the last quarter recovers in half of the tries. */
function measureChoice(batch: number): BenchmarkRow {
	const random = seededRandom(3);
	const truth = Math.round(SEARCH_STEPS * 0.75);
	let search: Search = openSearch(SEARCH_STEPS, { budget: BUDGET, batch, confidence: 0.999 });
	const times: number[] = [];
	for (;;) {
		const start = performance.now();
		const next = adaptive.next(search);
		times.push(performance.now() - start);
		if (next.length === 0) break;
		search = record(
			search,
			next.map((prefix) => ({ prefix, success: prefix < truth && random() < 0.5 })),
		);
	}
	const slowest = Math.max(...times.slice(1));
	return row(`slowest choice of the next ${batch === 1 ? "try" : `${batch} tries`}, K = ${SEARCH_STEPS}`, slowest);
}

const benchmark: Benchmark = {
	name: "First errors",
	run: async () => [...measureRanking(), measureChoice(1), measureChoice(4)],
};
export default benchmark;
