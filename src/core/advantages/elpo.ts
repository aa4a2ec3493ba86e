// ELPO (arXiv 2602.09598, equations 6-10): a branch is compared with its siblings, a leaf with all leaves, and both are
// mixed. Node values are means over children, not over leaves; the std divides by n (the paper's figure says so).
import type { Batch } from "./batch.ts";
import { branchAdvantages, listSiblings, nodeAt } from "./branches.ts";
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
import { Reason } from "./reasons.ts";
import { momentsOf, relativeToGroup, spreadOf } from "./relative.ts";
import { childMeans, leafMeans, type SiblingMoments, siblingMoments } from "./treeValues.ts";

const EPSILON = 1e-6;
const LAMBDA: Parameter = {
	name: "lambda",
	default: 0.5,
	meaning: "weight of the branch part: 0 is plain group-based training, 1 branches alone",
};

interface Parts {
	/** [nodes] r(s) of equation 6. */
	value: Float64Array;
	siblings: SiblingMoments;
	/** [nodes] A_b of equation 7, inherited along stretches without siblings; 0 above the first fork. */
	branch: Float64Array;
	/** [nodes] why A_b says nothing: `noSibling` above the first fork, `noSignal` where the siblings were all equal. */
	branchReason: Uint8Array;
	/** [nodes] A_t of equation 9. */
	trajectory: Float64Array;
}

function partsOf(batch: Batch): Parts {
	const { tree } = batch;
	const value = childMeans(tree, batch.reward);
	const siblings = siblingMoments(tree, value);
	const branch = new Float64Array(value.length);
	const branchReason = new Uint8Array(value.length);
	for (let node = 0; node < value.length; node++) {
		const parent = tree.nodeParent[node] as number;
		if (parent < 0) branchReason[node] = Reason.noSibling;
		else if ((siblings.count[parent] as number) < 2) {
			branch[node] = branch[parent] as number;
			branchReason[node] = branchReason[parent] as number;
		} else {
			const std = siblings.std[parent] as number;
			branchReason[node] = std === 0 ? Reason.noSignal : Reason.none;
			branch[node] = ((value[node] as number) - (siblings.mean[parent] as number)) / (std + EPSILON);
		}
	}
	const leaves = relativeToGroup(batch, batch.reward, { spread: "population", epsilon: EPSILON, baseline: "all" }, {});
	return { value, siblings, branch, branchReason, trajectory: leafMeans(tree, leaves.values) };
}

type Part = "combined" | "branch" | "trajectory";

function computeWith(part: Part) {
	return (batch: Batch, options: EstimatorOptions = {}): Advantages => {
		const { branch, branchReason, trajectory } = partsOf(batch);
		const weight = weightOf(part, options);
		return branchAdvantages(batch, options, (node, out) => {
			out.value = weight * (branch[node] as number) + (1 - weight) * (trajectory[node] as number);
			if (part === "branch") out.reason = branchReason[node] as Reason;
			// what every rollout of the group passes through is compared with nothing
			else if ((batch.tree.nodeParent[node] as number) < 0) out.reason = Reason.noSibling;
		});
	};
}

/** Weight of the branch part. */
function weightOf(part: Part, options: EstimatorOptions): number {
	if (part === "combined") return numberSetting(LAMBDA, options);
	return part === "branch" ? 1 : 0;
}

function explainWith(part: Part) {
	return (batch: Batch, at: At, options: EstimatorOptions = {}): string[] => {
		const node = nodeAt(batch, at);
		const { tree } = batch;
		if (node < 0 || (tree.nodeParent[node] as number) < 0)
			return ["every rollout of the group passes through this step"];
		const parts = partsOf(batch);
		const lines: string[] = [];
		if (part !== "trajectory") lines.push(...explainBranch(batch, node, parts));
		if (part !== "branch") lines.push(...explainTrajectory(batch, node, parts));
		if (part !== "combined") return lines;
		const lambda = weightOf(part, options);
		const branch = parts.branch[node] as number;
		const global = parts.trajectory[node] as number;
		const value = lambda * branch + (1 - lambda) * global;
		return [
			...lines,
			`A = ${lambda} \u00b7 ${term(branch)} + ${digits(1 - lambda)} \u00b7 ${term(global)} = ${signedDigits(value)}`,
		];
	};
}

function explainBranch(batch: Batch, node: number, { value, siblings, branch }: Parts): string[] {
	const { tree } = batch;
	let own = node;
	while (own >= 0 && (siblings.count[tree.nodeParent[own] as number] ?? 0) < 2) own = tree.nodeParent[own] as number;
	if (own < 0) return ["no fork on the way here: branch advantage 0"];
	const parent = tree.nodeParent[own] as number;
	const mean = siblings.mean[parent] as number;
	const std = siblings.std[parent] as number;
	const inherited = own === node ? [] : ["inherited from the last fork above"];
	return [
		...inherited,
		listSiblings(batch, own, value),
		`mean ${digits(mean)}, population std ${digits(std)}`,
		`branch: (${digits(value[own] as number)} \u2212 ${term(mean)}) / (${digits(std)} + ${EPSILON}) = ${signedDigits(branch[own] as number)}`,
	];
}

function explainTrajectory(batch: Batch, node: number, { trajectory }: Parts): string[] {
	const group = batch.tree.nodeGroup[node] as number;
	const moments = momentsOf(batch.reward, batch.groupStart[group] as number, batch.groupStart[group + 1] as number);
	const std = spreadOf(moments.squares, moments.count, "population");
	return [
		`${moments.count} leaves: mean ${digits(moments.mean)}, population std ${digits(std)}`,
		`trajectory: mean of (R \u2212 mean) / std over the leaves through here = ${signedDigits(trajectory[node] as number)}`,
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
		compute: computeWith(part),
		explain: explainWith(part),
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
	`A = (value \u2212 mean) / (std + ${EPSILON}) over the branches of a fork; value = mean over children`,
	"equations 6-7",
);
export const elpoTrajectory = elpoWith(
	"trajectory",
	"elpo-trajectory",
	"ELPO, trajectory part",
	`A = mean over the leaves through here of (R \u2212 mean) / (std + ${EPSILON}) over all leaves`,
	"equations 8-9",
);
