// Actions above the text of a readable document: what the group says of the rollout, its tree, its best sibling.
import * as vscode from "vscode";
import type { RolloutSummary } from "../core/model/trajectory.ts";
import { signed } from "../core/text/format.ts";
import type { AdvantageService } from "./advantages.ts";
import type { Documents } from "./documents.ts";
import type { Library } from "./library.ts";
import { SCHEME } from "./rolloutUri.ts";

export function registerCodeLenses(
	library: Library,
	documents: Documents,
	advantages: AdvantageService,
): vscode.Disposable {
	const changed = new vscode.EventEmitter<void>();
	return vscode.Disposable.from(
		changed,
		advantages.onDidChange(() => changed.fire()),
		documents.onDidRender(() => changed.fire()),
		vscode.languages.registerCodeLensProvider(
			{ scheme: SCHEME },
			{
				onDidChangeCodeLenses: changed.event,
				provideCodeLenses: async (document) => {
					const open = documents.get(document.uri);
					if (open === null) return [];
					const group = library.group(open.summary);
					const reading = await advantages.reading(open.summary, null);
					const number = reading.value === null ? "" : ` · A ${signed(reading.value)}`;
					const top = new vscode.Range(0, 0, 0, 0);
					const size = group.rollouts.length === 1 ? "no siblings" : `group of ${group.rollouts.length}`;
					return [
						new vscode.CodeLens(top, {
							title: `${advantages.estimator().title} · ${size}${number}`,
							command: "trajectory.switchEstimator",
						}),
						new vscode.CodeLens(top, { title: "Show tree", command: "trajectory.showTree" }),
						new vscode.CodeLens(top, { title: "Compare with best sibling", command: "trajectory.compareWithBest" }),
						...(canProbe(open.summary)
							? [new vscode.CodeLens(top, { title: "Probe...", command: "trajectory.probe" })]
							: []),
					];
				},
			},
		),
	);
}

/** Only of a failure it can be asked when it was lost. */
function canProbe({ outcome }: RolloutSummary): boolean {
	return outcome === "failure" && vscode.workspace.isTrusted;
}
