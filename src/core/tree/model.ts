// A group's tree together with what its nodes are called, kept while the group grows.
import { isFailure } from "../firstError/failure.ts";
import type { Rollout, Step } from "../model/trajectory.ts";
import { IntegerColumn } from "./columns.ts";
import { stepLabel, stepName } from "./label.ts";
import { type KeyedRollout, type RolloutTree, TreeBuilder } from "./merge.ts";
import { NodeFlag } from "./nodeFlag.ts";
import type { Normalisation } from "./normalise.ts";
import { type StepKind, stepKind } from "./toolKind.ts";

export class TreeModel {
	readonly normalisation: Normalisation;
	/** The rollouts as last given, by number. */
	readonly rollouts: KeyedRollout[] = [];
	/** Names that steps have (tools, or the role of the speaker), each once, and the kind of step that each is. */
	readonly names: string[] = [];
	readonly kinds: StepKind[] = [];
	private readonly builder: TreeBuilder;
	private readonly numbers = new Map<string, number>();
	private readonly name = new IntegerColumn();
	private readonly flags = new IntegerColumn();
	private readonly labels: string[] = [];

	constructor(normalisation: Normalisation, group: readonly KeyedRollout[]) {
		this.normalisation = normalisation;
		this.builder = new TreeBuilder(normalisation);
		this.describe(null);
		this.builder.addAll(group);
		const tree = this.builder.tree();
		const byKey = new Map(group.map((entry) => [entry.key, entry]));
		for (const placed of tree.rollouts) this.rollouts.push(byKey.get(placed.key) as KeyedRollout);
		this.describeNodes(tree);
	}

	tree(): RolloutTree {
		return this.builder.tree();
	}

	/** By node: index into `names`, -1 for node 0. */
	nameColumn(): Int32Array {
		return this.name.view();
	}

	/** By node: bits of `NodeFlag`. */
	flagColumn(): Int32Array {
		return this.flags.view();
	}

	/** The step of a node in a few words; "" where there is no such node. */
	label(node: number): string {
		return this.labels[node] ?? "";
	}

	/**
	 * Takes the group as it is now. Answers the numbers of the rollouts that are new or have changed; null where rollouts
	 * have gone, which needs a new model.
	 */
	update(group: readonly KeyedRollout[]): number[] | null {
		const keys = new Set(group.map(({ key }) => key));
		if (this.rollouts.some(({ key }) => !keys.has(key))) return null;
		const known = new Map(this.rollouts.map((entry, number) => [entry.key, number]));
		const changed: number[] = [];
		for (const entry of group) {
			const number = known.get(entry.key);
			const before = number === undefined ? undefined : this.rollouts[number]?.rollout;
			if (before === undefined || !looksTheSame(before, entry.rollout)) {
				const placed = this.builder.add(entry);
				this.rollouts[placed] = entry;
				changed.push(placed);
			} else if (number !== undefined) this.rollouts[number] = entry;
		}
		this.describeNodes(this.tree());
		return changed;
	}

	/** Describes the nodes that are new: those that a rollout made are the last of its path, in its own order. */
	private describeNodes(tree: RolloutTree): void {
		for (let node = this.labels.length; node < tree.parent.length; node++) {
			const origin = tree.origin[node] as number;
			const placed = tree.rollouts[origin];
			const step = (tree.depth[node] as number) - (placed?.offset ?? 0);
			this.describe(this.rollouts[origin]?.rollout.steps[step] ?? null);
		}
	}

	private describe(step: Step | null): void {
		this.labels.push(step === null ? "" : stepLabel(step));
		this.name.push(step === null ? -1 : this.nameOf(step));
		const error = step?.observations.some(isFailure) === true ? NodeFlag.error : 0;
		this.flags.push(error | (step?.copied === true ? NodeFlag.copied : 0));
	}

	private nameOf(step: Step): number {
		const name = stepName(step);
		const known = this.numbers.get(name);
		if (known !== undefined) return known;
		this.numbers.set(name, this.names.length);
		this.kinds.push(stepKind(step));
		return this.names.push(name) - 1;
	}
}

/**
 * Whether a rollout that was read again is still what it was. Logs grow at their end, so its length in bytes and its
 * last step tell; comparing every text of a large group at each appended line would take longer than building the tree.
 */
function looksTheSame(before: Rollout, now: Rollout): boolean {
	if (before === now) return true;
	const last = before.steps.at(-1);
	const lastNow = now.steps.at(-1);
	return (
		before.steps.length === now.steps.length &&
		before.outcome === now.outcome &&
		before.reward === now.reward &&
		before.place.end - before.place.start === now.place.end - now.place.start &&
		last?.text === lastNow?.text &&
		last?.observations.length === lastNow?.observations.length
	);
}
