// One task over the training steps or runs that are open: how its success changed.
import type { RolloutSummary } from "../model/trajectory.ts";

export interface HistoryPoint {
	label: string;
	attempts: number;
	successes: number;
	/** Mean of the logged rewards; null where none is logged. */
	meanReward: number | null;
	current: boolean;
}

/** Points in the order of training, or of the log where it names no training step. */
export function taskHistory(task: string, run: string, summaries: readonly RolloutSummary[]): HistoryPoint[] {
	const attempts = summaries.filter(
		(summary) => summary.task === task && summary.relation !== "sub-agent" && summary.relation !== "continuation",
	);
	const runs = [...Map.groupBy(attempts, (summary) => JSON.stringify([summary.trainingStep, summary.run])).values()];
	const step = (members: readonly RolloutSummary[]) => members[0]?.trainingStep ?? Number.POSITIVE_INFINITY;
	return runs.toSorted((a, b) => step(a) - step(b) || 0).map((members) => pointOf(members, run));
}

function pointOf(members: readonly RolloutSummary[], current: string): HistoryPoint {
	const [first] = members;
	const rewards = members.flatMap(({ reward }) => (reward === null ? [] : [reward]));
	const sum = rewards.reduce((total, reward) => total + reward, 0);
	const trainingStep = first?.trainingStep ?? null;
	return {
		label: trainingStep === null ? (first?.run ?? "") : `step ${trainingStep}`,
		attempts: members.length,
		successes: members.filter(({ outcome }) => outcome === "success").length,
		meanReward: rewards.length === 0 ? null : sum / rewards.length,
		current: first?.run === current,
	};
}
