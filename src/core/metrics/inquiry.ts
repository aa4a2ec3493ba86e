// Asking the user at the right moments (InquireBench, arXiv 2508.19679, eval.py): status success, inquiry success, the
// judge's reward, and, beside the paper, how much more was asked than needed.
import type { Rollout } from "../model/trajectory.ts";
import { loggedNumber } from "./logged.ts";
import { averaged, type Measured, type Metric } from "./metric.ts";

/** Tools by which agents turn to the user. */
const ASKING = /^(call_user|ask_user|ask_human|ask|inquire|request_confirmation|clarify)$/i;

/** Questions / necessary questions; the number itself where none was necessary. */
export function overAsking(questions: number, necessary: number): number {
	return necessary > 0 ? questions / necessary : questions;
}

export function questionsOf(rollout: Rollout): number {
	let questions = 0;
	for (const step of rollout.steps) {
		if (step.role === "agent") questions += step.calls.filter((call) => ASKING.test(call.name)).length;
	}
	return questions;
}

function judged(rollout: Rollout, divisor: number, ...names: string[]): Measured {
	const value = loggedNumber(rollout, ...names);
	return value === null ? { reason: `not logged: ${names[0]}` } : { value: value / divisor };
}

export const inquiry: Metric = {
	id: "inquiry",
	title: "Inquiry success and over-asking",
	formulas: [
		"SR = share with status success, ISR = share with inquiry success",
		"reward = judge's 0-4 / 4",
		"over-asking = questions / necessary questions",
	],
	source: { title: "InquireMobile", reference: "arXiv 2508.19679", where: "eval.py" },
	grade: "A",
	choice:
		"over-asking is not in the paper; questions are calls of call_user, ask_user and the like; without a necessary one it is their number",
	needs: "status_success, inquiry_success, judge_reward; necessary_questions for over-asking",
	better: "higher",
	parameters: [],
	compute: (run) => [
		...averaged(run, "SR", ({ rollout }) => judged(rollout, 1, "status_success", "status")),
		...averaged(run, "ISR", ({ rollout }) => judged(rollout, 1, "inquiry_success", "inquiry")),
		...averaged(run, "reward", ({ rollout }) => judged(rollout, 4, "judge_reward", "inquire_reward")),
		...averaged(run, "over-asking", ({ rollout }) => {
			const necessary = loggedNumber(rollout, "necessary_questions");
			if (necessary === null) return { reason: "not logged: necessary_questions" };
			const questions = questionsOf(rollout);
			return { value: overAsking(questions, necessary), detail: [`${questions} questions, ${necessary} necessary`] };
		}),
	],
};
