// Mean colours of blocks of rows, for pictures in which rows are finer than pixels: a sample of the rows would show
// whichever happens to stand at the pixel, the mean shows what is there.
import type { RolloutTree } from "../../src/core/tree/merge.ts";
import { bucketOf, type Domain, UNKNOWN } from "./colours.ts";
import type { TreeLayout } from "./layout.ts";

/** Pictures with more cells than this are sampled: very long and very wide at once. */
const MOST_CELLS = 4_000_000;
/** Stands for a cell without any node. */
export const NOTHING = 255;

export interface RowMeans {
	/** Rows in one block. */
	block: number;
	/** Bucket of block b at step s at `b * columns + s`; NOTHING where no node is. */
	bucket: Uint8Array;
	columns: number;
}

/** Means over blocks of rows, made when they are first asked for and kept until something changes. */
export class MeanCache {
	private readonly made = new Map<number, RowMeans | null>();
	private readonly tree: Pick<RolloutTree, "depth">;
	private readonly layout: TreeLayout;
	private readonly values: Float32Array;
	private readonly domain: Domain;

	constructor(tree: Pick<RolloutTree, "depth">, layout: TreeLayout, values: Float32Array, domain: Domain) {
		this.tree = tree;
		this.layout = layout;
		this.values = values;
		this.domain = domain;
	}

	/** Means over the smallest power of two of rows that is at least `rows`; null where there would be too many cells. */
	of(rows: number): RowMeans | null {
		const block = 2 ** Math.ceil(Math.log2(Math.max(rows, 1)));
		let means = this.made.get(block);
		if (means === undefined) {
			means = this.compute(block);
			this.made.set(block, means);
		}
		return means;
	}

	private compute(block: number): RowMeans | null {
		const { layout, values, domain } = this;
		const { columns } = layout;
		const cells = Math.ceil(layout.rows / block) * columns;
		if (cells > MOST_CELLS) return null;
		const sum = new Float32Array(cells);
		const known = new Int32Array(cells);
		const bucket = new Uint8Array(cells).fill(NOTHING);
		for (const node of layout.order) {
			if (node === 0) continue;
			const cell = Math.floor((layout.rowOf[node] as number) / block) * columns + (this.tree.depth[node] as number);
			if (bucket[cell] === NOTHING) bucket[cell] = UNKNOWN;
			const value = values[node] as number;
			if (Number.isNaN(value)) continue;
			sum[cell]! += value;
			known[cell]! += 1;
		}
		for (let cell = 0; cell < cells; cell++) {
			const count = known[cell] as number;
			if (count > 0) bucket[cell] = bucketOf(domain, (sum[cell] as number) / count);
		}
		return { block, bucket, columns };
	}
}
