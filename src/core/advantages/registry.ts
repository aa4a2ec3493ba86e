// Every advantage estimator. Settings, command line, editor and documentation take their lists from here.
import { arpoHard, arpoSoft } from "./arpo.ts";
import { at2po } from "./at2po.ts";
import { batchNormalised, litePpo, litePpoPopulation } from "./batchStd.ts";
import { complementary } from "./complementary.ts";
import { dapo } from "./dapo.ts";
import { drGrpo } from "./drGrpo.ts";
import { elpo, elpoBranch, elpoTrajectory } from "./elpo.ts";
import type { Estimator } from "./estimator.ts";
import { gae, ppo } from "./gae.ts";
import { gigpo } from "./gigpo.ts";
import { gpg } from "./gpg.ts";
import { grpo, grpoPopulation } from "./grpo.ts";
import { grpoPassK } from "./grpoPassK.ts";
import { implicitReward } from "./implicitReward.ts";
import { logged } from "./logged.ts";
import { monteCarlo, relativeProgress } from "./monteCarlo.ts";
import { opo } from "./opo.ts";
import { processGrpo, processGrpoPopulation } from "./processGrpo.ts";
import { reinforcePlusPlus, reinforcePlusPlusBaseline } from "./reinforcePlusPlus.ts";
import { remax } from "./remax.ts";
import { rloo } from "./rloo.ts";
import { siblingGrpo } from "./siblingGrpo.ts";
import { treeGrpo } from "./treeGrpo.ts";
import { treeRl } from "./treeRl.ts";

export const ESTIMATORS: readonly Estimator[] = [
	grpo,
	grpoPopulation,
	drGrpo,
	rloo,
	dapo,
	litePpo,
	litePpoPopulation,
	batchNormalised,
	reinforcePlusPlus,
	reinforcePlusPlusBaseline,
	remax,
	opo,
	gpg,
	grpoPassK,
	complementary,
	gae,
	ppo,
	processGrpo,
	processGrpoPopulation,
	gigpo,
	elpo,
	elpoBranch,
	elpoTrajectory,
	siblingGrpo,
	treeGrpo,
	treeRl,
	arpoHard,
	arpoSoft,
	at2po,
	monteCarlo,
	relativeProgress,
	implicitReward,
	logged,
];

export function estimatorById(id: string): Estimator | null {
	return ESTIMATORS.find((estimator) => estimator.id === id) ?? null;
}
