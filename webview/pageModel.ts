// The page's state and what follows from it. Parts of the page read it, ask it to change, and listen; none of them
// keeps a copy.
import type { Result } from "../src/core/model/problem.ts";
import type { StepKind } from "../src/core/tree/toolKind.ts";
import type { AskingEnd } from "../src/protocol/channel.ts";
import type { HOST_NOTICES, PAGE_NOTICES, StepDetail, TreeRequests } from "../src/protocol/tree.ts";
import {
	fullPath,
	type Group,
	meanByNode,
	nodeOfStep,
	type PageRollout,
	rolloutsThrough,
	stepAt,
	weigh,
} from "./group.ts";
import { type ColourMode, colourModes, defaultMode, structuralValues } from "./modes.ts";
import type { Palette } from "./theme.ts";
import { buckets, type ColourScale, colourScale, domainOf } from "./tree/colours.ts";
import { layoutTree, type TreeLayout } from "./tree/layout.ts";
import { MeanCache } from "./tree/means.ts";
import type { Mark } from "./tree/scene.ts";
import type { StepPlace, ViewState } from "./viewState.ts";

export type Change =
	| "group"
	| "layout"
	| "colour"
	| "selection"
	| "hover"
	| "hits"
	| "labels"
	| "marks"
	| "view"
	| "theme"
	| "status";

export type Connection = AskingEnd<TreeRequests, typeof HOST_NOTICES, typeof PAGE_NOTICES>;

export interface Selected {
	/** Number of the rollout, and a node on its path. */
	rollout: number;
	node: number;
}

export interface SeriesData {
	start: Int32Array;
	values: Float32Array;
	reason: string | null;
}

const LABELS_KEPT = 30_000;

export class PageModel {
	readonly connection: Connection;
	state: ViewState;
	palette: Palette;
	group: Group | null = null;
	/** Why there is no group; null while there is one or it is being asked for. */
	problem: string | null = null;
	layout: TreeLayout | null = null;
	/** By node: 1 where everything below is folded away. */
	folded = new Uint8Array(0);
	modes: ColourMode[] = [];
	scale: ColourScale;
	/** By node: the number behind its colour, and its bucket. */
	values = new Float32Array(0);
	bucket = new Uint8Array(0);
	private meanCache: MeanCache | null = null;
	private ends: Map<number, number[]> | null = null;
	/** The series behind the chosen colour, step by step; null for colours that belong to nodes. */
	currentSeries: SeriesData | null = null;
	/** Why numbers are missing in the chosen colour. */
	colourNote: string | null = null;
	selected: Selected | null = null;
	hovered = -1;
	/** By node: 1 where the search found something; null while nothing is searched. */
	hits: Uint8Array | null = null;
	hitNodes: Int32Array = new Int32Array(0);
	/** By rollout: 1 where the filter keeps it; null without a filter. */
	kept: Uint8Array | null = null;
	filterProblem: string | null = null;
	marks: ReadonlyMap<number, Mark> = new Map();
	/** First error of each rollout that has one, by number. */
	firstErrors: ReadonlyMap<number, { step: number; confirmed: boolean; text: string }> = new Map();
	/** The ways of the reference path; empty without one. */
	ways: string[][] = [];
	/** By rollout: titles of the reference steps that it does not take. */
	missed: ReadonlyMap<number, string[]> = new Map();
	/** Nodes with which some rollout takes a step of the reference path, and its title. */
	private covered: ReadonlyMap<number, string> = new Map();
	/** Nodes that arrived with the last growth. */
	fresh: ReadonlySet<number> = new Set();
	private readonly labels = new Map<number, string>();
	private readonly wanted = new Set<number>();
	private readonly series = new Map<string, Promise<SeriesData | null>>();
	private readonly listeners: ((change: Change) => void)[] = [];
	private readonly save: (state: ViewState) => void;

	constructor(connection: Connection, state: ViewState, palette: Palette, save: (state: ViewState) => void) {
		this.connection = connection;
		this.state = state;
		this.palette = palette;
		this.save = save;
		this.scale = colourScale({ low: 0, middle: 0.5, high: 1 }, true, palette);
	}

	onChange(listener: (change: Change) => void): void {
		this.listeners.push(listener);
	}

	announce(change: Change): void {
		for (const listener of this.listeners) listener(change);
	}

	/** Changes what survives a reload. */
	remember(change: Partial<ViewState>): void {
		this.state = { ...this.state, ...change };
		this.save(this.state);
	}

	// --- the group

	/** Takes a group that was asked for anew: numbers of nodes and rollouts may mean others than before. */
	takeGroup(group: Group): void {
		this.problem = null;
		if (this.state.group !== group.about.group) {
			// folds, selection and camera belong to another group
			this.remember({ group: group.about.group, folded: [], selected: null, camera: null });
		}
		this.group = group;
		this.labels.clear();
		this.wanted.clear();
		this.series.clear();
		this.marks = new Map();
		this.firstErrors = new Map();
		this.hovered = -1;
		this.fresh = new Set();
		this.modes = colourModes(group);
		this.folded = new Uint8Array(group.tree.parent.length);
		for (const place of this.state.folded) {
			const node = this.nodeOfPlace(place);
			if (node !== -1) this.folded[node] = 1;
		}
		this.selected = this.state.selected === null ? null : this.selectionOf(this.state.selected);
		this.arrange();
		this.announce("group");
		void this.recolour();
		void this.searchAgain();
		void this.filterAgain();
		void this.readMarks();
	}

	/** Takes a group that only grew: everything that is known of its nodes stays. */
	takeGrowth(group: Group): void {
		const before = this.group?.tree.parent.length ?? 0;
		this.group = group;
		const count = group.tree.parent.length;
		const folded = new Uint8Array(count);
		folded.set(this.folded);
		this.folded = folded;
		this.fresh = new Set(Array.from({ length: count - before }, (_, index) => before + index));
		this.series.clear();
		this.modes = colourModes(group);
		this.arrange();
		this.announce("layout");
		this.announce("status");
		void this.recolour();
		void this.readMarks();
		if (this.state.search !== "") void this.searchAgain();
		if (this.state.filter !== "") void this.filterAgain();
	}

	loseGroup(reason: string): void {
		this.group = null;
		this.layout = null;
		this.selected = null;
		this.problem = reason;
		this.announce("group");
	}

	rollout(number: number): PageRollout {
		return this.group?.tree.rollouts[number] as PageRollout;
	}

	kind(node: number): StepKind {
		const name = this.group?.name[node] ?? -1;
		return this.group?.kinds[name] ?? "other";
	}

	name(node: number): string {
		const name = this.group?.name[node] ?? -1;
		return this.group?.names[name] ?? (node === 0 ? "task" : "");
	}

	isKept(rollout: PageRollout, number: number): boolean {
		if (this.state.hideSolved && rollout.outcome === "success") return false;
		return this.kept === null || this.kept[number] === 1;
	}

	/** Numbers of the rollouts whose last step a node is. */
	endingAt(node: number): readonly number[] {
		if (this.ends === null) {
			this.ends = new Map();
			for (const [number, { end }] of (this.group?.tree.rollouts ?? []).entries()) {
				const known = this.ends.get(end);
				if (known === undefined) this.ends.set(end, [number]);
				else known.push(number);
			}
		}
		return this.ends.get(node) ?? [];
	}

	/** Numbers of the attempts that are shown. */
	shownRollouts(): number[] {
		const rollouts = this.group?.tree.rollouts ?? [];
		return [...rollouts.keys()].filter((number) => this.isKept(rollouts[number] as PageRollout, number));
	}

	private arrange(): void {
		const { group } = this;
		this.ends = null;
		if (group === null) return;
		const weights = weigh(group, (rollout, number) => this.isKept(rollout, number));
		this.layout = layoutTree({ ...weights, tree: group.tree, children: group.children, folded: this.folded });
		this.meanCache = null;
	}

	private rearrange(): void {
		this.arrange();
		this.announce("layout");
		this.announce("status");
	}

	// --- folding and hiding

	setFolded(nodes: Iterable<number>, folded: boolean): void {
		for (const node of nodes) this.folded[node] = folded ? 1 : 0;
		this.rememberFolded();
		this.rearrange();
	}

	/** Folds every fork's branches from a step number on; null unfolds everything. */
	foldFrom(step: number | null): void {
		const { group } = this;
		if (group === null) return;
		this.folded.fill(0);
		if (step !== null) {
			group.tree.depth.forEach((depth, node) => {
				const hasChildren = (group.children.start[node + 1] as number) > (group.children.start[node] as number);
				if (depth === step && hasChildren) this.folded[node] = 1;
			});
		}
		this.rememberFolded();
		this.rearrange();
	}

	setHideSolved(hideSolved: boolean): void {
		this.remember({ hideSolved });
		this.rearrange();
	}

	/** Sorts siblings anew, after live growth left them in the order of arrival. */
	private rememberFolded(): void {
		const { group } = this;
		if (group === null) return;
		const places: StepPlace[] = [];
		this.folded.forEach((folded, node) => {
			const origin = group.tree.origin[node] as number;
			const step = folded === 1 ? stepAt(group, origin, node) : null;
			if (step !== null) places.push({ rollout: this.rollout(origin).key, step });
		});
		this.remember({ folded: places });
	}

	// --- selection

	/** Selects a node; of the rollouts through it the one that is selected already, else the first that is shown. */
	selectNode(node: number): void {
		const { group } = this;
		if (group === null) return;
		const through = rolloutsThrough(group, node).filter((number) => this.isKept(this.rollout(number), number));
		const rollout = through.find((number) => number === this.selected?.rollout) ?? through[0];
		if (rollout !== undefined) this.select({ rollout, node });
	}

	select(selected: Selected): void {
		const { group } = this;
		if (group === null) return;
		this.selected = selected;
		const step = stepAt(group, selected.rollout, selected.node);
		const { key } = this.rollout(selected.rollout);
		this.remember({ selected: step === null ? null : { rollout: key, step } });
		this.connection.tell("selected", { rollout: key, step });
		this.mark();
		this.announce("selection");
	}

	/** A step was selected elsewhere: the page follows without answering. */
	followSelection(key: string, step: number | null): void {
		const selected = this.selectionOf({ rollout: key, step: step ?? 0 });
		if (selected === null || (selected.rollout === this.selected?.rollout && selected.node === this.selected.node))
			return;
		this.selected = selected;
		this.remember({ selected: { rollout: key, step: step ?? 0 } });
		this.unfoldTo(selected.node);
		this.mark();
		this.announce("selection");
	}

	selectedPath(): number[] {
		return this.group === null || this.selected === null
			? []
			: fullPath(this.group, this.rollout(this.selected.rollout));
	}

	hover(node: number): void {
		if (node === this.hovered) return;
		this.hovered = node;
		this.announce("hover");
	}

	private unfoldTo(node: number): void {
		const { group } = this;
		if (group === null || this.layout?.rowOf[node] !== -1) return;
		for (let above = group.tree.parent[node] as number; above >= 0; above = group.tree.parent[above] as number) {
			this.folded[above] = 0;
		}
		this.rememberFolded();
		this.rearrange();
	}

	private selectionOf(place: StepPlace): Selected | null {
		const { group } = this;
		if (group === null) return null;
		const rollout = group.tree.rollouts.findIndex(({ key }) => key === place.rollout);
		const node = rollout === -1 ? -1 : nodeOfStep(group, rollout, place.step);
		return node === -1 ? null : { rollout, node };
	}

	private nodeOfPlace(place: StepPlace): number {
		return this.selectionOf(place)?.node ?? -1;
	}

	// --- colour

	get mode(): ColourMode | null {
		const wanted = this.state.colour;
		const id = this.group === null ? "" : defaultMode(this.modes, this.group);
		return this.modes.find((mode) => mode.id === wanted) ?? this.modes.find((mode) => mode.id === id) ?? null;
	}

	setColour(colour: string): void {
		this.remember({ colour });
		void this.recolour();
	}

	setPalette(palette: Palette): void {
		this.palette = palette;
		this.scale = colourScale(this.scale, this.scale.diverging, palette);
		this.announce("theme");
	}

	async recolour(): Promise<void> {
		const { group, mode } = this;
		if (group === null || mode === null) return;
		const structural = structuralValues(mode.id, group);
		const series = structural === null ? await this.seriesData(mode.id) : null;
		if (group !== this.group || mode.id !== this.mode?.id) return;
		const values =
			structural?.values ??
			(series === null ? new Float32Array(group.tree.parent.length).fill(Number.NaN) : meanByNode(group, series));
		const domain = structural?.domain ?? domainOf(values, mode.series?.scale ?? "magnitude", 0.5);
		this.values = new Float32Array(values);
		this.currentSeries = series;
		this.colourNote = series?.reason ?? null;
		this.scale = colourScale(domain, mode.diverging, this.palette);
		this.bucket = buckets(domain, values);
		this.meanCache = null;
		this.announce("colour");
	}

	/** Mean colours of blocks of rows, for the picture as it is laid out and coloured now. */
	means(group: Group, layout: TreeLayout): MeanCache {
		this.meanCache ??= new MeanCache(group.tree, layout, this.values, this.scale);
		return this.meanCache;
	}

	/** A series of the whole group, asked for once; null where the host has none. */
	seriesData(id: string): Promise<SeriesData | null> {
		const { group } = this;
		if (group === null) return Promise.resolve(null);
		let known = this.series.get(id);
		if (known === undefined) {
			const { generation } = group.about;
			known = this.connection.ask("series", { generation, id }).then((answer) => (answer.ok ? answer.value : null));
			this.series.set(id, known);
		}
		return known;
	}

	// --- labels

	/** A node's step in a few words; null when it has to be asked for first. */
	label(node: number): string | null {
		return this.labels.get(node) ?? null;
	}

	/** Asks for the labels of nodes that are on the screen and not known. */
	async wantLabels(nodes: Iterable<number>): Promise<void> {
		const { group } = this;
		if (group === null) return;
		const missing = [...nodes].filter((node) => node > 0 && !this.labels.has(node) && !this.wanted.has(node));
		if (missing.length === 0) return;
		const asked = missing.slice(0, 4000);
		for (const node of asked) this.wanted.add(node);
		const { generation } = group.about;
		const answer = await this.connection.ask("labels", { generation, nodes: Int32Array.from(asked) });
		for (const node of asked) this.wanted.delete(node);
		if (!answer.ok || generation !== this.group?.about.generation) return;
		answer.value.labels.forEach((label, index) => {
			this.labels.set(asked[index] as number, label);
		});
		for (const oldest of this.labels.keys()) {
			if (this.labels.size <= LABELS_KEPT) break;
			this.labels.delete(oldest);
		}
		this.announce("labels");
	}

	async stepDetail(rollout: number, step: number): Promise<Result<StepDetail, string>> {
		const generation = this.group?.about.generation ?? 0;
		return this.connection.ask("step", { generation, rollout, step });
	}

	// --- search, filter, marks

	search(text: string): void {
		this.remember({ search: text });
		void this.searchAgain();
	}

	private async searchAgain(): Promise<void> {
		const { group } = this;
		const text = this.state.search.trim();
		if (group === null) return;
		if (text === "") {
			this.hits = null;
			this.hitNodes = new Int32Array(0);
			this.announce("hits");
			return;
		}
		const answer = await this.connection.ask("search", { generation: group.about.generation, text });
		if (!answer.ok || group !== this.group || text !== this.state.search.trim()) return;
		this.hits = new Uint8Array(group.tree.parent.length);
		for (const node of answer.value.nodes) if (node < this.hits.length) this.hits[node] = 1;
		this.hitNodes = answer.value.nodes;
		this.announce("hits");
	}

	filter(text: string): void {
		this.remember({ filter: text });
		void this.filterAgain();
	}

	private async filterAgain(): Promise<void> {
		const { group } = this;
		const text = this.state.filter.trim();
		if (group === null) return;
		if (text === "") {
			if (this.kept === null && this.filterProblem === null) return;
			this.kept = null;
			this.filterProblem = null;
			this.rearrange();
			return;
		}
		const answer = await this.connection.ask("filter", { generation: group.about.generation, text });
		if (group !== this.group || text !== this.state.filter.trim()) return;
		this.filterProblem = answer.ok ? null : answer.error;
		if (answer.ok) this.kept = new Uint8Array(answer.value.kept);
		this.rearrange();
	}

	private async readMarks(): Promise<void> {
		const { group } = this;
		if (group === null) return;
		const answer = await this.connection.ask("marks", { generation: group.about.generation });
		if (!answer.ok || group !== this.group) return;
		const { rollouts, steps, confirmed, texts } = answer.value;
		const firstErrors = new Map<number, { step: number; confirmed: boolean; text: string }>();
		rollouts.forEach((rollout, index) => {
			const found = { step: steps[index] as number, confirmed: confirmed[index] === 1, text: texts[index] ?? "" };
			if (nodeOfStep(group, rollout, found.step) !== -1) firstErrors.set(rollout, found);
		});
		this.firstErrors = firstErrors;
		await this.readReference(group);
		this.mark();
	}

	private async readReference(group: Group): Promise<void> {
		const answer = await this.connection.ask("reference", { generation: group.about.generation });
		if (!answer.ok || group !== this.group) return;
		const covered = new Map<number, string>();
		const missed = new Map<number, string[]>();
		for (const { rollout, way, taken } of answer.value.rollouts) {
			const titles = answer.value.ways[way] ?? [];
			titles.forEach((title, index) => {
				const step = taken[index] ?? -1;
				const node = step === -1 ? -1 : nodeOfStep(group, rollout, step);
				if (node !== -1) covered.set(node, title);
				else missed.set(rollout, [...(missed.get(rollout) ?? []), title]);
			});
		}
		this.ways = answer.value.ways;
		this.covered = covered;
		this.missed = missed;
	}

	/** Asks again for what is marked. */
	remark(): void {
		void this.readMarks();
	}

	/** Marks the reference path, first errors where every attempt failed, and that of the selected rollout: what others survived is no dead end. */
	private mark(): void {
		const { group } = this;
		if (group === null) return;
		const marks = new Map<number, Mark>();
		for (const [node, title] of this.covered) marks.set(node, { kind: "covered", text: title });
		for (const [rollout, { step, confirmed, text }] of this.firstErrors) {
			const node = nodeOfStep(group, rollout, step);
			const survived = (group.statistics.successes[node] as number) > 0;
			if (survived && rollout !== this.selected?.rollout) continue;
			if (marks.get(node)?.kind !== "confirmed") marks.set(node, { kind: confirmed ? "confirmed" : "error", text });
		}
		this.marks = marks;
		this.announce("marks");
	}
}
