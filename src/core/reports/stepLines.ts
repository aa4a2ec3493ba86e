// What a hover says of one step besides its advantage: its share of the outcome under each view, and how far the trainer's
// policy was from the sampler's there.
import { type ClipRule, offPolicyOfRollout, uncertaintyOf } from "../advantages/offPolicy.ts";
import type { AttributionTable } from "../attribution/views.ts";
import type { Rollout } from "../model/trajectory.ts";
import { plain, signed } from "../text/format.ts";

/** `share of +0.75: first touch 0.00, last touch +0.75, …; apart by 0.75`; null for a step that gets no share. */
export function attributionLine(table: AttributionTable | null, step: number): string | null {
	const index = table?.steps.indexOf(step) ?? -1;
	if (table === null || index < 0) return null;
	const shares = table.views.map(({ view, attribution }) => {
		const error = attribution.errors?.[index];
		const unsure = error === undefined || Number.isNaN(error) ? "" : ` ± ${plain(error, 2)}`;
		return `${view.title.toLowerCase()} ${signed(attribution.shares[index] as number)}${unsure}`;
	});
	const apart = plain(table.disagreement[index] as number, 2);
	return `share of ${signed(table.outcome)}: ${shares.join(", ")}; the views are apart by ${apart}`;
}

/** One line for each step that has anything logged; null elsewhere. */
export function offPolicyLines(
	rollout: Rollout,
	advantageOf: (step: number) => number | null,
	rules: readonly ClipRule[],
): (string | null)[] {
	const views = offPolicyOfRollout(rollout, advantageOf, rules);
	return rollout.steps.map((step, index) => {
		const { entropy, surprisal } = uncertaintyOf(step);
		const view = views[index] ?? null;
		const said = [
			entropy === null ? "" : `entropy ${plain(entropy, 3)}`,
			surprisal === null ? "" : `surprisal ${plain(surprisal, 3)}`,
		];
		if (view !== null) {
			const cut = rules.flatMap((rule) => {
				const share = view.clipped.get(rule.id) ?? null;
				return share === null || share === 0 ? [] : [`${rule.title} ${plain(100 * share, 1)} %`];
			});
			said.push(
				`log(trainer / sampler) mean ${signed(view.meanLogRatio, 3)}, farthest ${signed(view.maxLogRatio, 3)}`,
				`k3 KL ${plain(view.k3, 4)}`,
				cut.length === 0 ? "no rule cuts a token" : `cut: ${cut.join(", ")}`,
			);
		}
		const line = said.filter((part) => part !== "").join("; ");
		return line === "" || step.role !== "agent" ? null : line;
	});
}
