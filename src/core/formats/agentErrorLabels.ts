// AgentErrorBench's label files on their own: critical step, module and annotations of trajectories in other files.
import type { JsonRecord } from "../json/record.ts";
import { asString, isObject, member, without } from "../model/json.ts";
import type { Rollout } from "../model/trajectory.ts";
import { labelsOf } from "./agentErrorBench.ts";
import type { FileFormat, ReadContext } from "./format.ts";
import { labelledOnly, reportMissingTraces } from "./labelFiles.ts";
import { recordFraming, surestRecord } from "./layout.ts";

export const agentErrorLabels: FileFormat = {
	id: "agenterrorbench-labels",
	title: "AgentErrorBench labels",
	reads:
		"critical step (1-based) with its module, annotations of steps; the trajectories are other files, which show them at their steps",
	leaves: "nothing",
	unit: "file",
	sniff: (sample) =>
		surestRecord(sample, (record) =>
			member(record, "trajectory_id") !== undefined &&
			member(record, "critical_failure_step") !== undefined &&
			member(record, "full_trajectory") === undefined
				? 0.85
				: 0,
		),
	framing: recordFraming,
	readFile,
};

function readFile(records: JsonRecord[], context: ReadContext): Rollout[] {
	const rollouts = records.flatMap((record) => {
		const id = asString(member(record.value, "trajectory_id"));
		if (!isObject(record.value) || id === null) {
			context.problem(record.place, "a label without a trajectory_id");
			return [];
		}
		const labels = labelsOf(record.value, () => null);
		return [labelledOnly(record, id, id, labels, without(record.value, new Set(["step_annotations"])))];
	});
	reportMissingTraces(rollouts, context);
	return rollouts;
}
