// Which rollout or step to label next.
import type { Random } from "../math/random.ts";
import type { Step } from "../model/trajectory.ts";
import type { PlacedLabel } from "./rolloutLabels.ts";

/** Share of the queue that is drawn at random, so that agreement and calibration stay unbiased. */
export const RANDOM_SHARE = 0.1;

/** The agent's next step without a rating of `annotator`, after `from` and then from the start; null where all are rated. */
export function nextUnrated(
	steps: readonly Step[],
	labels: readonly PlacedLabel[],
	annotator: string,
	from: number,
): number | null {
	const rated = new Set(
		labels.flatMap(({ event, step }) =>
			event.change.kind === "rating" && event.annotator === annotator ? [step] : [],
		),
	);
	const open = steps.filter(({ role, step }) => role === "agent" && !rated.has(step));
	return (open.find(({ step }) => step > from) ?? open[0])?.step ?? null;
}

/** Steps whose ratings differ between annotators, in order: what there is to talk about. */
export function disputedSteps(labels: readonly PlacedLabel[]): number[] {
	const ratings = new Map<number, Set<number | null>>();
	for (const { event, step } of labels) {
		if (event.change.kind !== "rating" || step === null) continue;
		const given = ratings.get(step) ?? new Set();
		ratings.set(step, given.add(event.change.rating));
	}
	return [...ratings].flatMap(([step, given]) => (given.size > 1 ? [step] : [])).sort((a, b) => a - b);
}

/**
 * The order in which to label: by `urgency` (most urgent first), with every tenth place on average given to one drawn at
 * random from what is left.
 */
export function queueOf<Item>(items: readonly Item[], urgency: (item: Item) => number, random: Random): Item[] {
	const left = items.map((item) => ({ item, urgency: urgency(item) })).sort((a, b) => b.urgency - a.urgency);
	const taken = new Uint8Array(left.length);
	const order: Item[] = [];
	let next = 0;
	while (order.length < left.length) {
		while (taken[next] === 1) next++;
		const drawn = random() < RANDOM_SHARE ? next + Math.floor(random() * (left.length - next)) : next;
		const place = taken[drawn] === 1 ? next : drawn;
		taken[place] = 1;
		order.push((left[place] as { item: Item }).item);
	}
	return order;
}
