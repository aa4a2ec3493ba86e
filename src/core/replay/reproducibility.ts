// How much of a rollout is reproducible: the verdicts of its replayed calls, counted.
import { plural } from "../text/format.ts";
import type { ReplayedCall } from "./execute.ts";

export interface Reproducibility {
	calls: number;
	equal: number;
	equivalent: number;
	different: number;
	/** Calls that fail now and did not then, and calls that got no answer. */
	errors: number;
	notRecorded: number;
	/** Left out: not agreed to, or no backend has the tool. */
	skipped: number;
	/** Equal and equivalent of those that could be compared, 0 to 1; null where none could. */
	reproducible: number | null;
	/** 0-based step of the first call that came out otherwise; null where none did. */
	firstDifference: number | null;
}

/** Counts the calls of the range; those that only led to it are left out. */
export function reproducibilityOf(calls: readonly ReplayedCall[]): Reproducibility {
	const own = calls.filter(({ prefix }) => !prefix);
	const verdict = (name: string) => own.filter(({ comparison }) => comparison?.verdict === name).length;
	const failed = own.filter(({ outcome }) => outcome === "failed").length;
	const [equal, equivalent, different] = [verdict("equal"), verdict("equivalent"), verdict("different")];
	const errors = verdict("error") + failed;
	const compared = equal + equivalent + different + errors;
	const first = calls.find(
		({ outcome, comparison }) =>
			outcome === "failed" || comparison?.verdict === "different" || comparison?.verdict === "error",
	);
	return {
		calls: own.length,
		equal,
		equivalent,
		different,
		errors,
		notRecorded: verdict("not recorded"),
		skipped: own.filter(({ outcome }) => outcome === "skipped").length,
		reproducible: compared === 0 ? null : (equal + equivalent) / compared,
		firstDifference: first?.step ?? null,
	};
}

/** One sentence for people. */
export function describeReproducibility(report: Reproducibility): string {
	const parts = [
		report.equivalent > 0 ? `${report.equivalent} equal after normalisation` : "",
		report.different > 0 ? `${report.different} different` : "",
		report.errors > 0 ? `${plural(report.errors, "error")}` : "",
		report.notRecorded > 0 ? `${report.notRecorded} without a recorded result` : "",
		report.skipped > 0 ? `${report.skipped} left out` : "",
	].filter((part) => part !== "");
	const share =
		report.reproducible === null
			? "nothing could be compared"
			: `${Math.floor(report.reproducible * 100)} % reproducible`;
	return `${share}: ${report.equal} of ${plural(report.calls, "call")} equal${parts.length === 0 ? "" : `, ${parts.join(", ")}`}`;
}
