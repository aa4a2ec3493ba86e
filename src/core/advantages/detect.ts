// Which convention stored advantages follow: each known one is computed from the rewards and held against what is stored.
import { type Batch, groupCount } from "./batch.ts";
import type { Estimator, EstimatorOptions } from "./estimator.ts";
import { readingAt } from "./estimator.ts";
import { digits } from "./explain.ts";
import { ESTIMATORS } from "./registry.ts";
import { sliceGroups } from "./slice.ts";

/** Two conventions whose numbers differ by less than this cannot be told apart. */
const DISTINCT = 1e-6;
/** Stored numbers may be rounded; beyond this share of their size they are of no known convention. */
const TOLERANCE = 2e-3;

/** Same arithmetic as another entry, or no arithmetic at all. */
const LEFT_ASIDE = new Set(["logged", "arpo-soft", "dapo", "relative-progress", "implicit-reward"]);

/** Epsilons that trainers add to the std: the product's own, TRL's and V-STAR's, none. */
const EPSILONS = [1e-6, 1e-4, 1e-8] as const;

type Settings = Readonly<Record<string, number | string>>;

export interface Candidate {
	estimator: Estimator;
	/** Settings under which it fits best; empty for an estimator without any. */
	set: Settings;
	/** Largest absolute difference to a stored number. */
	difference: number;
}

export interface Detection {
	/** `found`: one convention fits; `ambiguous`: several do; `unknown`: none does; `nothing`: no number is stored. */
	verdict: "found" | "ambiguous" | "unknown" | "nothing";
	/** The best first; for `ambiguous` all that cannot be told apart, for `unknown` the nearest. */
	candidates: Candidate[];
	/** Stored numbers that were compared. */
	compared: number;
	/** Verdict in words. */
	text: string;
}

interface Stored {
	rollout: number;
	step: number | null;
	value: number;
}

/** The convention of all advantages stored in the batch. */
export function detectConvention(batch: Batch): Detection {
	const stored = storedIn(batch);
	if (stored.length === 0) return { verdict: "nothing", candidates: [], compared: 0, text: "no advantage is stored" };
	const candidates = ESTIMATORS.filter((estimator) => saysSomething(batch, estimator))
		.flatMap((estimator) => fitOf(batch, estimator, stored) ?? [])
		.sort((a, b) => a.difference - b.difference);
	return verdictOf(candidates, stored);
}

/** With a single group, batch statistics are the group's; without forks, trees are groups: those conventions repeat others. */
function saysSomething(batch: Batch, estimator: Estimator): boolean {
	if (LEFT_ASIDE.has(estimator.id)) return false;
	if (estimator.scope === "batch" && groupCount(batch) < 2) return false;
	return !estimator.needs.includes("branches") || hasForks(batch);
}

function hasForks({ tree }: Batch): boolean {
	return tree.nodeChildren.some((children, node) => children > 1 && (tree.nodeParent[node] as number) >= 0);
}

/** The convention of the advantages stored in one group. */
export function detectGroupConvention(batch: Batch, group: number): Detection {
	return detectConvention(sliceGroups(batch, group, group + 1));
}

function verdictOf(candidates: Candidate[], stored: Stored[]): Detection {
	const compared = stored.length;
	const size = stored.reduce((largest, { value }) => Math.max(largest, Math.abs(value)), 1);
	const best = candidates[0];
	if (best === undefined || best.difference > TOLERANCE * size) {
		const text = best === undefined ? "no convention can be computed" : `no known convention; nearest ${nameOf(best)}`;
		return { verdict: "unknown", candidates: candidates.slice(0, 3), compared, text };
	}
	const rival = Math.max(DISTINCT, 3 * best.difference);
	const fitting = candidates.filter((candidate) => candidate.difference <= rival);
	if (fitting.length === 1) return { verdict: "found", candidates: fitting, compared, text: nameOf(best) };
	const text = `ambiguous: ${fitting.map(nameOf).join(", or ")}`;
	return { verdict: "ambiguous", candidates: fitting, compared, text };
}

function nameOf({ estimator, set }: Candidate): string {
	const settings = Object.entries(set).map(
		([name, value]) => `, ${name} ${typeof value === "number" ? digits(value) : value}`,
	);
	return estimator.title + settings.join("");
}

/** One number a rollout where its steps agree or only the rollout has one, else one a step. */
function storedIn(batch: Batch): Stored[] {
	const stored: Stored[] = [];
	for (let rollout = 0; rollout < batch.members.length; rollout++) {
		const own = batch.loggedAdvantage[rollout] as number;
		if (!Number.isNaN(own)) stored.push({ rollout, step: null, value: own });
		else stored.push(...storedSteps(batch, rollout));
	}
	return stored;
}

function storedSteps(batch: Batch, rollout: number): Stored[] {
	const steps: Stored[] = [];
	const end = batch.stepStart[rollout + 1] as number;
	for (let step = batch.stepStart[rollout] as number; step < end; step++) {
		const tokens = batch.tokenLogged.subarray(batch.tokenStart[step], batch.tokenStart[step + 1]);
		const trained = tokens.filter((value, token) => {
			return !Number.isNaN(value) && batch.tokenMask[(batch.tokenStart[step] as number) + token] === 1;
		});
		let value = batch.stepLogged[step] as number;
		if (Number.isNaN(value) && trained.length > 0)
			value = trained.reduce((sum, each) => sum + each, 0) / trained.length;
		if (!Number.isNaN(value)) steps.push({ rollout, step, value });
	}
	return steps;
}

/** How far the estimator is from what is stored under its best settings; null where it has no number for any of it. */
function fitOf(batch: Batch, estimator: Estimator, stored: Stored[]): Candidate | null {
	let best: Candidate | null = null;
	for (const set of settingsOf(estimator)) {
		const difference = differenceOf(batch, estimator, { asTrainer: true, force: true, set }, stored);
		if (difference !== null && (best === null || difference < best.difference)) best = { estimator, set, difference };
	}
	return best;
}

/** Every combination of the estimator's choices and of the epsilons in use; other numbers keep their defaults. */
function settingsOf(estimator: Estimator): Settings[] {
	let combinations: Settings[] = [{}];
	for (const { name, choices } of estimator.parameters) {
		const values: readonly (number | string)[] = name === "epsilon" ? EPSILONS : (choices ?? []);
		if (values.length === 0) continue;
		combinations = combinations.flatMap((set) => values.map((value) => ({ ...set, [name]: value })));
	}
	return combinations;
}

function differenceOf(batch: Batch, estimator: Estimator, options: EstimatorOptions, stored: Stored[]): number | null {
	const advantages = estimator.compute(batch, options);
	let largest = 0;
	for (const { rollout, step, value } of stored) {
		// a rollout's stored number can only be the number of an estimator that gives one to whole rollouts
		if (step === null && advantages.level !== "rollout") return null;
		const reading = readingAt(batch, advantages, { rollout, step });
		if (reading.value === null) return null;
		largest = Math.max(largest, Math.abs(reading.value - value));
	}
	return largest;
}
