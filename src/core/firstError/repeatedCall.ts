// The same call again with the same answer: the step brought no new information.
import { callKey } from "../model/action.ts";
import type { Rollout } from "../model/trajectory.ts";
import { oneLine } from "../text/line.ts";
import type { Evidence, EvidenceSource } from "./evidence.ts";

export const repeatedCall: EvidenceSource = {
	id: "repeated-call",
	title: "Same call repeated without new information",
	find(rollout: Rollout): Evidence[] {
		const first = new Map<string, number>();
		const found: Evidence[] = [];
		for (const step of rollout.steps) {
			for (const [index, call] of step.calls.entries()) {
				const answer =
					step.observations.find((entry) => entry.callId !== null && entry.callId === call.id) ??
					step.observations[index];
				if (answer === undefined) continue;
				const key = `${callKey(call)}\n${answer.text}`;
				const before = first.get(key);
				if (before === undefined) first.set(key, step.step);
				else if (before !== step.step) {
					const text = `${oneLine(call.name, 60)} was called as in step #${before} and answered the same`;
					found.push({ kind: "repeated-call", step: step.step, strength: 0.4, text });
					break;
				}
			}
		}
		return found;
	},
};
