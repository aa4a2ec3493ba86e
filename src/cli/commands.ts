// Every command of the terminal program; each file beside this one registers one.
import type { Command } from "commander";
import { registerAdvantages } from "./advantages.ts";
import { registerAttribution } from "./attribution.ts";
import { registerCompareRuns } from "./compareRuns.ts";
import { registerConventions } from "./conventions.ts";
import { registerEvaluate } from "./evaluate.ts";
import { registerExport } from "./export.ts";
import { registerFind } from "./find.ts";
import { registerFirstError } from "./firstError.ts";
import { registerJudge } from "./judge.ts";
import { registerLabels } from "./labels.ts";
import { registerList } from "./list.ts";
import { registerMetrics } from "./metrics.ts";
import { registerOffPolicy } from "./offPolicy.ts";
import { registerProbe } from "./probe.ts";
import { registerReplay } from "./replay.ts";
import { registerRerun } from "./rerun.ts";
import { registerScore } from "./score.ts";
import { registerShow } from "./show.ts";
import { registerTraining } from "./training.ts";
import { registerTree } from "./tree.ts";
import { registerVerify } from "./verify.ts";

export const COMMANDS: readonly ((program: Command) => void)[] = [
	registerAdvantages,
	registerAttribution,
	registerCompareRuns,
	registerConventions,
	registerEvaluate,
	registerExport,
	registerFind,
	registerFirstError,
	registerJudge,
	registerLabels,
	registerList,
	registerMetrics,
	registerOffPolicy,
	registerProbe,
	registerReplay,
	registerRerun,
	registerScore,
	registerShow,
	registerTraining,
	registerTree,
	registerVerify,
];
