// RuCL (arXiv 2602.21628): rubrics sorted into easy and hard by how often they are passed, and a reward that moves its
// weight from the easy to the hard ones once the easy ones are mastered.
import type { Parameter } from "../advantages/estimator.ts";
import { asBoolean, asNumber, type JsonValue, member } from "../model/json.ts";
import type { Rollout } from "../model/trajectory.ts";
import { loggedNumber, loggedObject } from "./logged.ts";
import {
	averaged,
	type Metric,
	type MetricContext,
	type MetricValue,
	metricNumber,
	metricValue,
	type RunView,
	successOf,
	wholeRun,
} from "./metric.ts";

export interface RubricStatistics {
	name: string;
	/** Share of rollouts to which the rubric applies. */
	coverage: number;
	/** Passes among those. */
	passRate: number;
	/** Coefficient of variation sqrt(1/p - 1): large for hard rubrics; Infinity at p = 0, where it is dropped. */
	variation: number;
	stratum: "easy" | "hard" | "dropped";
}

export function coefficientOfVariation(passRate: number): number {
	return passRate === 0 ? Number.POSITIVE_INFINITY : Math.sqrt(1 / passRate - 1);
}

/** Answer and rubrics: alpha R_answer + (1 - alpha) [(1 - lambda) R_easy + lambda R_hard]. */
export function rubricReward(answer: number, easy: number, hard: number, lambda: number, alpha = 0.7): number {
	return alpha * answer + (1 - alpha) * ((1 - lambda) * easy + lambda * hard);
}

/**
 * lambda at the end of a history of batch means of the easy rubrics: 0 until the mean has stayed at 0.9 or more for
 * `patience` steps, then a sigmoid from 0 to 1 over `ramp` steps.
 */
export function curriculumWeight(easyMeans: readonly number[], patience = 20, ramp = 100): number {
	let streak = 0;
	for (const [step, mean] of easyMeans.entries()) {
		streak = mean >= 0.9 ? streak + 1 : 0;
		if (streak < patience) continue;
		const progress = Math.min(1, (easyMeans.length - 1 - step) / ramp);
		const scaled = (at: number) => 1 / (1 + Math.exp(-10 * (at - 0.5)));
		return (scaled(progress) - scaled(0)) / (scaled(1) - scaled(0));
	}
	return 0;
}

/** A rubric's score in a rollout; null where it does not apply. */
function scoresOf(rollout: Rollout): Map<string, number | null> {
	const logged = loggedObject(rollout, "rubrics", "rubric_scores") ?? {};
	return new Map(Object.entries(logged).map(([name, value]) => [name, scoreOf(value)]));
}

function scoreOf(value: JsonValue): number | null {
	if (member(value, "applicable") === false) return null;
	const score = member(value, "score") ?? value;
	const truth = asBoolean(score);
	return truth === null ? asNumber(score) : Number(truth);
}

/** Least coverage of a rubric that is kept. */
const COVERAGE: Parameter = {
	name: "coverage",
	default: 0.99,
	meaning: "least share of rollouts that a kept rubric applies to",
};
const LAMBDA: Parameter = { name: "lambda", default: 0, meaning: "weight of the hard rubrics, from 0 to 1" };

export function rubricStatistics(rollouts: readonly Rollout[], leastCoverage: number): RubricStatistics[] {
	const all = rollouts.map(scoresOf).filter((scores) => scores.size > 0);
	const names = [...new Set(all.flatMap((scores) => [...scores.keys()]))];
	const statistics = names.map((name): RubricStatistics => {
		const applied = all.flatMap((scores) => scores.get(name) ?? []);
		const passRate = applied.length === 0 ? 0 : applied.reduce((sum, score) => sum + score, 0) / applied.length;
		const coverage = applied.length / all.length;
		return { name, coverage, passRate, variation: coefficientOfVariation(passRate), stratum: "dropped" };
	});
	const kept = statistics
		.filter(({ coverage, passRate }) => coverage >= leastCoverage && passRate > 0)
		.sort((a, b) => a.variation - b.variation);
	kept.forEach((entry, index) => {
		entry.stratum = index < Math.ceil(kept.length / 2) ? "easy" : "hard";
	});
	return statistics;
}

function stratumMean(rollout: Rollout, statistics: readonly RubricStatistics[], stratum: "easy" | "hard"): number {
	const scores = scoresOf(rollout);
	const own = statistics.flatMap(({ name, stratum: of }) => (of === stratum ? (scores.get(name) ?? []) : []));
	return own.length === 0 ? Number.NaN : own.reduce((sum, score) => sum + score, 0) / own.length;
}

function compute(run: RunView, context: MetricContext): MetricValue[] {
	const attempts = run.tasks.flatMap((task) => task.attempts);
	const statistics = rubricStatistics(
		attempts.map(({ rollout }) => rollout),
		metricNumber("rubrics", COVERAGE, context),
	);
	if (statistics.length === 0) return [metricValue(wholeRun(run), "reward", { reason: "no rubrics are logged" })];
	const lambda = metricNumber("rubrics", LAMBDA, context);
	const rates = statistics.map((entry) => {
		const detail = [`${entry.stratum}, coverage ${entry.coverage.toFixed(3)}, variation ${entry.variation.toFixed(3)}`];
		return metricValue(wholeRun(run), `pass rate, ${entry.name}`, { value: entry.passRate, detail });
	});
	const rewards = averaged(run, "reward", (attempt) => {
		const easy = stratumMean(attempt.rollout, statistics, "easy");
		const hard = stratumMean(attempt.rollout, statistics, "hard");
		const answer = loggedNumber(attempt.rollout, "answer_reward") ?? successOf(attempt);
		if (answer === null) return { reason: "the outcome is unknown" };
		if (Number.isNaN(easy)) return { reason: "no rubrics are logged" };
		return { value: rubricReward(answer, easy, Number.isNaN(hard) ? easy : hard, lambda) };
	});
	return [...rates, ...rewards];
}

export const rubrics: Metric = {
	id: "rubrics",
	title: "Rubric strata and curriculum (RuCL)",
	formulas: [
		"variation = \u221a(1/p \u2212 1) of a rubric's pass rate p",
		"reward = 0.7 answer + 0.3 [(1 \u2212 \u03bb) easy + \u03bb hard]",
		"\u03bb = 0 until the easy mean stays at 0.9 for 20 steps, then a sigmoid to 1",
	],
	source: { title: "RuCL", reference: "arXiv 2602.21628", where: "stratification and mixing" },
	grade: "B",
	choice:
		"the mixing form is inferred; the kept rubrics are split at the median variation; the ramp takes 100 steps; pass rate 0 is dropped",
	needs: "rubrics: an object of scores, or of {applicable, score}",
	better: "higher",
	parameters: [COVERAGE, LAMBDA],
	compute,
};
