// What is marked in the tree: first errors, and how far the rollouts follow the reference path.
import { type Group, nodeOfStep } from "./group.ts";
import type { Connection } from "./pageModel.ts";
import type { Mark } from "./tree/scene.ts";

export interface FirstError {
	step: number;
	confirmed: boolean;
	text: string;
}

export class Markings {
	/** By node. */
	marks: ReadonlyMap<number, Mark> = new Map();
	/** First error of each rollout that has one, by number. */
	firstErrors: ReadonlyMap<number, FirstError> = new Map();
	/** The ways of the reference path; empty without one. */
	ways: string[][] = [];
	/** By rollout: titles of the reference steps that it does not take. */
	missed: ReadonlyMap<number, string[]> = new Map();
	/** By rollout: the share of the reference path that it takes, 0 to 1. */
	coverage: ReadonlyMap<number, number> = new Map();
	/** Nodes with which some rollout takes a step of the reference path, and its title. */
	private covered: ReadonlyMap<number, string> = new Map();
	private readonly connection: Connection;

	constructor(connection: Connection) {
		this.connection = connection;
	}

	forget(): void {
		this.marks = new Map();
		this.firstErrors = new Map();
		this.ways = [];
		this.missed = new Map();
		this.coverage = new Map();
		this.covered = new Map();
	}

	/** Asks for everything that is marked; `stillWanted` tells whether the answers are still about the group that is shown. */
	async read(group: Group, stillWanted: () => boolean): Promise<void> {
		const { generation } = group.about;
		const [errors, reference] = await Promise.all([
			this.connection.ask("marks", { generation }),
			this.connection.ask("reference", { generation }),
		]);
		if (!stillWanted()) return;
		if (errors.ok) this.takeErrors(group, errors.value);
		if (reference.ok) this.takeReference(group, reference.value);
	}

	/**
	 * Places the marks: the reference path, first errors where every attempt failed, and the selected rollout's own. What
	 * other attempts survived is no dead end.
	 */
	place(group: Group, selected: number | null): void {
		const marks = new Map<number, Mark>();
		for (const [node, title] of this.covered) marks.set(node, { kind: "covered", text: title });
		for (const [rollout, { step, confirmed, text }] of this.firstErrors) {
			const node = nodeOfStep(group, rollout, step);
			const survived = (group.statistics.successes[node] as number) > 0;
			if (survived && rollout !== selected) continue;
			if (marks.get(node)?.kind !== "confirmed") marks.set(node, { kind: confirmed ? "confirmed" : "error", text });
		}
		this.marks = marks;
	}

	private takeErrors(
		group: Group,
		told: { rollouts: Int32Array; steps: Int32Array; confirmed: Uint8Array; texts: string[] },
	): void {
		const firstErrors = new Map<number, FirstError>();
		told.rollouts.forEach((rollout, index) => {
			const step = told.steps[index] as number;
			if (nodeOfStep(group, rollout, step) === -1) return;
			firstErrors.set(rollout, { step, confirmed: told.confirmed[index] === 1, text: told.texts[index] ?? "" });
		});
		this.firstErrors = firstErrors;
	}

	private takeReference(
		group: Group,
		told: { ways: string[][]; rollouts: { rollout: number; way: number; taken: Int32Array }[] },
	): void {
		const covered = new Map<number, string>();
		const missed = new Map<number, string[]>();
		const coverage = new Map<number, number>();
		for (const { rollout, way, taken } of told.rollouts) {
			const titles = told.ways[way] ?? [];
			const steps = taken.reduce((count, step) => count + (step === -1 ? 0 : 1), 0);
			coverage.set(rollout, titles.length === 0 ? 1 : steps / titles.length);
			titles.forEach((title, index) => {
				const step = taken[index] ?? -1;
				const node = step === -1 ? -1 : nodeOfStep(group, rollout, step);
				if (node !== -1) covered.set(node, title);
				else missed.set(rollout, [...(missed.get(rollout) ?? []), title]);
			});
		}
		this.ways = told.ways;
		this.covered = covered;
		this.coverage = coverage;
		this.missed = missed;
	}
}
