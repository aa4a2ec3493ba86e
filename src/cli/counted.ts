// Which rollouts a command counts: `--valid-only` leaves out by the validity rules, `--exclude FILTER` by the user's own.
import type { Attempt } from "../core/metrics/metric.ts";
import { isExcludedBy, validityOf } from "../core/metrics/validity.ts";
import type { Query } from "../core/query/compile.ts";
import { readWhere } from "./where.ts";

export interface CountedFlags {
	validOnly?: boolean;
	exclude?: string;
}

export const VALID_ONLY_OPTION = [
	"--valid-only",
	"leave out rollouts that failed for outside reasons or were cut off",
] as const;
export const EXCLUDE_OPTION = [
	"--exclude <filter>",
	"leave out the rollouts that a filter accepts, as in: ending ~ /503/",
] as const;

/** Whether a rollout counts; null, after saying what is wrong, for a broken filter. */
export function countedBy(flags: CountedFlags): ((attempt: Attempt) => boolean) | null {
	const own = flags.exclude === undefined ? null : readWhere(flags.exclude, "--exclude");
	if (flags.exclude !== undefined && own === null) return null;
	return (attempt) => counts(attempt, flags.validOnly === true, own);
}

function counts(attempt: Attempt, validOnly: boolean, own: Query | null): boolean {
	if (isExcludedBy(own, attempt)) return false;
	return !validOnly || validityOf(attempt).kind === "valid";
}
