// Every metric. Settings, command line, editor and documentation take their lists from here.
import { agenticRoiMetric } from "./agenticRoi.ts";
import { coverage } from "./coverage.ts";
import { diversity } from "./diversity.ts";
import { evidence } from "./evidence.ts";
import { gatedRewardMetric } from "./gatedReward.ts";
import { hazard } from "./hazard.ts";
import { inquiry } from "./inquiry.ts";
import { lossShare } from "./lossShare.ts";
import type { Metric } from "./metric.ts";
import { milestones } from "./milestones.ts";
import { multiGrainedMetric } from "./multiGrained.ts";
import { passAtKMetric } from "./passAtK.ts";
import { pathRewardMetric } from "./pathReward.ts";
import { positionQuantiles } from "./positionQuantiles.ts";
import { reflection } from "./reflection.ts";
import { rewardComponents } from "./rewardComponents.ts";
import { rubrics } from "./rubrics.ts";
import { successRate } from "./successRate.ts";
import { toolEfficiency } from "./toolEfficiency.ts";
import { transitions } from "./transitions.ts";
import { urlValidity } from "./urlValidity.ts";
import { validity } from "./validity.ts";
import { zeroAdvantage } from "./zeroAdvantage.ts";

export const METRICS: readonly Metric[] = [
	successRate,
	passAtKMetric,
	validity,
	hazard,
	zeroAdvantage,
	rewardComponents,
	lossShare,
	coverage,
	milestones,
	inquiry,
	pathRewardMetric,
	reflection,
	evidence,
	toolEfficiency,
	urlValidity,
	gatedRewardMetric,
	multiGrainedMetric,
	rubrics,
	agenticRoiMetric,
	positionQuantiles,
	transitions,
	diversity,
];

export function metricById(id: string): Metric | null {
	return METRICS.find((metric) => metric.id === id) ?? null;
}
