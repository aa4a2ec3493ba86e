// What a rerun may cost at most, all its continuations together.
import { plain } from "../text/format.ts";

export interface Prices {
	/** US dollars a million tokens. */
	prompt: number;
	completion: number;
}

export interface BudgetLimits {
	/** Tokens sent and received; null is no limit. */
	tokens: number | null;
	/** US dollars, by `prices`; null is no limit. */
	dollars: number | null;
	prices: Prices;
}

export const NO_LIMITS: BudgetLimits = { tokens: null, dollars: null, prices: { prompt: 0, completion: 0 } };

/** Counts what is spent. One budget is shared by everything that it is meant for. */
export class Budget {
	readonly limits: BudgetLimits;
	tokens = 0;
	dollars = 0;

	constructor(limits: BudgetLimits = NO_LIMITS) {
		this.limits = limits;
	}

	spend({ prompt, completion }: { prompt: number; completion: number }): string | null {
		const { prices } = this.limits;
		this.tokens += prompt + completion;
		this.dollars += (prompt * prices.prompt + completion * prices.completion) / 1e6;
		return this.exceeded();
	}

	/** Why nothing more may be spent; null while it may. */
	exceeded(): string | null {
		const { tokens, dollars: most } = this.limits;
		if (tokens !== null && this.tokens >= tokens) return `the budget of ${tokens} tokens is spent`;
		if (most !== null && this.dollars >= most) return `the budget of ${plain(most, 2)} dollars is spent`;
		return null;
	}
}
