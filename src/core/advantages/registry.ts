// Every advantage estimator. Settings, command line, editor and documentation take their lists from here.
import type { Estimator } from "./estimator.ts";
import { grpo, grpoPopulation } from "./grpo.ts";

export const ESTIMATORS: readonly Estimator[] = [grpo, grpoPopulation];

export function estimatorById(id: string): Estimator | null {
	return ESTIMATORS.find((estimator) => estimator.id === id) ?? null;
}
