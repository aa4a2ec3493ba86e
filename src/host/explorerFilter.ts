// What the explorer shows and in which order: a filter in the filter language, with completion while typing, and a sort.
import * as vscode from "vscode";
import { groupKey } from "../core/model/group.ts";
import type { RolloutSummary } from "../core/model/trajectory.ts";
import { compileQuery, type Query } from "../core/query/compile.ts";
import { type Completion, complete } from "../core/query/complete.ts";
import type { Subject } from "../core/query/fields.ts";
import { describeFiltered, filterSubjects } from "../core/query/filter.ts";
import { groupSubjects, summarySubject } from "../core/query/subjects.ts";
import type { AdvantageService } from "./advantages.ts";
import type { FirstErrors } from "./firstErrors.ts";
import type { Library } from "./library.ts";

export const SORTS = {
	log: "Order of the log",
	reward: "Reward, lowest first",
	steps: "Steps, most first",
	time: "Time, newest first",
	advantage: "Advantage, lowest first",
	firstError: "First error, earliest first",
} as const;
export type SortOrder = keyof typeof SORTS;

/** Typing pauses this long before values are counted and the filter is checked. */
const TYPING_PAUSE = 80;
/** Rollouts between two pauses of a long filter, so that the editor stays quick. */
const SLICE = 20_000;

export class ExplorerFilter implements vscode.Disposable {
	private readonly changed = new vscode.EventEmitter<void>();
	readonly onDidChange = this.changed.event;
	private readonly library: Library;
	private readonly firstErrors: FirstErrors;
	private readonly advantages: AdvantageService;
	private readonly subscriptions: vscode.Disposable[];
	private query: Query | null = null;
	private kept: Set<string> | null = null;
	private sorted: SortOrder = "log";
	private advantageOf = new Map<string, number>();
	/** Only the newest run of a filter may set the result. */
	private generation = 0;
	/** What the filter left out; "" without a filter. */
	message = "";

	constructor(library: Library, firstErrors: FirstErrors, advantages: AdvantageService) {
		this.library = library;
		this.firstErrors = firstErrors;
		this.advantages = advantages;
		this.subscriptions = [
			library.onDidChange(() => void this.apply()),
			advantages.onDidChange(() => void this.apply()),
		];
	}

	dispose(): void {
		for (const subscription of this.subscriptions) subscription.dispose();
		this.changed.dispose();
	}

	get source(): string {
		return this.query?.source ?? "";
	}

	keeps(summary: RolloutSummary): boolean {
		return this.kept === null || this.kept.has(summary.key);
	}

	sort(summaries: RolloutSummary[]): RolloutSummary[] {
		if (this.sorted === "log") return summaries;
		const last = Number.POSITIVE_INFINITY;
		const rank: Record<Exclude<SortOrder, "log">, (summary: RolloutSummary) => number> = {
			reward: (summary) => summary.reward ?? last,
			steps: (summary) => -summary.steps,
			time: (summary) => -(summary.time ?? 0),
			advantage: (summary) => this.advantageOf.get(summary.key) ?? last,
			firstError: (summary) => this.firstErrors.stepOf(summary.key) ?? last,
		};
		const by = rank[this.sorted];
		return summaries.toSorted((a, b) => by(a) - by(b));
	}

	/** Sets the filter; an empty one shows everything. Answers false, changing nothing, where it is broken. */
	async setFilter(source: string): Promise<boolean> {
		const compiled = compileQuery(source);
		if (!compiled.ok) return false;
		this.query = source.trim() === "" ? null : compiled.query;
		await vscode.commands.executeCommand("setContext", "trajectory.filtered", this.query !== null);
		await this.apply();
		return true;
	}

	async setSort(order: SortOrder): Promise<void> {
		this.sorted = order;
		if (order === "advantage") await this.readAdvantages();
		if (order === "firstError")
			for (const summary of this.library.allSummaries()) await this.firstErrors.suggestionFor(summary);
		this.changed.fire();
	}

	async chooseSort(): Promise<void> {
		const items = Object.entries(SORTS).map(([order, label]) => ({
			label,
			order: order as SortOrder,
			picked: order === this.sorted,
		}));
		const picked = await vscode.window.showQuickPick(items, { placeHolder: "Sort rollouts by" });
		if (picked !== undefined) await this.setSort(picked.order);
	}

	/** Asks for a filter, completing fields and values as they are typed. */
	ask(): void {
		const input = vscode.window.createQuickPick<FilterItem>();
		input.placeholder = "outcome = fail and steps > 20 and any(step, error)";
		input.title = "Filter rollouts";
		input.value = this.source;
		let typing: NodeJS.Timeout | undefined;
		const update = (): void => {
			input.items = filterItems(input.value, this.library.allSummaries());
		};
		update();
		input.onDidChangeValue(() => {
			clearTimeout(typing);
			typing = setTimeout(update, TYPING_PAUSE);
		});
		input.onDidAccept(async () => {
			const [item] = input.selectedItems;
			if (item?.completion !== undefined) {
				input.value = completed(input.value, item.completion);
				update();
			} else if (await this.setFilter(input.value)) input.hide();
		});
		input.onDidHide(() => {
			clearTimeout(typing);
			input.dispose();
		});
		input.show();
	}

	private async apply(): Promise<void> {
		const generation = ++this.generation;
		const query = this.query;
		const filtered = query === null ? null : filterSubjects(query, await this.subjects(query));
		if (generation !== this.generation) return;
		this.kept = filtered === null ? null : new Set(filtered.kept.map((subject) => subject.summary.key));
		this.message = filtered === null ? "" : `${this.source}: ${describeFiltered(filtered)}`;
		this.changed.fire();
	}

	private async subjects(query: Query): Promise<Subject[]> {
		const summaries = this.library.allSummaries();
		if (!query.needsRollout) return summaries.map(summarySubject);
		const subjects: Subject[] = [];
		for (const members of Map.groupBy(summaries, groupKey).values()) {
			const rollouts = [];
			const kept: RolloutSummary[] = [];
			for (const summary of members) {
				const rollout = await this.library.rollout(summary);
				if (rollout === null) continue;
				kept.push(summary);
				rollouts.push(rollout);
			}
			subjects.push(...groupSubjects(kept, rollouts, this.advantages.estimator()));
			if (subjects.length % SLICE < members.length) await new Promise((resolve) => setImmediate(resolve));
		}
		return subjects;
	}

	private async readAdvantages(): Promise<void> {
		this.advantageOf = new Map();
		for (const summary of this.library.allSummaries()) {
			const { value } = await this.advantages.reading(summary, null);
			if (value !== null) this.advantageOf.set(summary.key, value);
		}
	}
}

interface FilterItem extends vscode.QuickPickItem {
	completion?: Completion;
}

/** First what Enter does with the text as it stands, below it what could come next. */
function filterItems(source: string, summaries: RolloutSummary[]): FilterItem[] {
	const compiled = compileQuery(source);
	const apply: FilterItem = compiled.ok
		? { label: source.trim() === "" ? "$(clear-all) Show everything" : `$(check) ${source}`, alwaysShow: true }
		: {
				label: `$(error) ${compiled.error.reason}`,
				description: `at character ${compiled.error.at + 1}`,
				alwaysShow: true,
			};
	const completions = complete(source, source.length, summaries).map(
		(completion): FilterItem => ({
			label: completion.text,
			description: completion.about,
			alwaysShow: true,
			completion,
		}),
	);
	return [apply, ...completions];
}

function completed(source: string, { text, start, end }: Completion): string {
	const spaced = text.endsWith("(") || text.endsWith(" ") ? text : `${text} `;
	return source.slice(0, start) + spaced + source.slice(end);
}
