// All kinds of reports, in the order in which they are offered.
import { advantagesReport } from "./advantages.ts";
import { attributionReport } from "./attribution.ts";
import { conventionsReport } from "./conventions.ts";
import { metricsReport } from "./metrics.ts";
import { offPolicyReport } from "./offPolicy.ts";
import { runComparisonReport } from "./runComparison.ts";
import type { ReportKind } from "./subject.ts";
import { trainingReport } from "./training.ts";

export const REPORTS: readonly ReportKind[] = [
	advantagesReport,
	attributionReport,
	conventionsReport,
	metricsReport,
	offPolicyReport,
	runComparisonReport,
	trainingReport,
];

export function reportById(id: string): ReportKind | null {
	return REPORTS.find((kind) => kind.id === id) ?? null;
}
