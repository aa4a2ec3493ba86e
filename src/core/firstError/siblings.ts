// What the other rollouts of the task did: where this one left all that succeeded, and, only where enough rollouts
// passed a point, the first point after which none succeeded (the offline tree rule of ELPO, Figure 4).
import { actionKey } from "../model/action.ts";
import type { Rollout } from "../model/trajectory.ts";
import type { Evidence, EvidenceContext, EvidenceSource } from "./evidence.ts";

/** A point is judged only if this many failures in a row would be that unlikely under the group's own success rate. */
const CHANCE_LIMIT = 0.1;

export const treeRule: EvidenceSource = {
	id: "tree-rule",
	title: "No rollout that passed this step succeeded",
	find(rollout: Rollout, context: EvidenceContext): Evidence[] {
		if (rollout.outcome !== "failure") return [];
		const group = [rollout, ...context.siblings].filter((other) => other.outcome !== "unknown");
		const rate = group.filter((other) => other.outcome === "success").length / group.length;
		let passing = group;
		for (const [depth, action] of rollout.steps.map(actionKey).entries()) {
			passing = passing.filter((other) => other.steps[depth] !== undefined && actionKey(other.steps[depth]) === action);
			if (passing.some((other) => other.outcome === "success")) continue;
			if (rate === 0 || (1 - rate) ** passing.length > CHANCE_LIMIT) return [];
			const text = `All ${passing.length} rollouts that took this step failed; the task's success rate is ${Math.round(rate * 100)} %`;
			return [{ kind: "tree-rule", step: depth, strength: 0.7, text }];
		}
		return [];
	},
};

export const siblingDivergence: EvidenceSource = {
	id: "sibling-divergence",
	title: "Left the path of every successful sibling",
	find(rollout: Rollout, context: EvidenceContext): Evidence[] {
		if (rollout.outcome === "success") return [];
		let solved = context.siblings.filter((other) => other.outcome === "success");
		if (solved.length === 0) return [];
		for (const [depth, step] of rollout.steps.entries()) {
			const before = solved;
			const action = actionKey(step);
			solved = solved.filter((other) => other.steps[depth] !== undefined && actionKey(other.steps[depth]) === action);
			if (solved.length > 0 || step.role !== "agent") {
				if (solved.length === 0) return [];
				continue;
			}
			const text = `Here the path parts from ${before.length === 1 ? "the successful sibling" : `all ${before.length} successful siblings`} that shared it so far`;
			return [{ kind: "sibling-divergence", step: depth, strength: 0.2, text }];
		}
		return [];
	},
};
