// The numbers beside the heading of a step, in the order that the user chose: `A +0.42 ▮▯▯▯▯ | V 0.61 | r 0`.
import { uncertaintyOf } from "../advantages/offPolicy.ts";
import type { Step } from "../model/trajectory.ts";
import { plain, signed } from "../text/format.ts";

export const INLINE_FACTS = ["advantage", "bar", "score", "value", "reward", "entropy", "surprisal"] as const;
export type InlineFact = (typeof INLINE_FACTS)[number];

/** What is shown unless the user says otherwise. */
export const USUAL_FACTS: readonly InlineFact[] = ["advantage", "bar", "score", "value", "reward"];

/** Magnitude at which the bar is full: GRPO advantages of one success among eight stay below 3. */
const FULL_BAR = 2;
const BAR_CELLS = 5;

export interface InlineNumbers {
	advantage: number | null;
	/** Why there is no advantage; null where that needs not be said at every step. */
	reason: string | null;
	/** The score of a reward model as it is written; empty where there is none. */
	score: string;
}

/** Entries that are not known are passed over; nothing usable is the usual order. */
export function inlineFacts(setting: unknown): readonly InlineFact[] {
	if (!Array.isArray(setting)) return USUAL_FACTS;
	return setting.flatMap((entry) => INLINE_FACTS.find((fact) => fact === entry) ?? []);
}

export function inlineText(step: Step, numbers: InlineNumbers, facts: readonly InlineFact[]): string {
	const texts: string[] = [];
	for (const fact of facts) {
		const said = factText(fact, step, numbers);
		// the bar belongs to the advantage that it draws
		if (fact === "bar" && texts.at(-1)?.startsWith("A ") && said !== "") texts.push(`${texts.pop()} ${said}`);
		else if (said !== "") texts.push(said);
	}
	return texts.join(" | ");
}

function factText(fact: InlineFact, step: Step, { advantage, reason, score }: InlineNumbers): string {
	if (fact === "bar") return advantage === null ? "" : bar(advantage);
	if (fact === "score") return score;
	if (fact === "value") return named("V", step.value);
	if (fact === "reward") return named("r", step.reward);
	if (fact === "entropy") return named("H", uncertaintyOf(step).entropy);
	if (fact === "surprisal") return named("S", uncertaintyOf(step).surprisal);
	if (advantage !== null) return `A ${signed(advantage)}`;
	return reason === null ? "" : `A – ${reason}`;
}

function named(name: string, value: number | null): string {
	return value === null ? "" : `${name} ${plain(value, 2)}`;
}

function bar(value: number): string {
	const share = Math.round((Math.abs(value) / FULL_BAR) * BAR_CELLS);
	const cells = Math.max(value === 0 ? 0 : 1, Math.min(BAR_CELLS, share));
	return "▮".repeat(cells) + "▯".repeat(BAR_CELLS - cells);
}
