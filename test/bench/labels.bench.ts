// A hundred thousand labels: agreement of three annotators with intervals, and taking in one label more and placing it on
// its rollout. Saving it to the disk is not part of the second.
import { agreementOf, firstErrorAgreement, NO_ERROR } from "../../src/core/labels/agreement.ts";
import { addEvent, emptyBook, type LabelBook } from "../../src/core/labels/book.ts";
import type { Judgement } from "../../src/core/labels/judgement.ts";
import { labelsOf } from "../../src/core/labels/rolloutLabels.ts";
import { seededRandom } from "../../src/core/math/random.ts";
import type { Rollout } from "../../src/core/model/trajectory.ts";
import type { Benchmark, BenchmarkRow } from "../support/benchmark.ts";
import { label } from "../support/labels.ts";
import { draw } from "../support/rollouts.ts";

const LABELS = 100_000;
const TASKS = 500;
const STEPS = 100;

function judgements(value: () => number | string): Judgement[] {
	return Array.from({ length: LABELS }, (_, index) => {
		const unit = Math.floor(index / 3);
		return { unit: String(unit), cluster: String(unit % TASKS), annotator: String(index % 3), value: value() };
	});
}

function timed(measure: string, run: () => void): BenchmarkRow {
	const start = performance.now();
	run();
	return { measure, value: performance.now() - start, unit: "ms", baseline: null, ratio: null };
}

function labelledRollouts(): { book: LabelBook; rollouts: Rollout[] } {
	const book = emptyBook();
	const rollouts = Array.from({ length: LABELS / STEPS }, (_, number) =>
		draw(`t/${number}`, Array.from({ length: STEPS }, (_, step) => `look(${number}.${step}) = ok`).join("\n")),
	);
	for (const rollout of rollouts) {
		const first = label(rollout, 0, { kind: "rating", rating: 1 });
		for (let step = 0; step < STEPS; step++)
			addEvent(book, { ...first, id: `${rollout.id} ${step}`, subject: { ...first.subject, step } });
	}
	return { book, rollouts };
}

async function run(): Promise<BenchmarkRow[]> {
	const random = seededRandom(1);
	const ratings = judgements(() => Math.floor(random() * 3) - 1);
	const positions = judgements(() => (random() < 0.3 ? NO_ERROR : Math.floor(random() * 40)));
	const { book, rollouts } = labelledRollouts();
	const rollout = rollouts[7] as Rollout;
	return [
		timed("agreement on 100,000 ratings, three alphas with intervals", () => {
			agreementOf(ratings, ["nominal", "ordinal", "interval"]);
		}),
		timed("agreement on 100,000 first errors with intervals", () => {
			firstErrorAgreement("firstWrong", positions);
		}),
		timed("one label more among 100,000, placed on its rollout of 100 steps", () => {
			addEvent(book, label(rollout, 3, { kind: "rating", rating: -1 }));
			labelsOf(book, rollout);
		}),
	];
}

const benchmark: Benchmark = { name: "Labels", run };
export default benchmark;
