// Scores of a local reward model in the editor: asked for by command, in a trusted workspace only, shown at the steps.
import * as vscode from "vscode";
import type { CatalogChange } from "../core/explorer/catalog.ts";
import type { StepScores } from "../core/firstError/stepScores.ts";
import { describeProblem } from "../core/model/problem.ts";
import type { Rollout, RolloutSummary } from "../core/model/trajectory.ts";
import type { RolloutScores } from "../core/reward/scores.ts";
import { plain, plural } from "../core/text/format.ts";
import { oneLine } from "../core/text/line.ts";
import { cacheFolder } from "../io/cacheFolder.ts";
import { ScoreCache } from "../io/scoreCache.ts";
import { Scorer } from "../io/scorer.ts";
import type { StepNumbers } from "./inline.ts";
import type { Library } from "./library.ts";

const SETTING = "scorer.model";

export class Scores implements StepNumbers, vscode.Disposable {
	private readonly changed = new vscode.EventEmitter<void>();
	/** Fires when scores were computed or forgotten. */
	readonly onDidChange = this.changed.event;
	private readonly library: Library;
	private readonly log: vscode.LogOutputChannel;
	private readonly cache = new ScoreCache(cacheFolder("scores"));
	private readonly scores = new Map<string, RolloutScores>();
	private readonly subscriptions: vscode.Disposable[];
	private scorer: Scorer | null = null;

	constructor(library: Library, log: vscode.LogOutputChannel) {
		this.library = library;
		this.log = log;
		this.subscriptions = [
			library.onDidChange((change) => this.forgetChanged(change)),
			vscode.workspace.onDidChangeConfiguration((event) => {
				if (event.affectsConfiguration(`trajectory.${SETTING}`)) this.forgetModel();
			}),
		];
	}

	dispose(): void {
		for (const subscription of this.subscriptions) subscription.dispose();
		this.scorer?.close();
		this.changed.dispose();
	}

	/** What the model says about a rollout; null before it was asked. */
	get(key: string): RolloutScores | null {
		return this.scores.get(key) ?? null;
	}

	/** The same for what reads scores of steps; null where there are none, or the model judges rollouts only. */
	stepScores(key: string): StepScores | null {
		const { name, description } = this.scorer?.model ?? { name: "", description: null };
		const scores = this.scores.get(key)?.steps;
		if (scores === undefined || (description?.kind !== "process" && description?.kind !== "value")) return null;
		return { scorer: name, kind: description.kind, scores };
	}

	/** `P 0.83`: the score of a step as it stands beside the others; empty where there is none. */
	textAt(key: string, step: number): string {
		const score = this.scores.get(key)?.steps[step] ?? null;
		return score === null ? "" : `P ${plain(score, 2)}`;
	}

	/** Scores all rollouts of the task that `summary` belongs to. */
	async scoreTask(summary: RolloutSummary): Promise<void> {
		if (!vscode.workspace.isTrusted) {
			void vscode.window.showWarningMessage("Scoring runs a model on this machine and needs a trusted workspace.");
			return;
		}
		const folder = await this.modelFolder();
		if (folder === null) return;
		const opened = await this.open(folder);
		if (opened === null) return;
		const title = `Scoring task ${oneLine(summary.task, 40)} with ${opened.model.name}`;
		await vscode.window.withProgress(
			{ location: vscode.ProgressLocation.Notification, title, cancellable: true },
			(progress, cancelled) => this.run(opened, summary, progress, cancelled),
		);
	}

	private async run(
		scorer: Scorer,
		summary: RolloutSummary,
		progress: vscode.Progress<{ message: string; increment: number }>,
		cancelled: vscode.CancellationToken,
	): Promise<void> {
		const abort = new AbortController();
		cancelled.onCancellationRequested(() => abort.abort());
		const members: { key: string; rollout: Rollout }[] = [];
		for (const member of this.library.group(summary).rollouts) {
			const rollout = await this.library.rollout(member);
			if (rollout !== null) members.push({ key: member.key, rollout });
		}
		let shown = 0;
		const scores = await scorer.score(
			members.map(({ rollout }) => rollout),
			{
				signal: abort.signal,
				done: (scored, of) => {
					progress.report({ message: `${scored} of ${of}`, increment: ((scored - shown) / Math.max(1, of)) * 100 });
					shown = scored;
				},
			},
		);
		if (!scores.ok) {
			if (!abort.signal.aborted) void vscode.window.showErrorMessage(describeProblem(scores.error));
			return;
		}
		for (const [index, { key }] of members.entries()) this.scores.set(key, scores.value[index] as RolloutScores);
		this.changed.fire();
		this.summarise(scorer, scores.value);
	}

	private summarise({ model }: Scorer, scores: readonly RolloutScores[]): void {
		const { kind, because, evaluation, aggregation } = model.description;
		this.log.info(`${model.name}: ${kind} model (${because}), evaluated by ${evaluation}, aggregate ${aggregation}`);
		for (const note of new Set(scores.flatMap(({ notes }) => notes))) this.log.info(`${model.name}: ${note}`);
		const best = scores.reduce<number | null>(
			(top, { rollout }) => (rollout === null ? top : Math.max(top ?? rollout, rollout)),
			null,
		);
		const range = best === null ? "" : `, best ${plain(best, 2)}`;
		vscode.window.setStatusBarMessage(`${plural(scores.length, "rollout")} scored (${kind})${range}`, 10_000);
	}

	/** The folder of the setting; where there is none a person chooses one, which is then remembered. */
	private async modelFolder(): Promise<string | null> {
		const settings = vscode.workspace.getConfiguration("trajectory");
		const known = settings.get<string>(SETTING, "");
		if (known !== "") return known;
		const chosen = await vscode.window.showOpenDialog({
			canSelectFolders: true,
			canSelectFiles: false,
			openLabel: "Use This Model",
			title: "Folder with model.onnx, config.json and tokenizer.json",
		});
		const folder = chosen?.[0]?.fsPath ?? null;
		if (folder !== null) await settings.update(SETTING, folder, vscode.ConfigurationTarget.Global);
		return folder;
	}

	private async open(folder: string): Promise<Scorer | null> {
		if (this.scorer !== null) return this.scorer;
		const restarted = (reason: string) => {
			this.log.warn(reason);
			void vscode.window.showWarningMessage(`${reason}; it is started again.`);
		};
		const opened = await Scorer.open(folder, { cache: this.cache, child: { restarted } });
		if (!opened.ok) {
			void vscode.window.showErrorMessage(describeProblem(opened.error));
			return null;
		}
		this.scorer = opened.value;
		return opened.value;
	}

	/** Rollouts that grew or went have no scores any more; what of them is still true is in the cache. */
	private forgetChanged({ added, removed }: CatalogChange): void {
		const gone = [...added, ...removed].filter(({ key }) => {
			const scored = this.scores.get(key)?.steps.length;
			return scored !== undefined && scored !== this.library.summary(key)?.steps;
		});
		for (const { key } of gone) this.scores.delete(key);
		if (gone.length > 0) this.changed.fire();
	}

	private forgetModel(): void {
		this.scorer?.close();
		this.scorer = null;
		this.scores.clear();
		this.changed.fire();
	}
}
