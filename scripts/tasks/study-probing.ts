// npm run study:probing [-- FAILURES]: measures the searches on simulated failures and on failures of the practice world, and
// writes docs/probing.md with its curves and its table of goals. Takes some twenty minutes with 500 failures a bin.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SKILLS } from "../../examples/practice/src/world/skill.ts";
import { clusterBootstrap, type Interval, wilson } from "../../src/core/math/intervals.ts";
import { seededRandom } from "../../src/core/math/random.ts";
import { adaptive } from "../../src/core/probing/adaptive.ts";
import { root } from "../../test/support/paths.ts";
import { type PracticeFailure, practiceFailures } from "../../test/support/practiceFailures.ts";
import { PLAIN, type ProbeCase, type Run, summarize, type World } from "../../test/support/probeWorlds.ts";
import {
	adaptiveOutcomes,
	boundOf,
	drawCases,
	fixedOutcomes,
	type Outcomes,
	outcomesOf,
	pointOf,
	publishedOutcomes,
	rolloutsAt,
	searchAll,
	spentOutcomes,
} from "../../test/support/probingStudy.ts";
import { type Curve, drawCurves } from "../support/curves.ts";

const failures = Number(process.argv[2] ?? 500);
if (!Number.isInteger(failures) || failures < 2) {
	console.error("usage: npm run study:probing [-- FAILURES]");
	process.exit(2);
}
const ACCURACY = 0.9;
const BUDGET = 32;
/** Enough for nearly every search to end by itself. */
const WIDE = 96;
const NOISE = 0.02;
const BATCH = 4;
const DRAWS = 300;

interface Measured {
	value: number;
	interval: Interval | null;
}

/** One number that was promised: at most or at least the goal. */
interface Goal {
	text: string;
	where: string;
	goal: number;
	atMost: boolean;
	measured: Measured;
}

const goals: Goal[] = [];
const sections: string[] = [];
const folder = join(root, "docs/probing");
await mkdir(folder, { recursive: true });

function table(head: string[], rows: string[][]): string {
	const lines = [head, head.map((_, column) => (column === 0 ? "---" : "---:")), ...rows];
	return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function number(value: number, digits = 2): string {
	return Number.isNaN(value) ? "–" : value.toFixed(digits);
}

function between(interval: Interval | null): string {
	return interval === null ? "–" : `${number(interval.low)}–${number(interval.high)}`;
}

function progress(text: string): void {
	console.log(`${new Date().toISOString().slice(11, 19)}  ${text}`);
}

/** A statistic over failures with its interval from failures drawn anew. */
function measured(count: number, statistic: (drawn?: Int32Array) => number): Measured {
	return { value: statistic(), interval: clusterBootstrap(count, statistic, seededRandom(5), DRAWS) };
}

function share(right: number, of: number): Measured {
	return { value: right / of, interval: wilson(right, of) };
}

/** Rollouts of one way over those of another, on the same failures. */
function quotient(part: Outcomes, whole: Outcomes): Measured {
	return measured(part.rollouts.length, (drawn) => pointOf(part, drawn).rollouts / pointOf(whole, drawn).rollouts);
}

/** Rollouts that the curve needs for the accuracy of another way, over that way's own. */
function quotientAt(curve: readonly Outcomes[], other: Outcomes): Measured {
	return measured(other.rollouts.length, (drawn) => {
		const { accuracy, rollouts } = pointOf(other, drawn);
		return rolloutsAt(pointsOf(curve, drawn), accuracy) / rollouts;
	});
}

function pointsOf(curve: readonly Outcomes[], drawn?: Int32Array) {
	return curve.map((outcomes) => pointOf(outcomes, drawn));
}

/** The fixed search that reaches the accuracy with the fewest rollouts, chosen in hindsight; undefined where none does. */
function bestFixed(curve: readonly Outcomes[]): number {
	return curve.findIndex((outcomes) => pointOf(outcomes).accuracy >= ACCURACY);
}

function accuracyOf({ right }: Outcomes): Measured {
	return share(
		right.reduce((sum, one) => sum + one, 0),
		right.length,
	);
}

const ACCURACIES = Array.from({ length: 14 }, (_, index) => 0.3 + index * 0.05);

/** Accuracy against rollouts, with the bound. */
async function drawStudy(file: string, title: string, cases: readonly ProbeCase[], curves: Curve[]): Promise<void> {
	const bound = ACCURACIES.map((accuracy) => ({ x: boundOf(cases, accuracy), y: accuracy }));
	const all = [...curves, { name: "bound", points: bound, dashed: true }];
	await writeFile(join(folder, file), drawCurves(all, { x: "rollouts", y: "accuracy", title }));
	sections.push(`![${title}: accuracy against rollouts of each search, with the bound](probing/${file})`);
}

function curveOf(name: string, outcomes: readonly Outcomes[]): Curve {
	return { name, points: pointsOf(outcomes).map(({ accuracy, rollouts }) => ({ x: rollouts, y: accuracy })) };
}

async function idealSection(): Promise<void> {
	sections.push(
		"## 1. The ideal setting",
		'Simulated: the step is drawn uniformly from 1 to K and "none", every recoverable prefix succeeds with the same p, the verifier never errs, the outcomes of eight other rollouts are known. Rollouts at accuracy 0.90; *bound* is the least that any search could need (Fano\'s inequality over the capacity of the Z channel). *Fixed* is the inclusive search with the smallest fixed number of tries that reaches 0.90, chosen in hindsight; *published* is Algorithm 1 with three tries. Both are set against the adaptive search at their own accuracy.',
	);
	const rows: string[][] = [];
	for (const steps of [8, 16, 32]) for (const value of [0.2, 0.4, 0.6, 0.8]) rows.push(await idealRow(steps, value));
	sections.push(
		table(
			[
				"",
				"bound",
				"p known",
				"÷ bound",
				"p learned",
				"fixed: tries, accuracy, rollouts",
				"adaptive ÷ fixed",
				"published: accuracy, rollouts",
				"adaptive ÷ published",
			],
			rows,
		),
	);
}

async function idealRow(steps: number, value: number): Promise<string[]> {
	const where = `K = ${steps}, p = ${value}`;
	const cases = drawCases({ ...PLAIN, steps, value }, failures);
	const known = adaptiveOutcomes(cases, () => ({ knownValue: value }));
	const learned = adaptiveOutcomes(cases);
	const fixed = fixedOutcomes(cases);
	const published = publishedOutcomes(cases);
	const bound = boundOf(cases, ACCURACY);
	const toBound = measured(failures, (drawn) => rolloutsAt(pointsOf(known, drawn), ACCURACY) / bound);
	goals.push({ text: "1. known p, times the bound", where, goal: 1.2, atMost: true, measured: toBound });
	const best = bestFixed(fixed);
	const toFixed = best === -1 ? null : quotientAt(learned, fixed[best] as Outcomes);
	if (toFixed !== null) {
		goals.push({ text: "1. times the best fixed search", where, goal: 0.9, atMost: true, measured: toFixed });
		if (steps >= 16 && value >= 0.4)
			goals.push({ text: "1. the same, K ≥ 16 and p ≥ .4", where, goal: 0.8, atMost: true, measured: toFixed });
	}
	const toPublished = quotientAt(learned, published);
	if (value >= 0.4) publishedGoal(value <= 0.6, where, toPublished);
	if (steps === 16 && value !== 0.6)
		await drawStudy(`ideal-p${value * 10}.svg`, where, cases, [
			curveOf("adaptive, p learned", learned),
			curveOf("adaptive, p known", known),
			curveOf("inclusive, fixed tries", fixed),
		]);
	progress(`ideal setting, ${where}`);
	return [
		where,
		number(bound, 1),
		number(rolloutsAt(pointsOf(known), ACCURACY), 1),
		number(toBound.value),
		number(rolloutsAt(pointsOf(learned), ACCURACY), 1),
		best === -1 ? "–" : `${best + 1}, ${pointText(fixed[best] as Outcomes)}`,
		number(toFixed?.value ?? Number.NaN),
		pointText(published),
		number(toPublished.value),
	];
}

function pointText(outcomes: Outcomes): string {
	const { accuracy, rollouts } = pointOf(outcomes);
	return `${number(accuracy)}, ${number(rollouts, 1)}`;
}

function publishedGoal(middling: boolean, where: string, toPublished: Measured): void {
	const text = middling ? "1. times the published, p .4–.6" : "1. times the published, p ≥ .75";
	goals.push({ text, where, goal: middling ? 0.85 : 0.65, atMost: true, measured: toPublished });
}

function evidenceSection(): void {
	const rows: string[][] = [];
	for (const steps of [8, 16, 32]) {
		const world: World = { ...PLAIN, steps, value: 0.5 };
		const right = [0.7, 0.35, 3 / (steps + 1)];
		const shares = right.map((topThree) => {
			const cases = drawCases({ ...world, topThree }, failures);
			const without = outcomesOf(
				searchAll(
					cases.map((one) => ({ ...one, evidence: null })),
					adaptive,
				),
			);
			return quotient(outcomesOf(searchAll(cases, adaptive)), without);
		});
		const where = `K = ${steps}, p = 0.5`;
		const [useful, , useless] = shares as [Measured, Measured, Measured];
		if (steps !== 16) {
			const text = `2. evidence right in .7, K ${steps === 8 ? "= 8" : "≥ 32"}`;
			goals.push({ text, where, goal: steps === 8 ? 0.85 : 0.7, atMost: true, measured: useful });
		}
		goals.push({ text: "2. useless evidence", where, goal: 1.15, atMost: true, measured: useless });
		rows.push([String(steps), ...shares.map(({ value, interval }) => `${number(value)} (${between(interval)})`)]);
		progress(`evidence, K = ${steps}`);
	}
	sections.push(
		"## 2. Starting from the evidence",
		"Simulated. Rollouts to a verdict at 0.90 as a share of those without evidence, p = 0.5. The evidence always claims that its first three steps hold the truth with 0.70; in truth they do in the share named.",
		table(["K", "right in 0.70", "right in 0.35", "useless (chance)"], rows),
	);
}

function honestySection(): void {
	const rows: string[][] = [];
	for (const values of ["alike", "spread", "falling"] as const) {
		for (const value of [0.2, 0.4, 0.6, 0.8]) {
			for (const noise of [0, NOISE]) {
				const cases = drawCases({ ...PLAIN, value, values }, failures);
				const verifier = { falsePositive: noise, falseNegative: noise };
				const runs = searchAll(cases, adaptive, { verifier, budget: WIDE }, noise);
				const { stated, statedRight, statedNear, rollouts } = summarize(runs);
				const where = `${values}, p = ${value}`;
				if (value >= 0.4) honestyGoals(runs, where, values === "alike" && noise === 0, noise > 0);
				rows.push([
					values,
					String(value),
					noise === 0 ? "never" : "2 %",
					number(stated),
					number(statedRight),
					number(statedNear),
					number(rollouts, 1),
				]);
			}
		}
		progress(`honesty, values ${values}`);
	}
	sections.push(
		"## 3. What a verdict at 0.90 is worth",
		`Simulated, K = 16, at most ${WIDE} rollouts. *Spread*: values of prefixes are drawn from a beta distribution of strength 4 around p. *Falling*: p / 2 and p / 4 just before the step. The verifier's error rate is in the likelihood, as a self-test would give it. What is not stated is "unresolved", with an interval.`,
		table(["values", "p", "verifier errs", "stated", "of those right", "within one step", "rollouts"], rows),
	);
}

function honestyGoals(runs: readonly Run[], where: string, ideal: boolean, noisy: boolean): void {
	const stated = runs.filter(({ answer }) => answer !== null);
	const right = share(stated.filter(({ answer, truth }) => answer === truth).length, stated.length);
	const near = stated.filter(({ answer, truth }) => Math.abs((answer as number) - truth) <= 1).length;
	if (ideal) goals.push({ text: "3. stated ones right, ideal", where, goal: 0.85, atMost: false, measured: right });
	if (!noisy) return;
	goals.push({ text: "3. stated ones right, 2 % noise", where, goal: 0.8, atMost: false, measured: right });
	goals.push({
		text: "3. within one step, 2 % noise",
		where,
		goal: 0.95,
		atMost: false,
		measured: share(near, stated.length),
	});
}

function budgetSection(): void {
	const rows: string[][] = [];
	for (const steps of [8, 16, 32]) {
		const cells = [0.2, 0.5, 0.8].map((value) => {
			const cases = drawCases({ ...PLAIN, steps, value }, failures);
			const own = accuracyOf(spentOutcomes(cases, BUDGET));
			const where = `K = ${steps}`;
			if (value === 0.5) goals.push({ text: "4. budget 32, p = .5", where, goal: 0.95, atMost: false, measured: own });
			if (value === 0.2) goals.push({ text: "4. budget 32, p = .2", where, goal: 0.6, atMost: false, measured: own });
			return `${number(own.value)} (${number(pointOf(publishedOutcomes(cases)).accuracy)})`;
		});
		rows.push([String(steps), ...cells]);
		progress(`budget, K = ${steps}`);
	}
	sections.push(
		"## 4. A budget of 32",
		"Simulated. Share of failures whose likeliest answer is right when all 32 rollouts are spent; p learned from eight rollouts, no evidence. In brackets: Algorithm 1 with three tries.",
		table(["K", "p = 0.2", "p = 0.5", "p = 0.8"], rows),
	);
}

function batchSection(): void {
	const rows: string[][] = [];
	for (const steps of [16, 32]) {
		for (const value of [0.2, 0.5]) {
			const where = `K = ${steps}, p = ${value}`;
			const { rollouts, rounds } = batchShares(drawCases({ ...PLAIN, steps, value }, failures), where, {});
			rows.push([where, number(rollouts.value), number(rounds.value)]);
			progress(`batches, ${where}`);
		}
	}
	sections.push(
		"## 5. Four at a time",
		"Simulated. Batches of four, chosen by what they tell together, against one at a time, to a verdict at 0.90.",
		table(["", "× rollouts", "× rounds"], rows),
	);
}

function batchShares(cases: readonly ProbeCase[], where: string, settings: object) {
	const single = searchAll(cases, adaptive, settings);
	const batched = searchAll(cases, adaptive, { ...settings, batch: BATCH });
	const rollouts = quotient(outcomesOf(batched), outcomesOf(single));
	const roundsOf = (runs: readonly Run[]) => ({
		...outcomesOf(runs),
		rollouts: Float64Array.from(runs, (run) => run.rounds),
	});
	const rounds = quotient(roundsOf(batched), roundsOf(single));
	goals.push({ text: "5. batches of four: times the rollouts", where, goal: 1.6, atMost: true, measured: rollouts });
	goals.push({ text: "5. batches of four: times the rounds", where, goal: 0.45, atMost: true, measured: rounds });
	return { rollouts, rounds };
}

const BINS = { strong: "0.70–0.95", middle: "0.30–0.70", weak: "0.10–0.30" };

async function practiceSection(): Promise<void> {
	sections.push(
		"## 6. The practice world",
		`${failures} failures of each of three agents, on held-out tasks with held-out kinds of slip; the value just before the step lies in ${BINS.strong} (strong), ${BINS.middle} (middle) and ${BINS.weak} (weak), and other prefixes have values of their own. Weights of the evidence come from the other tasks and slips. The bound takes every prefix for its failure's mean value.`,
	);
	const rows: string[][] = [];
	for (const skill of SKILLS) {
		const found = practiceFailures(skill, failures);
		if (found.length < failures) throw new Error(`only ${found.length} failures of skill ${skill}`);
		const where = `practice world, ${skill}`;
		const blind = found.map((one) => ({ ...one, evidence: null }));
		await practiceCurves(skill, where, found, blind);
		for (const noise of [0, NOISE]) {
			for (const cases of [found, blind]) {
				const verifier = { falsePositive: noise, falseNegative: noise };
				const runs = searchAll(cases, adaptive, { verifier, budget: WIDE }, noise);
				const { stated, statedRight, statedNear, rollouts } = summarize(runs);
				if (cases === found && skill !== "weak") honestyGoals(runs, where, noise === 0, noise > 0);
				rows.push([
					skill,
					cases === found ? "yes" : "no",
					noise === 0 ? "never" : "2 %",
					number(stated),
					number(statedRight),
					number(statedNear),
					number(rollouts, 1),
					number(pointOf(spentOutcomes(cases, BUDGET)).accuracy),
				]);
			}
		}
		if (skill !== "strong") batchShares(found, where, { budget: WIDE });
		progress(where);
	}
	sections.push(
		`Verdicts at 0.90 with at most ${WIDE} rollouts, and the share of right guesses when ${BUDGET} are spent:`,
		table(
			["agent", "evidence", "verifier errs", "stated", "of those right", "within one step", "rollouts", "guess at 32"],
			rows,
		),
	);
}

async function practiceCurves(
	skill: (typeof SKILLS)[number],
	where: string,
	found: readonly PracticeFailure[],
	blind: readonly ProbeCase[],
): Promise<void> {
	const withEvidence = adaptiveOutcomes(found);
	const without = adaptiveOutcomes(blind);
	const fixed = fixedOutcomes(blind);
	const published = publishedOutcomes(blind);
	const best = bestFixed(fixed);
	const toFixed = best === -1 ? null : quotientAt(without, fixed[best] as Outcomes);
	const toPublished = quotientAt(without, published);
	if (toFixed !== null)
		goals.push({ text: "1. times the best fixed search", where, goal: 0.9, atMost: true, measured: toFixed });
	if (skill !== "weak") publishedGoal(skill === "middle", where, toPublished);
	const at = CONFIDENCE_AT_NINETY;
	const saved = quotient(withEvidence[at] as Outcomes, without[at] as Outcomes);
	goals.push({ text: "2. evidence, its top 3 ≥ .7", where, goal: 0.85, atMost: true, measured: saved });
	const budget = accuracyOf(spentOutcomes(blind, BUDGET));
	if (skill === "middle")
		goals.push({ text: "4. budget 32, p = .5", where, goal: 0.95, atMost: false, measured: budget });
	if (skill === "weak") goals.push({ text: "4. budget 32, p = .2", where, goal: 0.6, atMost: false, measured: budget });
	const ranked = (places: number) => found.filter(({ rank }) => rank >= 1 && rank <= places).length / failures;
	const steps = found.reduce((sum, one) => sum + one.steps, 0) / failures;
	sections.push(
		`**${skill}**: ${number(steps, 1)} steps each; the evidence ranks the step first in ${number(ranked(1))} and among the first three in ${number(ranked(3))}. Adaptive without evidence needs ${toFixed === null ? "–" : number(toFixed.value)} of the rollouts of the best fixed search (${best === -1 ? "none reaches 0.90" : `${best + 1} tries`}) and ${number(toPublished.value)} of those of Algorithm 1 (accuracy ${number(pointOf(published).accuracy)}) at their own accuracies; with evidence ${number(saved.value)} of those without.`,
	);
	await drawStudy(`practice-${skill}.svg`, where, found, [
		curveOf("adaptive, with evidence", withEvidence),
		curveOf("adaptive, without", without),
		curveOf("inclusive, fixed tries", fixed),
		curveOf("Algorithm 1, three tries", [published]),
	]);
}

/** Where the curves of the adaptive search stand for a verdict at 0.90. */
const CONFIDENCE_AT_NINETY = 6;

/** The worst cell of every goal. */
function goalTable(): string {
	const rows = [...Map.groupBy(goals, ({ text, goal }) => `${text}\n${goal}`).values()].map((cells) => {
		const worst = cells.reduce((one, other) => {
			const further = other.atMost
				? other.measured.value > one.measured.value
				: other.measured.value < one.measured.value;
			return further ? other : one;
		});
		const { text, goal, atMost, where, measured: found } = worst;
		const met = atMost ? found.value <= goal : found.value >= goal;
		const all = cells.filter(({ measured: { value } }) => (atMost ? value <= goal : value >= goal)).length;
		return [
			text,
			`${atMost ? "≤" : "≥"} ${goal}`,
			`${number(found.value)} (${between(found.interval)})`,
			where,
			met ? "met" : `${all} of ${cells.length}`,
		];
	});
	rows.sort(([one], [other]) => (one as string).localeCompare(other as string));
	return table(["goal", "", "worst cell, 95 % interval", "which", "cells met"], rows);
}

await idealSection();
evidenceSection();
honestySection();
budgetSection();
batchSection();
await practiceSection();
const page = `# How good probing is

Written by \`npm run study:probing\`, which takes it all again; ${failures} failures a cell. What the searches are and when to use
which is in [first-error.md](first-error.md).

## Goals

Every goal with the cell that comes out worst: its number is what counts. Shares have Wilson intervals, quotients intervals
from failures drawn anew.

${goalTable()}

${sections.join("\n\n")}
`;
await writeFile(join(root, "docs/probing.md"), page);
console.log("written to docs/probing.md");
