// The rollouts of a group under every estimator side by side, and the chosen one with and without the rollouts that do not
// count.
import type { Batch } from "../advantages/batch.ts";
import { batchOf } from "../advantages/batchOf.ts";
import { type Advantages, type Reading, readingAt } from "../advantages/estimator.ts";
import { withoutRollouts } from "../advantages/exclude.ts";
import { sourceLine } from "../advantages/explain.ts";
import { ESTIMATORS } from "../advantages/registry.ts";
import type { Attempt } from "../metrics/metric.ts";
import { ownRule, validityOf, validityText } from "../metrics/validity.ts";
import { outcomeWord, reward, signed } from "../text/format.ts";
import { type Block, type Cell, heading, left, linkTo, quoted, right, table, text } from "./report.ts";
import type { ReportKind, ReportSettings, Subject } from "./subject.ts";

/** Rollouts that fit beside each other. */
const MOST_COLUMNS = 8;

function make({ attempts, partial, name, settings }: Subject) {
	const batch = batchOf(attempts, { partial });
	const byKey = new Map(attempts.map((attempt) => [attempt.summary.key, attempt]));
	const members = batch.members.flatMap(({ key }) => byKey.get(key) ?? []);
	return {
		title: `Advantages: ${name}`,
		blocks: [...chosenEstimator(batch, members, settings), ...allEstimators(batch, members)],
	};
}

function chosenEstimator(batch: Batch, members: readonly Attempt[], { estimator, set }: ReportSettings): Block[] {
	const { own } = ownRule(set);
	const verdicts = members.map((attempt) => validityOf(attempt, own));
	const excluded = Uint8Array.from(verdicts, ({ kind }) => (kind === "valid" ? 0 : 1));
	const valid = withoutRollouts(batch, excluded);
	const among = [
		{ batch, advantages: estimator.compute(batch) },
		{ batch: valid, advantages: estimator.compute(valid) },
	];
	return [
		text(`**${estimator.title}**: ${estimator.formula}. ${sourceLine(estimator)}.`),
		heading("With and without the rollouts that do not count"),
		...table(
			[
				left("rollout"),
				left("outcome"),
				right("reward"),
				left("counts?"),
				right("A among all"),
				right("A among valid"),
			],
			members.map((attempt, rollout): Cell[] => {
				const { summary } = attempt;
				const verdict = verdicts[rollout];
				return [
					linkTo(quoted(summary.id, 40), summary.key, null),
					outcomeWord(summary.outcome),
					reward(summary.reward),
					verdict === undefined ? "" : validityText(verdict),
					...among.map((of) => readingText(ofRollout(of.batch, of.advantages, rollout))),
				];
			}),
		),
	];
}

/** The rollout's own number, or the mean over the agent's steps where the estimator speaks of steps. */
function ofRollout(batch: Batch, advantages: Advantages, rollout: number): Reading {
	if (advantages.level === "rollout") return readingAt(batch, advantages, { rollout, step: null });
	const readings: Reading[] = [];
	const end = batch.stepStart[rollout + 1] as number;
	for (let step = batch.stepStart[rollout] as number; step < end; step++) {
		if (batch.stepActs[step] === 1) readings.push(readingAt(batch, advantages, { rollout, step }));
	}
	const numbers = readings.flatMap(({ value }) => value ?? []);
	if (numbers.length === 0) return readings[0] ?? { value: null, reason: "no step of the agent", error: null };
	return { value: numbers.reduce((sum, value) => sum + value, 0) / numbers.length, reason: null, error: null };
}

function readingText({ value, reason }: Reading): string {
	return value === null ? (reason ?? "–") : signed(value, 3);
}

function allEstimators(batch: Batch, members: readonly Attempt[]): Block[] {
	const shown = members.slice(0, MOST_COLUMNS);
	const computed: Cell[][] = [];
	const silent: Cell[][] = [];
	for (const estimator of ESTIMATORS) {
		const advantages = estimator.compute(batch);
		const readings = shown.map((_, rollout) => ofRollout(batch, advantages, rollout));
		if (readings.every(({ value }) => value === null)) {
			silent.push([estimator.title, readings[0]?.reason ?? "nothing to compute"]);
			continue;
		}
		const numbers = readings.map(({ value }) => (value === null ? "–" : signed(value)));
		computed.push([estimator.title, estimator.level, estimator.std, ...numbers]);
	}
	return [
		heading("Every estimator"),
		text(
			`One number a rollout; where an estimator gives one to each token, step or branch, the mean over the agent's steps. Rollouts are named without what their names share.${members.length > MOST_COLUMNS ? ` The first ${MOST_COLUMNS} of ${members.length} rollouts.` : ""}`,
		),
		...table(
			[
				left("estimator"),
				left("level"),
				left("std"),
				...distinguished(shown.map(({ summary }) => summary.id)).map(right),
			],
			computed,
		),
		...(silent.length === 0 ? [] : [heading("Estimators that have no number here, and why")]),
		...table([left("estimator"), left("reason")], silent),
	];
}

/** Ids without the folders that all of them share: `lamp/0` and `lamp/1` are 0 and 1 here. */
function distinguished(ids: readonly string[]): string[] {
	const shared = (ids[0] ?? "").slice(0, (ids[0] ?? "").lastIndexOf("/") + 1);
	const common = ids.length > 1 && ids.every((id) => id.startsWith(shared)) ? shared.length : 0;
	return ids.map((id) => quoted(id.slice(common), 16));
}

export const advantagesReport: ReportKind = {
	id: "advantages",
	title: "Advantages under All Estimators",
	summary: "each rollout of a group under every estimator, and with and without the rollouts that do not count",
	about: "task",
	wider: false,
	make,
};
