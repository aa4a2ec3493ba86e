// Agreement beyond chance for categories: Cohen's kappa for two annotators (Cohen 1960), Fleiss' for several (Fleiss 1971).
import type { JudgementTable } from "./judgement.ts";

export interface PairAgreement {
	first: string;
	second: string;
	/** Units that both judged. */
	units: number;
	/** Share of them with the same verdict; null where there are none. */
	agreement: number | null;
	/** Null where there are no common units, or no variation: then chance agrees fully and kappa is undefined. */
	kappa: number | null;
	/** How often `first` said the row's value and `second` the column's, in the order of the table's values. */
	confusion: number[][];
}

/** Every pair of annotators, in order. */
export function pairAgreements(table: JudgementTable): PairAgreement[] {
	return table.annotators.flatMap((first, one) =>
		table.annotators.slice(one + 1).map((second, offset) => {
			const confusion = confusionOf(table, one, one + 1 + offset);
			return { first, second, confusion, ...cohen(confusion) };
		}),
	);
}

function confusionOf(table: JudgementTable, one: number, two: number): number[][] {
	const confusion = table.values.map(() => table.values.map(() => 0));
	for (const row of table.rows) {
		const cells = confusion[row[one] as number];
		const column = row[two] as number;
		if (cells !== undefined && column >= 0) cells[column] = (cells[column] as number) + 1;
	}
	return confusion;
}

/** kappa = (p_o - p_e) / (1 - p_e) of a square table of counts. */
export function cohen(confusion: readonly (readonly number[])[]): {
	units: number;
	agreement: number | null;
	kappa: number | null;
} {
	const rows = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
	const columns = confusion.map((_, column) => confusion.reduce((sum, row) => sum + (row[column] ?? 0), 0));
	const units = rows.reduce((sum, count) => sum + count, 0);
	if (units === 0) return { units, agreement: null, kappa: null };
	const agreement = confusion.reduce((sum, row, index) => sum + (row[index] ?? 0), 0) / units;
	const chance = rows.reduce((sum, count, index) => sum + (count / units) * ((columns[index] ?? 0) / units), 0);
	return { units, agreement, kappa: beyondChance(agreement, chance) };
}

function beyondChance(agreement: number, chance: number): number | null {
	return 1 - chance < 1e-12 ? null : (agreement - chance) / (1 - chance);
}

export interface FleissAgreement {
	/** Verdicts per unit: Fleiss' kappa wants the same number for all, so the most frequent number of 2 or more is used. */
	raters: number;
	/** Units with that many verdicts. */
	units: number;
	kappa: number | null;
}

export function fleiss(table: JudgementTable): FleissAgreement | null {
	const counts = table.rows.map((row) => countsOf(row, table.values.length));
	const sizes = new Map<number, number>();
	for (const { total } of counts) if (total >= 2) sizes.set(total, (sizes.get(total) ?? 0) + 1);
	const raters = [...sizes].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0];
	if (raters === undefined) return null;
	const used = counts.filter(({ total }) => total === raters);
	const shares = new Float64Array(table.values.length);
	let agreement = 0;
	for (const { byValue } of used) {
		let squares = 0;
		byValue.forEach((count, code) => {
			squares += count * count;
			shares[code] = (shares[code] as number) + count / (used.length * raters);
		});
		agreement += (squares - raters) / (raters * (raters - 1)) / used.length;
	}
	const chance = shares.reduce((sum, share) => sum + share * share, 0);
	return { raters, units: used.length, kappa: beyondChance(agreement, chance) };
}

function countsOf(row: Int32Array, values: number): { byValue: Float64Array; total: number } {
	const byValue = new Float64Array(values);
	let total = 0;
	for (const code of row) {
		if (code < 0) continue;
		byValue[code] = (byValue[code] as number) + 1;
		total++;
	}
	return { byValue, total };
}
