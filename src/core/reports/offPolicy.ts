// How far the trainer's policy was from the sampler's at each step of a rollout, beside advantage, value and uncertainty.

import { rolloutWithKey } from "../advantages/batch.ts";
import { batchOf } from "../advantages/batchOf.ts";
import { clipBounds } from "../advantages/clipBounds.ts";
import { readingAt } from "../advantages/estimator.ts";
import { type ClipRule, type OffPolicy, offPolicyOfRollout, uncertaintyOf } from "../advantages/offPolicy.ts";
import { suggestFirstErrors } from "../firstError/suggest.ts";
import type { Attempt } from "../metrics/metric.ts";
import { plain, signed } from "../text/format.ts";
import { type Block, type Cell, heading, left, linkTo, list, right, table, text } from "./report.ts";
import type { ReportKind, Subject } from "./subject.ts";

/** What a step's row says; null where it is not logged. */
interface StepRow {
	step: number;
	advantage: number | null;
	value: number | null;
	entropy: number | null;
	surprisal: number | null;
	view: OffPolicy | null;
	/** The bounds of ELPO's error-localised clipping. */
	bounds: { low: number; high: number; loosened: boolean } | null;
}

export function offPolicyRows(
	chosen: Attempt,
	advantageOf: (step: number) => number | null,
	critical: number | null,
	rules: readonly ClipRule[],
): StepRow[] {
	const { rollout } = chosen;
	const views = offPolicyOfRollout(rollout, advantageOf, rules);
	const bounds = clipBounds(rollout, critical);
	return rollout.steps.flatMap((step, index) => {
		if (step.role !== "agent") return [];
		const view = views[index] ?? null;
		const bound = bounds[index] ?? null;
		return [
			{ step: index, advantage: advantageOf(index), value: step.value, ...uncertaintyOf(step), view, bounds: bound },
		];
	});
}

/** First irrecoverable step of each failed rollout of a group: as labelled in the log, else as suggested. */
export function criticalSteps(group: readonly Attempt[]): (number | null)[] {
	const suggested = suggestFirstErrors(
		group.map(({ rollout }) => rollout),
		{ target: "irrecoverable" },
	);
	return group.map(({ rollout }, index) => {
		const label = rollout.labels.find(({ target, step }) => target === "irrecoverable" && step !== null);
		return label?.step ?? suggested[index]?.step ?? null;
	});
}

function make({ chosen, attempts, partial, name, settings }: Subject) {
	const title = `Off-policy numbers: ${name}`;
	if (chosen === null) return { title, blocks: [text("Choose a rollout.")] };
	const batch = batchOf(attempts, { partial });
	const advantages = settings.estimator.compute(batch);
	const place = rolloutWithKey(batch, chosen.summary.key);
	const first = place < 0 ? 0 : (batch.stepStart[place] as number);
	const advantageOf = (step: number) =>
		place < 0 ? null : readingAt(batch, advantages, { rollout: place, step: first + step }).value;
	const critical = criticalSteps(attempts)[attempts.indexOf(chosen)] ?? null;
	const rows = offPolicyRows(chosen, advantageOf, critical, settings.clipRules);
	const key = chosen.summary.key;
	return {
		title,
		blocks: [
			...numbersTable(rows, key, settings.estimator.title),
			...policyTables(rows, key, settings.clipRules),
			...boundsTable(rows, key, critical),
		],
	};
}

const number = (value: number | null, decimals = 3): string => (value === null ? "–" : plain(value, decimals));
const change = (value: number | null, decimals = 3): string => (value === null ? "–" : signed(value, decimals));

function numbersTable(rows: readonly StepRow[], key: string, estimator: string): Block[] {
	return [
		text(
			`A under ${estimator}, V as logged, entropy and surprisal as means over the step's tokens in nats; – is not logged.`,
		),
		...table(
			[right("step"), right("A"), right("V"), right("entropy"), right("surprisal")],
			rows.map((row) => [
				linkTo(`#${row.step}`, key, row.step),
				change(row.advantage),
				number(row.value),
				number(row.entropy),
				number(row.surprisal),
			]),
		),
	];
}

function policyTables(rows: readonly StepRow[], key: string, rules: readonly ClipRule[]): Block[] {
	const viewed = rows.flatMap((row) => (row.view === null ? [] : [{ ...row, view: row.view }]));
	if (viewed.length === 0) {
		return [
			heading("Trainer and sampler"),
			text(
				"Log-probabilities of sampler and trainer are not both logged: nothing is known of how far they were apart.",
			),
		];
	}
	return [
		heading("Trainer and sampler: log(trainer / sampler) of the step's trained tokens"),
		...table(
			[right("step"), right("tokens"), right("mean"), right("farthest"), right("k1 KL"), right("k3 KL")],
			viewed.map(({ step, view }): Cell[] => [
				linkTo(`#${step}`, key, step),
				String(view.tokens),
				change(view.meanLogRatio, 4),
				change(view.maxLogRatio, 4),
				change(view.k1, 4),
				number(view.k3, 4),
			]),
		),
		heading("Share of the step's tokens that each rule cuts"),
		...table(
			[right("step"), ...rules.map((rule) => right(rule.title))],
			viewed.map(({ step, view }): Cell[] => [
				linkTo(`#${step}`, key, step),
				...rules.map((rule) => number(view.clipped.get(rule.id) ?? null)),
			]),
		),
		list(rules.map(ruleLine)),
	];
}

function ruleLine(rule: ClipRule): string {
	const high = Number.isFinite(rule.high) ? plain(rule.high, 4) : "∞";
	const what = rule.cuts === "weight" ? "the weight is cut" : "the gradient stops on the side that A forbids";
	const level = rule.level === "sequence" ? "ratio of the whole response" : "ratio of each token";
	return `${rule.title}: ${plain(rule.low, 4)} to ${high}, ${level}, ${what} (${rule.source.reference}, ${rule.source.where})`;
}

function boundsTable(rows: readonly StepRow[], key: string, critical: number | null): Block[] {
	const loosened = rows.filter((row) => row.bounds?.loosened === true);
	if (critical === null || loosened.length === 0) return [];
	return [
		heading("Error-localised clipping (ELPO, equations 11-12)"),
		text(`From the first irrecoverable step, #${critical}, to the end of a failed rollout the lower bound is looser.`),
		...table(
			[right("step"), right("lowest ratio"), right("highest ratio"), left("remark")],
			rows.map((row): Cell[] => [
				linkTo(`#${row.step}`, key, row.step),
				number(row.bounds?.low ?? null),
				number(row.bounds?.high ?? null),
				row.bounds?.loosened === true ? "looser" : "",
			]),
		),
	];
}

export const offPolicyReport: ReportKind = {
	id: "off-policy",
	title: "Off-Policy Numbers",
	summary: "per step: A, V, entropy, surprisal, log-ratios of trainer and sampler, shares that clipping cuts",
	about: "rollout",
	wider: false,
	make,
};
