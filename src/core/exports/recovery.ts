// Recovery pairs: a step that failed, and what a success of the group did from the same place on.
import { type DatasetExporter, record } from "./dataset.ts";
import { ownMessage } from "./messages.ts";
import { recoveries } from "./pairs.ts";

export const recoveryPairs: DatasetExporter = {
	id: "recovery-pairs",
	title: "Recovery pairs: the failing step and the branch that succeeded",
	needs: "a first error, and a success of the group that shares all steps before it",
	records: (group) =>
		recoveries(group).map(({ of, prompt, failing, recovery }) =>
			record(of, { task: of.rollout.task, step: failing.step, prompt, failing: ownMessage(failing), recovery }),
		),
};
