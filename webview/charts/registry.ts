// Every picture beside the tree. The list of views, their tables and their exports come from here.
import type { PageModel } from "../pageModel.ts";
import type { Chart } from "./chart.ts";
import { clusters } from "./clusters.ts";
import { curve } from "./curve.ts";
import { firstError } from "./firstError.ts";
import { history } from "./history.ts";
import { lanes } from "./lanes.ts";
import { matrix } from "./matrix.ts";
import { rewards } from "./rewards.ts";
import { transitions } from "./transitions.ts";

export const CHARTS: readonly ((model: PageModel) => Chart)[] = [
	firstError,
	matrix,
	lanes,
	curve,
	rewards,
	transitions,
	clusters,
	history,
];
