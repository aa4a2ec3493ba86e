// How far stated probabilities can be trusted: a temperature, the error that is left, and the mass of the 90 % set, all
// measured on rollouts that the weights were not fitted to.
import { type Posterior, posteriorOf } from "./posterior.ts";
import { massTo, shareOf } from "./sets.ts";
import { type TrainingItem, type TrainingOptions, trainWeights } from "./train.ts";
import { type Calibration, FEWEST_CALIBRATION_ITEMS, type RankingWeights } from "./weights.ts";

const TEMPERATURES = [0.6, 0.7, 0.8, 0.9, 1, 1.15, 1.3, 1.5, 1.75, 2, 2.5, 3, 4];
const COVERAGE = 0.9;
const BINS = 10;

/** Indices of the items of each fold; rollouts of one task stay together. Deterministic. */
export function foldsByTask(tasks: readonly string[], count: number): number[][] {
	const byTask = Map.groupBy(
		tasks.map((_, index) => index),
		(index) => tasks[index] as string,
	);
	const folds: number[][] = Array.from({ length: Math.min(count, byTask.size) }, () => []);
	const largestFirst = [...byTask.entries()].sort(
		([a, one], [b, other]) => other.length - one.length || spread(a) - spread(b),
	);
	for (const [, members] of largestFirst) {
		const smallest = folds.reduce((best, fold) => (fold.length < best.length ? fold : best));
		smallest.push(...members);
	}
	return folds;
}

/** An order of tasks that has nothing to do with their names. */
function spread(task: string): number {
	let hash = 0x811c9dc5;
	for (let index = 0; index < task.length; index++) hash = Math.imul(hash ^ task.charCodeAt(index), 0x01000193);
	return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
}

/** Weights from all items, calibrated on posteriors that each fold's items get from the other folds. */
export function trainCalibrated(
	items: readonly TrainingItem[],
	tasks: readonly string[],
	options: TrainingOptions,
	folds = 5,
): RankingWeights {
	const weights = trainWeights(items, options);
	const parts = foldsByTask(tasks, folds);
	if (parts.length < 2) return weights;
	const outside: { item: TrainingItem; weights: RankingWeights }[] = [];
	for (const part of parts) {
		const held = new Set(part);
		const fitted = trainWeights(
			items.filter((_, index) => !held.has(index)),
			options,
		);
		for (const index of part) outside.push({ item: items[index] as TrainingItem, weights: fitted });
	}
	return { ...weights, calibration: calibrate(outside) };
}

export function calibrate(outside: readonly { item: TrainingItem; weights: RankingWeights }[]): Calibration {
	const posteriors = (temperature: number) =>
		outside.map(({ item, weights }) => posteriorOf(item.candidates, item.outcome, weights, temperature));
	const truths = outside.map(({ item }) => item.truth);
	let temperature = 1;
	let least = Infinity;
	for (const candidate of TEMPERATURES) {
		const loss = posteriors(candidate).reduce(
			(sum, posterior, index) => sum - Math.log(Math.max(1e-6, shareOf(posterior, truths[index] as number | null))),
			0,
		);
		if (loss < least) [temperature, least] = [candidate, loss];
	}
	const tempered = posteriors(temperature);
	const masses = tempered
		.map((posterior, index) => massTo(posterior, truths[index] as number | null))
		.sort((a, b) => a - b);
	// split conformal prediction (Vovk et al. 2005): the ceil((n + 1) · 0.9)-th smallest score
	const rank = Math.ceil((masses.length + 1) * COVERAGE);
	const enough = masses.length >= FEWEST_CALIBRATION_ITEMS && rank <= masses.length;
	return {
		temperature,
		items: outside.length,
		error: calibrationError(tempered.map((posterior, index) => best(posterior, truths[index] as number | null))),
		setMass: enough ? (masses[rank - 1] as number) : null,
	};
}

function best(posterior: Posterior, truth: number | null): { stated: number; right: boolean } {
	let at: number | null = null;
	let share = posterior.none;
	posterior.steps.forEach((value, index) => {
		if (value > share) [at, share] = [index, value];
	});
	return { stated: share, right: at === truth };
}

/** Expected calibration error (Naeini et al. 2015) over ten bins of equal width; NaN for nothing. */
export function calibrationError(answers: readonly { stated: number; right: boolean }[]): number {
	const bins = Map.groupBy(answers, ({ stated }) => Math.min(BINS - 1, Math.floor(stated * BINS)));
	let error = 0;
	for (const bin of bins.values()) {
		const stated = bin.reduce((sum, answer) => sum + answer.stated, 0);
		const right = bin.filter((answer) => answer.right).length;
		error += Math.abs(stated - right);
	}
	return error / answers.length;
}
