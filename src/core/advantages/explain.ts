// Words and numbers of explanations: every estimator's arithmetic is written the same way.
import type { Batch } from "./batch.ts";
import { type At, type Estimator, type EstimatorOptions, readingAt } from "./estimator.ts";
import { partFor } from "./slice.ts";

/** Rewards of larger groups are cut here, with a count of the rest. */
const LISTED = 24;

/** A number with up to `digits` significant digits and a real minus sign. */
export function digits(value: number, significant = 6): string {
	if (Number.isNaN(value)) return "none";
	// sums that should be 0 come out a last digit off
	const rounded = Math.abs(value) < 1e-12 ? 0 : Number(value.toPrecision(significant));
	const text = rounded !== 0 && Math.abs(rounded) < 1e-3 ? rounded.toExponential() : String(rounded);
	return text.startsWith("-") ? `\u2212${text.slice(1)}` : text;
}

export function signedDigits(value: number, significant = 6): string {
	const text = digits(value, significant);
	return value > 0 && text !== "0" ? `+${text}` : text;
}

/** In a formula a negative number stands in brackets. */
export function term(value: number): string {
	return value < 0 ? `(${digits(value)})` : digits(value);
}

/** The numbers of a column from `start` to `end`, the one at `marked` in brackets. */
export function listed(column: Float64Array, start: number, end: number, marked: number): string {
	const shown: string[] = [];
	const last = Math.min(end, start + LISTED);
	for (let index = start; index < last; index++) {
		const text = digits(column[index] as number);
		shown.push(index === marked ? `[${text}]` : text);
	}
	if (last < end) shown.push(`… ${end - last} more${marked >= last ? `, [${digits(column[marked] as number)}]` : ""}`);
	return shown.join(", ");
}

export interface Explanation {
	value: number | null;
	reason: string | null;
	error: number | null;
	/** Formula, the group's numbers, the arithmetic, the convention and its source. */
	lines: string[];
	/** Rollouts of the same group, as indices into the batch. */
	siblings: number[];
}

/** Everything a hover says about one place under one estimator. Computes only the place's group, or its training batch. */
export function explainAdvantage(
	estimator: Estimator,
	whole: Batch,
	place: At,
	options: EstimatorOptions = {},
): Explanation {
	const { batch, at, firstRollout } = partFor(whole, estimator.scope, place);
	const { into: _, ...rest } = options;
	const reading = readingAt(batch, estimator.compute(batch, rest), at);
	const group = batch.rolloutGroup[at.rollout] ?? -1;
	const start = batch.groupStart[group] ?? 0;
	const end = batch.groupStart[group + 1] ?? 0;
	return {
		...reading,
		lines: [estimator.formula, ...estimator.explain(batch, at, rest), convention(estimator), sourceLine(estimator)],
		siblings: Array.from({ length: end - start }, (_, index) => firstRollout + start + index),
	};
}

function convention(estimator: Estimator): string {
	const std = estimator.std === "none" ? "no std" : `${estimator.std} std`;
	return `${estimator.title}: ${std}, over the ${estimator.scope}, one value a ${estimator.level}`;
}

export function sourceLine(estimator: Estimator): string {
	const { title, reference, where } = estimator.source;
	return `${title} (${reference}), ${where}; certainty ${estimator.grade}`;
}
