// Learns the weights of a ranking from labelled rollouts: penalised maximum likelihood of a conditional logit model
// (McFadden 1974), by Newton's method. Convex, so the same data gives the same weights.
import type { Outcome } from "../../model/trajectory.ts";
import type { Candidates, Features } from "./features.ts";
import { handSetWeights } from "./handSet.ts";
import { solveSymmetric } from "./linear.ts";
import { softmax } from "./posterior.ts";
import { learnPrior, type PlacedError, priorOver } from "./prior.ts";
import type { FirstErrorTarget, PositionPrior, RankingWeights } from "./weights.ts";

export interface TrainingItem {
	candidates: Candidates;
	/** What was known of the outcome when the evidence was found. */
	outcome: Outcome;
	/** Position of the first error among the candidates; null for "there is none". */
	truth: number | null;
}

export interface TrainingOptions {
	target: FirstErrorTarget;
	mode: RankingWeights["mode"];
	source: string;
	date: string;
	/** How strongly weights are held at zero: the inverse variance of their prior distribution. */
	penalty?: number;
}

/** Fewest errors of an outcome that get a position prior of their own. */
const FEWEST_PLACES = 8;
const PENALTY = 0.7;
/** Share of the hand-set weight of a kind of evidence at which its learned weight is held. */
const HALF_BELIEVED = 0.5;
/** The bias and the weight of the position prior are held loosely. */
const LOOSE = 0.1;
const ROUNDS = 40;
const PRECISE = 1e-7;

export function trainWeights(items: readonly TrainingItem[], options: TrainingOptions): RankingWeights {
	const prior = learnPriors(items);
	const knowsNone = items.some(({ truth }) => truth === null);
	const table = tabulate(items, prior, knowsNone, options);
	const fitted = maximise(table, options.penalty ?? PENALTY);
	const named = (prefix: string) =>
		Object.fromEntries(
			table.names.flatMap((name, index) =>
				name.startsWith(prefix) ? [[name.slice(prefix.length), fitted[index] as number] as const] : [],
			),
		);
	return {
		target: options.target,
		mode: options.mode,
		source: options.source,
		date: options.date,
		items: items.length,
		prior,
		priorWeight: fitted[0] as number,
		step: named(STEP),
		none: knowsNone ? named(NONE) : null,
		calibration: null,
	};
}

function learnPriors(items: readonly TrainingItem[]): RankingWeights["prior"] {
	const placed = (chosen: readonly TrainingItem[]): PlacedError[] =>
		chosen.flatMap(({ truth, candidates }) =>
			truth === null ? [] : [{ position: truth, candidates: candidates.steps.length }],
		);
	const of = (outcome: Outcome): PositionPrior | null => {
		const own = placed(items.filter((item) => item.outcome === outcome));
		return own.length < FEWEST_PLACES ? null : learnPrior(own);
	};
	return { unknown: learnPrior(placed(items)), failure: of("failure"), success: of("success") };
}

const STEP = "step ";
const NONE = "none ";

/** Sparse rows: for each item its alternatives, for each alternative the columns and values that are not zero. */
interface Table {
	names: string[];
	rows: { columns: Int32Array; values: Float64Array }[][];
	truths: number[];
	/** 1 / variance of each weight, and where it is held. */
	penalties: (scale: number) => Float64Array;
	centre: Float64Array;
}

function tabulate(
	items: readonly TrainingItem[],
	prior: RankingWeights["prior"],
	knowsNone: boolean,
	{ target, mode }: TrainingOptions,
): Table {
	const columns = new Map<string, number>([["prior", 0]]);
	const columnOf = (name: string) => {
		const known = columns.get(name);
		if (known !== undefined) return known;
		columns.set(name, columns.size);
		return columns.size - 1;
	};
	const row = (features: Features, prefix: string, first: number | null) => {
		const entries = Object.entries(features).filter(([, value]) => value !== 0);
		const ids = entries.map(([name]) => columnOf(prefix + name));
		const values = entries.map(([, value]) => value);
		if (first !== null) {
			ids.push(0);
			values.push(first);
		}
		return { columns: Int32Array.from(ids), values: Float64Array.from(values) };
	};
	const used = items.filter(({ candidates }) => candidates.steps.length > 0);
	const rows = used.map(({ candidates, outcome }) => {
		const places = priorOver(priorOf(prior, outcome), candidates.steps.length);
		const alternatives = candidates.features.map((features, index) =>
			row(features, STEP, Math.log(places[index] as number)),
		);
		return knowsNone ? [...alternatives, row(candidates.none, NONE, null)] : alternatives;
	});
	const names = [...columns.keys()];
	const believed = handSetWeights(target, mode);
	const loose = new Set(["prior", `${NONE}trait:none`]);
	return {
		names,
		rows,
		truths: used.map(({ truth, candidates }) => truth ?? candidates.steps.length),
		penalties: (scale) => Float64Array.from(names, (name) => (loose.has(name) ? LOOSE : scale)),
		centre: Float64Array.from(names, (name) => centreOf(name, believed)),
	};
}

/** Where a weight is held: at what was believed before any data. */
function centreOf(name: string, believed: RankingWeights): number {
	if (name === "prior") return believed.priorWeight;
	if (name.startsWith(STEP)) return HALF_BELIEVED * (believed.step[name.slice(STEP.length)] ?? 0);
	return believed.none?.[name.slice(NONE.length)] ?? 0;
}

function priorOf(prior: RankingWeights["prior"], outcome: Outcome): PositionPrior {
	if (outcome === "failure") return prior.failure ?? prior.unknown;
	return outcome === "success" ? (prior.success ?? prior.unknown) : prior.unknown;
}

/** Newton's method with step halving. */
function maximise(table: Table, penalty: number): Float64Array {
	const size = table.names.length;
	const penalties = table.penalties(penalty);
	let weights = Float64Array.from(table.centre);
	let state = evaluate(table, weights, penalties, true);
	for (let round = 0; round < ROUNDS; round++) {
		const step = solveSymmetric(state.hessian as Float64Array, state.gradient as Float64Array, size);
		let scale = 1;
		let next = weights;
		let loss = Infinity;
		while (scale > 1e-6) {
			next = weights.map((weight, index) => weight - scale * (step[index] as number));
			loss = evaluate(table, next, penalties, false).loss;
			if (loss < state.loss) break;
			scale /= 2;
		}
		if (!(loss < state.loss - PRECISE)) break;
		weights = next;
		state = evaluate(table, weights, penalties, true);
	}
	return weights;
}

interface Loss {
	loss: number;
	gradient: Float64Array | null;
	hessian: Float64Array | null;
}

/** Penalised negative log-likelihood with its derivatives. */
function evaluate(table: Table, weights: Float64Array, penalties: Float64Array, derive: boolean): Loss {
	const size = weights.length;
	const gradient = derive ? new Float64Array(size) : null;
	const hessian = derive ? new Float64Array(size * size) : null;
	let loss = 0;
	for (let index = 0; index < size; index++) {
		const off = (weights[index] as number) - (table.centre[index] as number);
		loss += 0.5 * (penalties[index] as number) * off * off;
		if (gradient !== null) gradient[index] = (penalties[index] as number) * off;
		if (hessian !== null) hessian[index * size + index] = penalties[index] as number;
	}
	const mean = new Float64Array(size);
	table.rows.forEach((alternatives, item) => {
		const scores = Float64Array.from(alternatives, ({ columns, values }) => {
			let sum = 0;
			for (let at = 0; at < columns.length; at++)
				sum += (values[at] as number) * (weights[columns[at] as number] as number);
			return sum;
		});
		softmax(scores);
		const truth = table.truths[item] as number;
		loss -= Math.log(Math.max(1e-300, scores[truth] as number));
		if (gradient !== null && hessian !== null) addDerivatives(alternatives, scores, truth, gradient, hessian, mean);
	});
	return { loss, gradient, hessian };
}

function addDerivatives(
	alternatives: Table["rows"][number],
	shares: Float64Array,
	truth: number,
	gradient: Float64Array,
	hessian: Float64Array,
	mean: Float64Array,
): void {
	const size = gradient.length;
	const touched = new Set<number>();
	alternatives.forEach(({ columns, values }, index) => {
		const share = shares[index] as number;
		for (let at = 0; at < columns.length; at++) {
			const column = columns[at] as number;
			const value = values[at] as number;
			mean[column] = (mean[column] as number) + share * value;
			touched.add(column);
			for (let other = 0; other < columns.length; other++) {
				const cell = column * size + (columns[other] as number);
				hessian[cell] = (hessian[cell] as number) + share * value * (values[other] as number);
			}
		}
		if (index !== truth) return;
		for (let at = 0; at < columns.length; at++) {
			const column = columns[at] as number;
			gradient[column] = (gradient[column] as number) - (values[at] as number);
		}
	});
	for (const column of touched) {
		const value = mean[column] as number;
		gradient[column] = (gradient[column] as number) + value;
		for (const other of touched) {
			const cell = column * size + other;
			hessian[cell] = (hessian[cell] as number) - value * (mean[other] as number);
		}
	}
	for (const column of touched) mean[column] = 0;
}
