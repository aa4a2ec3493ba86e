// Labels whose trajectories are in other files: kept as rollouts without steps, so that no verdict is lost.
import type { JsonRecord } from "../json/record.ts";
import { blankRollout } from "../model/create.ts";
import type { JsonObject } from "../model/json.ts";
import type { Rollout, StoredLabel } from "../model/trajectory.ts";
import { plural } from "../text/format.ts";
import type { ReadContext } from "./format.ts";

/** A rollout of which only the labels are known. */
export function labelledOnly(
	record: JsonRecord,
	id: string,
	task: string,
	labels: StoredLabel[],
	extra: JsonObject,
): Rollout {
	const rollout = blankRollout(record.place, id, task);
	rollout.labels = labels.map((label) => ({ ...label, step: null }));
	rollout.title = `labels of ${id}`;
	rollout.extra = extra;
	return rollout;
}

/** Says once for the whole file that its labels speak of trajectories that are not in it. */
export function reportMissingTraces(rollouts: Rollout[], context: ReadContext): void {
	const alone = rollouts.filter((rollout) => rollout.steps.length === 0);
	const [first] = alone;
	if (first === undefined) return;
	const labels = alone.reduce((sum, rollout) => sum + rollout.labels.length, 0);
	const whose = alone.length === 1 ? first.id : `${alone.length} trajectories`;
	context.notice?.(
		first.place,
		`${plural(labels, "label")} of ${whose}, but no steps: open the trajectories with them`,
	);
}
