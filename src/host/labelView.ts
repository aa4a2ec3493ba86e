// What labelling adds to a document, and what it keeps out of sight: without hindsight a rollout ends with the first step
// that is not rated yet, and nobody sees how it came out.
import * as vscode from "vscode";
import type { Saw } from "../core/labels/event.ts";
import { marksByStep } from "../core/labels/marks.ts";
import { nextUnrated } from "../core/labels/queue.ts";
import type { Rollout, RolloutSummary } from "../core/model/trajectory.ts";
import type { RolloutView } from "./documents.ts";
import type { InlineMarks } from "./inline.ts";
import type { Labels } from "./labels.ts";
import type { Library } from "./library.ts";

export class LabelView implements RolloutView, InlineMarks, vscode.Disposable {
	private readonly changed = new vscode.EventEmitter<void>();
	readonly onDidChange = this.changed.event;
	private readonly viewChanged = new vscode.EventEmitter<void>();
	/** Fires after what may be seen of rollouts changed; not for every label, because documents are rendered anew then. */
	readonly onDidChangeView = this.viewChanged.event;
	private readonly library: Library;
	private readonly labels: Labels;
	/** Whether something was hidden at the last change. */
	private hidden = false;
	private readonly subscriptions: vscode.Disposable[];

	constructor(library: Library, labels: Labels) {
		this.library = library;
		this.labels = labels;
		this.subscriptions = [
			labels.onDidChange(() => {
				const hides = !labels.sight.laterSteps;
				if (hides || this.hidden) this.viewChanged.fire();
				this.hidden = hides;
				this.changed.fire();
			}),
		];
	}

	dispose(): void {
		for (const subscription of this.subscriptions) subscription.dispose();
		this.changed.dispose();
		this.viewChanged.dispose();
	}

	visible(rollout: Rollout): Rollout {
		const { labels } = this;
		if (labels.sight.laterSteps) return rollout;
		const open = nextUnrated(rollout.steps, labels.of(rollout), labels.annotator, -1);
		const steps = open === null ? rollout.steps : rollout.steps.slice(0, open + 1);
		return {
			...rollout,
			steps,
			outcome: "unknown",
			reward: null,
			rewards: {},
			advantage: null,
			ending: null,
			truncated: false,
			answer: null,
			reference: null,
			labels: [],
		};
	}

	async marksOf(summary: RolloutSummary): Promise<ReadonlyMap<number, string>> {
		const { labels } = this;
		await labels.ready(summary.file);
		const rollout = await this.library.rollout(summary);
		return rollout === null ? new Map() : marksByStep(labels.of(rollout), labels.pending(rollout), labels.annotator);
	}

	get sight(): Saw {
		return this.labels.sight;
	}
}
