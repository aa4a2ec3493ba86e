// What is new: the number of new failures on the view's icon, and, where the user asked for it, the newest rollout opened as it grows.
import * as vscode from "vscode";
import type { RolloutSummary } from "../core/model/trajectory.ts";
import { plural } from "../core/text/format.ts";
import type { Library, LibraryChange } from "./library.ts";

export class Latest implements vscode.Disposable {
	private readonly library: Library;
	private readonly view: Pick<vscode.TreeView<unknown>, "badge" | "visible">;
	private readonly subscriptions: vscode.Disposable[];
	/** Rollouts that the user has had the chance to see. */
	private seen = new Set<string>();
	private following = false;

	constructor(library: Library, view: vscode.TreeView<unknown>) {
		this.library = library;
		this.view = view;
		this.subscriptions = [
			library.onDidChange((change) => this.changed(change)),
			view.onDidChangeVisibility(({ visible }) => visible && this.lookedAt()),
		];
	}

	dispose(): void {
		for (const subscription of this.subscriptions) subscription.dispose();
	}

	async toggleFollowing(): Promise<void> {
		this.following = !this.following;
		await vscode.commands.executeCommand("setContext", "trajectory.followingLatest", this.following);
	}

	private lookedAt(): void {
		this.seen = new Set(this.library.allSummaries().map((summary) => summary.key));
		this.view.badge = undefined;
	}

	private changed({ files }: LibraryChange): void {
		if (this.view.visible) this.lookedAt();
		else this.countFailures();
		if (this.following && files !== null) this.openNewest(files);
	}

	private countFailures(): void {
		const failures = this.library
			.allSummaries()
			.filter((summary) => summary.outcome === "failure" && !this.seen.has(summary.key));
		this.view.badge =
			failures.length === 0
				? undefined
				: { value: failures.length, tooltip: `${plural(failures.length, "new failure")}` };
	}

	private openNewest(files: ReadonlySet<string>): void {
		const summaries = [...files].flatMap((file) => this.library.summariesOf(file));
		const newest = summaries.reduce<RolloutSummary | null>(
			(best, summary) => (best === null || isNewer(summary, best) ? summary : best),
			null,
		);
		if (newest !== null)
			void vscode.commands.executeCommand("_trajectory.openStep", newest.key, Math.max(0, newest.steps - 1));
	}
}

/** By time where both have one, else by the order of the log. */
function isNewer(a: RolloutSummary, b: RolloutSummary): boolean {
	if (a.time !== null && b.time !== null && a.time !== b.time) return a.time > b.time;
	return a.ordinal >= b.ordinal;
}
