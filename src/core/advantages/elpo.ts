// ELPO (arXiv 2602.09598, equations 6-10): a branch is compared with its siblings, a leaf with all leaves, and both are
// mixed. Node values are means over children, not over leaves; the std divides by n (the paper's figure says so).
import { type Batch, groupCount } from "./batch.ts";
import { finishBranches, listSiblings, newBranchAdvantages, nodeAt } from "./branches.ts";
import {
	type Advantages,
	type At,
	type Estimator,
	type EstimatorOptions,
	LEFT_OUT,
	NO_BASELINE,
	numberSetting,
	type Parameter,
} from "./estimator.ts";
import { digits, signedDigits, term } from "./explain.ts";
import { momentsOf, spreadOf } from "./moments.ts";
import { Reason } from "./reasons.ts";
import { type GroupForm, relativeToGroup } from "./relative.ts";
import { childMeans, leafMeans, siblingStd } from "./treeValues.ts";

const EPSILON = 1e-6;
const LAMBDA: Parameter = {
	name: "lambda",
	default: 0.5,
	meaning: "weight of the branch part: 0 is plain group-based training, 1 branches alone",
};

interface BranchPart {
	/** [nodes] r(s) of equation 6: at a fork it is also the mean of its branches. */
	value: Float64Array;
	/** [nodes] branches with a value, and the population std of their values. */
	count: Int32Array;
	std: Float64Array;
	/** [nodes] A_b of equation 7, inherited along stretches without siblings; 0 above the first fork. */
	advantage: Float64Array;
	/** [nodes] why A_b says nothing: `noSibling` above the first fork, `noSignal` where the siblings were all equal. */
	reason: Uint8Array;
}

function branchPart(batch: Batch): BranchPart {
	const { nodeParent } = batch.tree;
	const { value, count } = childMeans(batch.tree, batch.reward);
	const std = siblingStd(batch.tree, value, value, count);
	const advantage = new Float64Array(value.length);
	const reason = new Uint8Array(value.length);
	/** 1 / (std + epsilon) of each fork: one division a fork, not one a branch. */
	const scale = new Float64Array(value.length);
	for (let node = 0; node < value.length; node++) {
		if ((std[node] as number) > 0) scale[node] = 1 / ((std[node] as number) + EPSILON);
		const parent = nodeParent[node] as number;
		if (parent < 0) reason[node] = Reason.noSibling;
		else if ((count[parent] as number) < 2) {
			advantage[node] = advantage[parent] as number;
			reason[node] = reason[parent] as number;
		} else {
			if (scale[parent] === 0) reason[node] = Reason.noSignal;
			advantage[node] = ((value[node] as number) - (value[parent] as number)) * (scale[parent] as number);
		}
	}
	return { value, count, std, advantage, reason };
}

/** [nodes] A_t of equation 9. */
function trajectoryPart(batch: Batch): Float64Array {
	const form: GroupForm = { spread: "population", epsilon: EPSILON, baseline: "all" };
	return leafMeans(batch.tree, relativeToGroup(batch, batch.reward, form, {}).values);
}

type Part = "combined" | "branch" | "trajectory";

function compute(batch: Batch, part: Part, options: EstimatorOptions): Advantages {
	const answer = newBranchAdvantages(batch, options);
	const { values, reasons } = answer;
	if (part === "branch") {
		const branch = branchPart(batch);
		values.set(branch.advantage);
		reasons.set(branch.reason);
	} else values.set(trajectoryPart(batch));
	if (part === "combined") {
		const lambda = numberSetting(LAMBDA, options);
		const { advantage } = branchPart(batch);
		for (let node = 0; node < values.length; node++) {
			values[node] = lambda * (advantage[node] as number) + (1 - lambda) * (values[node] as number);
		}
	}
	// what every rollout of the group passes through is compared with nothing
	for (let group = 0; group < groupCount(batch); group++) {
		reasons[batch.tree.nodeStart[group] as number] = Reason.noSibling;
	}
	return finishBranches(batch, answer, options);
}

function explain(batch: Batch, part: Part, at: At, options: EstimatorOptions): string[] {
	const node = nodeAt(batch, at);
	if (node < 0 || (batch.tree.nodeParent[node] as number) < 0) {
		return ["every rollout of the group passes through this step"];
	}
	const branch = branchPart(batch);
	const global = trajectoryPart(batch)[node] as number;
	const lines: string[] = [];
	if (part !== "trajectory") lines.push(...explainBranch(batch, node, branch));
	if (part !== "branch") lines.push(...explainTrajectory(batch, node, global));
	if (part !== "combined") return lines;
	const lambda = numberSetting(LAMBDA, options);
	const local = branch.advantage[node] as number;
	const value = signedDigits(lambda * local + (1 - lambda) * global);
	return [...lines, `A = ${lambda} \u00b7 ${term(local)} + ${digits(1 - lambda)} \u00b7 ${term(global)} = ${value}`];
}

function explainBranch(batch: Batch, node: number, { value, count, std, advantage, reason }: BranchPart): string[] {
	if (reason[node] === Reason.noSibling) return ["no fork on the way here: branch advantage 0"];
	const { nodeParent } = batch.tree;
	let own = node;
	while ((count[nodeParent[own] as number] as number) < 2) own = nodeParent[own] as number;
	const parent = nodeParent[own] as number;
	const mean = value[parent] as number;
	const spread = std[parent] as number;
	const lines = own === node ? [] : ["inherited from the last fork above"];
	lines.push(listSiblings(batch, own, value), `mean ${digits(mean)}, population std ${digits(spread)}`);
	if (spread === 0) return [...lines, "all branches are equal: branch advantage 0"];
	const difference = `(${digits(value[own] as number)} \u2212 ${term(mean)})`;
	return [
		...lines,
		`branch: ${difference} / (${digits(spread)} + ${digits(EPSILON)}) = ${signedDigits(advantage[own] as number)}`,
	];
}

function explainTrajectory(batch: Batch, node: number, advantage: number): string[] {
	const group = batch.tree.nodeGroup[node] as number;
	const moments = momentsOf(batch.reward, batch.groupStart[group] as number, batch.groupStart[group + 1] as number);
	const std = spreadOf(moments.squares, moments.count, "population");
	return [
		`${moments.count} leaves: mean ${digits(moments.mean)}, population std ${digits(std)}`,
		`trajectory: mean of (R \u2212 mean) / (std + ${digits(EPSILON)}) over the leaves through here = ${signedDigits(advantage)}`,
	];
}

function elpoWith(part: Part, id: string, title: string, formula: string, where: string): Estimator {
	return {
		id,
		title,
		level: "branch",
		scope: "group",
		needs: ["reward", "branches"],
		std: "population",
		epsilon: EPSILON,
		formula,
		source: { title: "Error-Localized Policy Optimization", reference: "arXiv 2602.09598", where },
		grade: "A",
		choice:
			"stretches without siblings inherit the branch part of the last fork above (from the figure's values, D); before the first fork it is 0",
		oneMember: NO_BASELINE,
		zeroVariance:
			part === "branch"
				? "empty: no signal at a fork whose branches are equal"
				: "equal branches count 0 in the branch part; empty where all leaves are equal",
		missingReward: LEFT_OUT,
		parameters: part === "combined" ? [LAMBDA] : [],
		compute: (batch, options = {}) => compute(batch, part, options),
		explain: (batch, at, options = {}) => explain(batch, part, at, options),
	};
}

export const elpo = elpoWith(
	"combined",
	"elpo",
	"ELPO",
	"A = \u03bb A_branch + (1 \u2212 \u03bb) A_trajectory",
	"equations 6-10",
);
export const elpoBranch = elpoWith(
	"branch",
	"elpo-branch",
	"ELPO, branch part",
	`A = (value \u2212 mean) / (std + ${digits(EPSILON)}) over the branches of a fork; value = mean over children`,
	"equations 6-7",
);
export const elpoTrajectory = elpoWith(
	"trajectory",
	"elpo-trajectory",
	"ELPO, trajectory part",
	`A = mean over the leaves through here of (R \u2212 mean) / (std + ${digits(EPSILON)}) over all leaves`,
	"equations 8-9",
);
