// Every way of probing.
import { adaptive } from "./adaptive.ts";
import { inclusive, paper } from "./binary.ts";
import { explore } from "./exploreStrategy.ts";
import type { ProbeStrategy } from "./strategy.ts";

export const STRATEGIES: readonly ProbeStrategy[] = [adaptive, inclusive, paper, explore];

export const DEFAULT_STRATEGY = adaptive;

export function strategyById(id: string): ProbeStrategy | null {
	return STRATEGIES.find((strategy) => strategy.id === id) ?? null;
}
