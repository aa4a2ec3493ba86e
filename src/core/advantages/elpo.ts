// ELPO (arXiv 2602.09598, equations 6-10): a branch is compared with its siblings, a leaf with all leaves, and both are
// mixed. Node values are means over children, not over leaves; the std divides by n (the paper's figure says so).
import type { Batch } from "./batch.ts";
import { type BranchPlace, branchAt, listSiblings, overTrees, type RewardMoments, type TreePass } from "./branches.ts";
import {
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
import {
	type ChildMeans,
	childMeans,
	leafMeans,
	newChildMeans,
	newLeafSums,
	siblingStd,
	type TreePart,
} from "./treeValues.ts";

const EPSILON = 1e-6;
const LAMBDA: Parameter = {
	name: "lambda",
	default: 0.5,
	meaning: "weight of the branch part: 0 is plain group-based training, 1 branches alone",
};

/** The value of a node (equation 6) is at a fork also the mean of its branches. */
interface BranchValues extends ChildMeans {
	/** [nodes] population std of the values of the branches below. */
	std: Float64Array;
}

function newBranchValues(nodes: number): BranchValues {
	return { ...newChildMeans(nodes), std: new Float64Array(nodes) };
}

function branchValues(part: TreePart, reward: Float64Array, out = newBranchValues(part.nodes)): BranchValues {
	const { value, count, std } = out;
	childMeans(part, reward, out);
	siblingStd(part, value, value, count, std);
	return out;
}

/** A_b of equation 7, inherited along stretches without siblings; 0 above the first fork. */
function branchPass(batch: Batch, most: number): TreePass {
	const { nodeParent } = batch.tree;
	const branch = newBranchValues(most);
	const { value, count, std } = branch;
	return {
		prepare: (part) => branchValues(part, batch.reward, branch),
		fill({ first, end, origin }, { values, reasons }) {
			values[first] = 0;
			reasons[first] = Reason.noSibling;
			for (let node = first + 1; node < end; node++) {
				const above = nodeParent[node] as number;
				const fork = above - origin;
				if ((count[fork] as number) < 2) {
					values[node] = values[above] as number;
					reasons[node] = reasons[above] as number;
					continue;
				}
				const spread = std[fork] as number;
				const centred = (value[node - origin] as number) - (value[fork] as number);
				values[node] = spread === 0 ? 0 * centred : centred / (spread + EPSILON);
				reasons[node] = spread === 0 ? Reason.noSignal : Reason.none;
			}
		},
	};
}

/** What a leaf's centred reward is multiplied with in A_t (equation 8). */
function leafScale({ count, squares }: RewardMoments): number {
	return 1 / (spreadOf(squares, count, "population") + EPSILON);
}

/**
 * Adds A_t of equation 9 to what the values hold, weighted. The mean of A_t over the leaves below a node is A_t of their
 * mean reward.
 * @param held weight of what the values hold; 0 where they hold nothing yet
 */
function trajectoryPass(batch: Batch, most: number, held = 0): TreePass {
	const sums = newLeafSums(most);
	const { sum: means } = sums;
	return {
		prepare: (part) => leafMeans(part, batch.reward, sums),
		fill(nodes, { values, reasons }) {
			const { first, end, origin, mean } = nodes;
			const scale = (1 - held) * leafScale(nodes);
			for (let node = first; node < end; node++) {
				const global = ((means[node - origin] as number) - mean) * scale;
				values[node] = held === 0 ? global : held * (values[node] as number) + global;
				reasons[node] = Reason.none;
			}
			// what every rollout of the group passes through is compared with nothing
			reasons[first] = Reason.noSibling;
		},
	};
}

/** Equation 10. */
function combinedPass(batch: Batch, most: number, lambda: number): TreePass {
	const branch = branchPass(batch, most);
	const trajectory = trajectoryPass(batch, most, lambda);
	return {
		prepare(part) {
			branch.prepare(part);
			trajectory.prepare(part);
		},
		fill(nodes, answer) {
			branch.fill(nodes, answer);
			trajectory.fill(nodes, answer);
		},
	};
}

type Part = "combined" | "branch" | "trajectory";

function passOver(batch: Batch, kind: Part, options: EstimatorOptions, most: number): TreePass {
	if (kind === "branch") return branchPass(batch, most);
	return kind === "trajectory"
		? trajectoryPass(batch, most)
		: combinedPass(batch, most, numberSetting(LAMBDA, options));
}

function explain(batch: Batch, kind: Part, at: At, options: EstimatorOptions): string[] {
	const place = branchAt(batch, at);
	if (place === null) return ["every rollout of the group passes through this step"];
	const { part, node } = place;
	const rewards = momentsOf(batch.reward, part.firstRollout, part.endRollout);
	const mean = leafMeans(part, batch.reward)[node] as number;
	const global = (mean - rewards.mean) * leafScale(rewards);
	const branch = explainBranch(place, branchValues(part, batch.reward));
	const lines: string[] = [];
	if (kind !== "trajectory") lines.push(...branch.lines);
	if (kind !== "branch") lines.push(...explainTrajectory(rewards, global));
	if (kind !== "combined") return lines;
	const lambda = numberSetting(LAMBDA, options);
	const value = signedDigits(lambda * branch.advantage + (1 - lambda) * global);
	return [
		...lines,
		`A = ${lambda} \u00b7 ${term(branch.advantage)} + ${digits(1 - lambda)} \u00b7 ${term(global)} = ${value}`,
	];
}

function explainBranch(
	{ part, node }: BranchPlace,
	{ value, count, std }: BranchValues,
): { advantage: number; lines: string[] } {
	const parentOf = (index: number) => (part.tree.nodeParent[part.firstNode + index] as number) - part.firstNode;
	let own = node;
	while (own > 0 && (count[parentOf(own)] as number) < 2) own = parentOf(own);
	if (own === 0) return { advantage: 0, lines: ["no fork on the way here: branch advantage 0"] };
	const parent = parentOf(own);
	const mean = value[parent] as number;
	const spread = std[parent] as number;
	const lines = own === node ? [] : ["inherited from the last fork above"];
	lines.push(listSiblings({ part, node: own, parent }, value));
	lines.push(`mean ${digits(mean)}, population std ${digits(spread)}`);
	if (spread === 0) return { advantage: 0, lines: [...lines, "all branches are equal: branch advantage 0"] };
	const advantage = ((value[own] as number) - mean) / (spread + EPSILON);
	const difference = `(${digits(value[own] as number)} \u2212 ${term(mean)})`;
	lines.push(`branch: ${difference} / (${digits(spread)} + ${digits(EPSILON)}) = ${signedDigits(advantage)}`);
	return { advantage, lines };
}

function explainTrajectory(rewards: RewardMoments, advantage: number): string[] {
	const std = spreadOf(rewards.squares, rewards.count, "population");
	return [
		`${rewards.count} leaves: mean ${digits(rewards.mean)}, population std ${digits(std)}`,
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
		compute: (batch, options = {}) => overTrees(batch, options, (most) => passOver(batch, part, options, most)),
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
