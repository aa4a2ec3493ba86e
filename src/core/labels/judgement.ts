// Verdicts of several annotators about the same things, as the statistics of agreement want them.

/** One verdict of one annotator about one thing. */
export interface Judgement {
	/** The thing that is judged: a step, or a rollout. */
	unit: string;
	/** What hangs together and is resampled as a whole: the task. */
	cluster: string;
	annotator: string;
	/** A category, or a number where the scale has an order. */
	value: string | number;
}

/** Verdicts as a table of codes: units x annotators, and what the codes stand for. */
export interface JudgementTable {
	/** Sorted: numbers by size, texts after them. */
	values: (string | number)[];
	annotators: string[];
	/** Codes into `values` by unit and annotator; -1 where the annotator did not judge the unit. */
	rows: Int32Array[];
	units: string[];
	/** Number of the cluster of each unit. */
	clusterOf: Int32Array;
	clusters: number;
}

/** Units in order of first appearance. Where an annotator judged a unit twice, the last verdict holds. */
export function tableOf(judgements: readonly Judgement[]): JudgementTable {
	const annotators = [...new Set(judgements.map(({ annotator }) => annotator))].sort();
	const values = [...new Set(judgements.map(({ value }) => value))].sort(byValue);
	const columnOf = new Map(annotators.map((annotator, column) => [annotator, column]));
	const codeOf = new Map(values.map((value, code) => [value, code]));
	const rowOf = new Map<string, Int32Array>();
	const numberOf = new Map<string, number>();
	const clusterOf: number[] = [];
	for (const { unit, cluster, annotator, value } of judgements) {
		let row = rowOf.get(unit);
		if (row === undefined) {
			row = new Int32Array(annotators.length).fill(-1);
			rowOf.set(unit, row);
			const number = numberOf.get(cluster) ?? numberOf.size;
			numberOf.set(cluster, number);
			clusterOf.push(number);
		}
		row[columnOf.get(annotator) as number] = codeOf.get(value) as number;
	}
	return {
		values,
		annotators,
		rows: [...rowOf.values()],
		units: [...rowOf.keys()],
		clusterOf: Int32Array.from(clusterOf),
		clusters: numberOf.size,
	};
}

function byValue(a: string | number, b: string | number): number {
	if (typeof a === "number" && typeof b === "number") return a - b;
	if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
	return a < b ? -1 : 1;
}
