// How good a value model is on sources that it never saw: each source is scored by a model learned from all others.
import { rankCorrelation } from "../../../src/core/math/moments.ts";
import { areaUnderCurve, type CalibrationBin, calibrationBins } from "../../../src/core/math/ranking.ts";
import type { Examples } from "./examples.ts";
import { type LogisticModel, predict, type TrainingOptions, trainLogistic } from "./logistic.ts";

/** A way to make a model: which inputs it reads, and how it learns. */
export interface Recipe {
	name: string;
	/** Columns of the examples' rows. */
	columns: readonly number[];
	training: TrainingOptions;
}

export interface HeldOut {
	source: string;
	rollouts: number;
	steps: number;
	/** AUC of "will succeed" over all steps, by recipe; NaN where all rollouts of the source end alike. */
	auc: number[];
}

export interface HeldOutReport {
	sources: HeldOut[];
	/** Mean over the sources that have one. */
	mean: number[];
	/** Of the first recipe, over all held-out steps. */
	bins: CalibrationBin[];
	/** Whether the first recipe is better than each other on average and on most sources. */
	better: boolean;
}

/** A source counts as if it had no more rollouts than this: no single one should decide. */
const MOST_ROLLOUTS = 300;

export function learn(sources: readonly Examples[], { columns, training }: Recipe): LogisticModel {
	const rows: Float32Array[] = [];
	const targets: number[] = [];
	const weights: number[] = [];
	const numbers: number[] = [];
	for (const [number, examples] of sources.entries()) {
		const steps = Map.groupBy(examples.rollout, (rollout) => rollout);
		const share = Math.min(examples.rollouts, MOST_ROLLOUTS) / examples.rollouts;
		for (const [index, row] of only(examples.rows, columns).entries()) {
			rows.push(row);
			targets.push(examples.targets[index] as number);
			weights.push(share / (steps.get(examples.rollout[index] as number)?.length ?? 1));
			numbers.push(number);
		}
	}
	const set = {
		rows,
		targets: Float64Array.from(targets),
		weights: Float64Array.from(weights),
		source: Int32Array.from(numbers),
	};
	return trainLogistic(set, training);
}

export function statedBy(model: LogisticModel, examples: Examples, { columns }: Recipe): Float64Array {
	return predict(model, only(examples.rows, columns));
}

/** @param tested further sources that no model learns from */
export function heldOutReport(
	sources: readonly Examples[],
	tested: readonly Examples[],
	recipes: readonly Recipe[],
): HeldOutReport {
	const first: { stated: number[]; right: boolean[] } = { stated: [], right: [] };
	const rows = [...sources, ...tested].map((held): HeldOut => {
		const others = sources.filter((examples) => examples !== held);
		const auc = recipes.map((recipe, index) => {
			const stated = statedBy(learn(others, recipe), held, recipe);
			if (index === 0) {
				first.stated.push(...stated);
				first.right.push(...held.succeeded);
			}
			return areaUnderCurve(stated, held.succeeded);
		});
		return { source: held.source, rollouts: held.rollouts, steps: held.rows.length, auc };
	});
	const known = rows.filter(({ auc }) => !auc.some(Number.isNaN));
	const mean = recipes.map((_, recipe) => sumOf(known.map(({ auc }) => auc[recipe] as number)) / known.length);
	const wins = (recipe: number) =>
		known.filter(({ auc }) => (auc[0] as number) > (auc[recipe] as number)).length > known.length / 2;
	const better = recipes.every(
		(_, recipe) => recipe === 0 || ((mean[0] as number) > (mean[recipe] as number) && wins(recipe)),
	);
	return { sources: rows, mean, bins: calibrationBins(first.stated, first.right), better };
}

/** AUC of the outcome and rank correlation with the exact values, for examples whose values are known. */
export function againstExact(model: LogisticModel, examples: Examples, recipe: Recipe): { auc: number; rank: number } {
	const stated = statedBy(model, examples, recipe);
	return {
		auc: areaUnderCurve(stated, examples.succeeded),
		rank: rankCorrelation([...stated], [...examples.targets]),
	};
}

function only(rows: readonly Float32Array[], columns: readonly number[]): readonly Float32Array[] {
	return rows.map((row) => Float32Array.from(columns, (column) => row[column] as number));
}

function sumOf(numbers: readonly number[]): number {
	return numbers.reduce((sum, number) => sum + number, 0);
}
