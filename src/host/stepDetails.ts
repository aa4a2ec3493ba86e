// What a hover says of a step besides the arithmetic of its advantage; worked out once a rollout, when somebody first asks.
import * as vscode from "vscode";
import type { AttributionTable } from "../core/attribution/views.ts";
import type { RolloutSummary } from "../core/model/trajectory.ts";
import { attributionOf } from "../core/reports/attribution.ts";
import { rulesWith } from "../core/reports/settings.ts";
import { attributionLine, offPolicyLines } from "../core/reports/stepLines.ts";
import type { AdvantageService } from "./advantages.ts";
import type { Library } from "./library.ts";

/** A hover must come at once: attribution of longer rollouts and larger groups is left to its report. */
const MOST_STEPS = 200;
const MOST_ROLLOUTS = 64;

interface Details {
	attribution: AttributionTable | null;
	offPolicy: (string | null)[];
}

export class StepDetails implements vscode.Disposable {
	private readonly library: Library;
	private readonly advantages: AdvantageService;
	private readonly known = new Map<string, Promise<Details | null>>();
	private readonly subscriptions: vscode.Disposable[];

	constructor(library: Library, advantages: AdvantageService) {
		this.library = library;
		this.advantages = advantages;
		const forget = () => this.known.clear();
		this.subscriptions = [
			library.onDidChange(forget),
			advantages.onDidChange(forget),
			vscode.workspace.onDidChangeConfiguration((event) => {
				if (event.affectsConfiguration("trajectory.offPolicy")) forget();
			}),
		];
	}

	dispose(): void {
		for (const subscription of this.subscriptions) subscription.dispose();
	}

	/** Lines to show under the arithmetic; empty where nothing more is known. */
	async linesAt(summary: RolloutSummary, step: number): Promise<string[]> {
		let details = this.known.get(summary.key);
		if (details === undefined) {
			details = this.detailsOf(summary);
			this.known.set(summary.key, details);
		}
		const found = await details;
		if (found === null) return [];
		return [attributionLine(found.attribution, step), found.offPolicy[step] ?? null].filter((line) => line !== null);
	}

	private async detailsOf(summary: RolloutSummary): Promise<Details | null> {
		const rollout = await this.library.rollout(summary);
		if (rollout === null) return null;
		const advantageAt = await this.advantages.readings(summary);
		return {
			attribution: await this.attribution(summary, rollout.steps.length),
			offPolicy: offPolicyLines(
				rollout,
				(step) => advantageAt(step),
				rulesWith(vscode.workspace.getConfiguration("trajectory").get<unknown>("offPolicy.bounds")),
			),
		};
	}

	private async attribution(summary: RolloutSummary, steps: number): Promise<AttributionTable | null> {
		const group = this.library.group(summary).rollouts;
		if (steps > MOST_STEPS || group.length > MOST_ROLLOUTS || group.length < 2) return null;
		const attempts = [];
		for (const member of group) {
			const rollout = await this.library.rollout(member);
			if (rollout !== null) attempts.push({ summary: member, rollout });
		}
		const chosen = attempts.find((attempt) => attempt.summary.key === summary.key);
		return chosen === undefined ? null : attributionOf(chosen, attempts);
	}
}
