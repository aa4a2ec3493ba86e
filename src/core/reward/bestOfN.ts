// Choosing the best of a task's rollouts by score: the order, and what the choice is worth over many tasks.
import type { Outcome } from "../model/trajectory.ts";

export interface Ranked<Subject> {
	subject: Subject;
	/** Null where the model gave none; such rollouts come last. */
	score: number | null;
}

/** Best first; equal scores stay in order. */
export function rankByScore<Subject>(entries: readonly Ranked<Subject>[]): Ranked<Subject>[] {
	const worst = Number.NEGATIVE_INFINITY;
	return [...entries].sort((a, b) => (b.score ?? worst) - (a.score ?? worst) || 0);
}

export interface BestOfN {
	/** Tasks with at least two scored rollouts of known outcome. */
	tasks: number;
	/** Share of them whose best-scored rollout succeeded; ties count by their share. */
	chosen: number | null;
	/** Mean success rate: what choosing at random gives. */
	random: number | null;
	/** Share with any success: what the best possible choice gives (pass@n). */
	possible: number | null;
}

/** @param groups for each task its rollouts' outcomes and scores */
export function bestOfN(groups: readonly (readonly { outcome: Outcome; score: number | null }[])[]): BestOfN {
	let [tasks, chosen, random, possible] = [0, 0, 0, 0];
	for (const members of groups) {
		const judged = members.filter(({ outcome, score }) => outcome !== "unknown" && score !== null);
		if (judged.length < 2) continue;
		const best = Math.max(...judged.map(({ score }) => score as number));
		tasks++;
		chosen += successRate(judged.filter(({ score }) => score === best));
		random += successRate(judged);
		possible += judged.some(({ outcome }) => outcome === "success") ? 1 : 0;
	}
	if (tasks === 0) return { tasks, chosen: null, random: null, possible: null };
	return { tasks, chosen: chosen / tasks, random: random / tasks, possible: possible / tasks };
}

function successRate(members: readonly { outcome: Outcome }[]): number {
	return members.filter(({ outcome }) => outcome === "success").length / members.length;
}
