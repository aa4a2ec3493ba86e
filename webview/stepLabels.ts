// What nodes' steps are called, asked for when they come onto the screen and kept for a while.
import type { Connection } from "./pageModel.ts";

const KEPT = 30_000;
/** The host answers no more than this at once. */
const MOST_AT_ONCE = 4000;

export class StepLabels {
	private readonly connection: Connection;
	private readonly known = new Map<number, string>();
	private readonly wanted = new Set<number>();
	private generation = 0;

	constructor(connection: Connection) {
		this.connection = connection;
	}

	/** Another tree: its nodes have the numbers of others. */
	forget(generation: number): void {
		this.generation = generation;
		this.known.clear();
		this.wanted.clear();
	}

	get(node: number): string | null {
		return this.known.get(node) ?? null;
	}

	/** Asks for labels that are not known. Answers whether any was told. */
	async want(nodes: Iterable<number>): Promise<boolean> {
		const { generation } = this;
		const missing = [...nodes].filter((node) => node > 0 && !this.known.has(node) && !this.wanted.has(node));
		if (missing.length === 0) return false;
		const asked = missing.slice(0, MOST_AT_ONCE);
		for (const node of asked) this.wanted.add(node);
		const answer = await this.connection.ask("labels", { generation, nodes: Int32Array.from(asked) });
		if (generation !== this.generation) return false;
		for (const node of asked) this.wanted.delete(node);
		if (!answer.ok) return false;
		answer.value.labels.forEach((label, index) => {
			this.known.set(asked[index] as number, label);
		});
		for (const oldest of this.known.keys()) {
			if (this.known.size <= KEPT) break;
			this.known.delete(oldest);
		}
		return true;
	}
}
