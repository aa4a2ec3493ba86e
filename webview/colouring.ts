// The numbers behind the colours: of nodes from the tree itself, or of steps from a series that the host tells.
import { type Group, meanByNode } from "./group.ts";
import { type ColourMode, colourModes, defaultMode, structuralValues } from "./modes.ts";
import type { Connection } from "./pageModel.ts";
import type { Palette } from "./theme.ts";
import { buckets, type ColourScale, colourScale, domainOf, UNKNOWN } from "./tree/colours.ts";
import type { TreeLayout } from "./tree/layout.ts";
import { MeanCache } from "./tree/means.ts";

export interface SeriesData {
	/** [rollouts + 1] first value of each rollout. */
	start: Int32Array;
	values: Float32Array;
	/** Why numbers are missing; null where nothing is to be said. */
	reason: string | null;
}

export class Colouring {
	modes: ColourMode[] = [];
	scale: ColourScale;
	/** By node: the number behind its colour, and its bucket. */
	values = new Float32Array(0);
	bucket = new Uint8Array(0);
	/** The series behind the chosen colour, step by step; null for colours that belong to nodes. */
	series: SeriesData | null = null;
	private group: Group | null = null;
	private readonly connection: Connection;
	private readonly asked = new Map<string, Promise<SeriesData | null>>();
	private means: { of: TreeLayout; cache: MeanCache } | null = null;

	constructor(connection: Connection, palette: Palette) {
		this.connection = connection;
		this.scale = colourScale({ low: 0, middle: 0.5, high: 1 }, true, palette);
	}

	/** Another group, or the same one grown: then its nodes keep their colours until the new ones are known. */
	take(group: Group, grown: boolean): void {
		this.group = group;
		this.asked.clear();
		this.modes = colourModes(group);
		const nodes = group.tree.parent.length;
		const values = new Float32Array(nodes).fill(Number.NaN);
		const bucket = new Uint8Array(nodes).fill(UNKNOWN);
		if (grown) {
			values.set(this.values);
			bucket.set(this.bucket);
			this.values = values;
			this.bucket = bucket;
		} else {
			this.values = new Float32Array(0);
			this.bucket = new Uint8Array(0);
			this.series = null;
		}
		this.means = null;
	}

	/** The mode with this id, or what is shown where there is none. */
	mode(wanted: string | null): ColourMode | null {
		if (this.group === null) return null;
		const usual = defaultMode(this.modes, this.group);
		return this.modes.find(({ id }) => id === wanted) ?? this.modes.find(({ id }) => id === usual) ?? null;
	}

	setPalette(palette: Palette): void {
		this.scale = colourScale(this.scale, this.scale.diverging, palette);
	}

	/** Works out the colours of a mode; answers false where something else was wanted meanwhile. */
	async colour(mode: ColourMode, palette: Palette, stillWanted: () => boolean): Promise<boolean> {
		const { group } = this;
		if (group === null) return false;
		const structural = structuralValues(mode.id, group);
		const series = structural === null ? await this.seriesData(mode.id) : null;
		if (group !== this.group || !stillWanted()) return false;
		const unknown = () => new Float32Array(group.tree.parent.length).fill(Number.NaN);
		const values = structural?.values ?? (series === null ? unknown() : meanByNode(group, series));
		const domain = structural?.domain ?? domainOf(values, mode.series?.scale ?? "magnitude", 0.5);
		this.values = new Float32Array(values);
		this.bucket = buckets(domain, values);
		this.series = series;
		this.scale = colourScale(domain, mode.diverging, palette);
		this.means = null;
		return true;
	}

	/** Mean colours of blocks of rows, for a tree as it is laid out and coloured now. */
	meansFor(layout: TreeLayout): MeanCache {
		if (this.means?.of !== layout) {
			const tree = (this.group as Group).tree;
			this.means = { of: layout, cache: new MeanCache(tree, layout, this.values, this.scale) };
		}
		return this.means.cache;
	}

	/** A series of the whole group, asked for once; null where the host has none. */
	private seriesData(id: string): Promise<SeriesData | null> {
		const generation = this.group?.about.generation ?? 0;
		let known = this.asked.get(id);
		if (known === undefined) {
			known = this.connection.ask("series", { generation, id }).then((answer) => (answer.ok ? answer.value : null));
			this.asked.set(id, known);
		}
		return known;
	}
}
